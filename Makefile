# Two commands matter: `make run` opens the console, `make test` proves it.
.PHONY: help run test lint types bench peers stress scale quality pictures clean

help: ## Show what can be made
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/run.stamp: pyproject.toml constraints.txt scripts/setup.sh
	@sh scripts/setup.sh .
	@touch $@

.venv/test.stamp: .venv/run.stamp
	@sh scripts/setup.sh '.[test]'
	@touch $@

run: .venv/run.stamp ## Open the console with demo agents at work
	@.venv/bin/assent run --demo

test: .venv/test.stamp ## Everything: style, types, contracts, tests
	@sh scripts/test.sh

lint: .venv/test.stamp ## ruff only
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

types: .venv/test.stamp ## mypy only
	@.venv/bin/mypy

bench: .venv/test.stamp ## Everything measured beside its references (ONLY=hitl: a part, QUICK=1: sooner)
	@.venv/bin/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) $(if $(EARLIER),--earlier $(EARLIER))

peers: .venv/test.stamp ## Ours beside other libraries, in one run
	@.venv/bin/python -m bench.peers

stress: .venv/test.stamp ## More load than usual: ramps, callers, memory, endurance, bursts (5 min)
	@.venv/bin/python -m bench.stress $(ARGS)

scale: .venv/test.stamp ## How operations grow, and what a thousand agents need
	@.venv/bin/python -m bench.scale $(ARGS)

quality: .venv/test.stamp ## How good the screens are on recorded data: one table, and JSON
	@.venv/bin/python -m bench.quality

pictures: .venv/run.stamp ## The README's pictures, from a running console
	@.venv/bin/python scripts/pictures.py

clean: ## Remove what was installed and made
	@rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
