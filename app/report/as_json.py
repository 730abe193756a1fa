"""A report as one JSON object."""

import json
from typing import Any

import msgspec

from components.advisor import Report

VERSION = 1
"""Grows when a key changes its meaning or goes; new keys may come at any time."""


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    data: dict[str, Any] = msgspec.to_builtins(report)
    return {"ok": True, "version": VERSION, **data}


def as_json(report: Report) -> str:
    """One line, ASCII alone: whatever a name holds, no terminal obeys it."""
    return json.dumps(as_data(report)) + "\n"
