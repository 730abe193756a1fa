#!/bin/sh
# The whole test run: style, types, then the tests (import contracts are among them).
set -eu
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
exec .venv/bin/python -m pytest -n auto --dist loadfile "$@"
