"""`python -m bench`: everything measured, beside its references, in one run."""

import argparse
import sys
from pathlib import Path

import pytest

ROOM = Path(__file__).parent
QUIETLY = ("--benchmark-only", "--benchmark-quiet", "--timeout=0", "-qq", "-rN", "--tb=short")
"""How pytest measures and leaves the telling to the report."""

NOT_HERE = ("quality", "scale", "stress")
"""Rooms with commands of their own."""


def main(words: list[str]) -> int:
    """Measure, print the table, write the report; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", default="", help="benches and figures with this in their name")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: worse, but sooner")
    parser.add_argument("--earlier", default="", help="the JSON of a run to show beside this one")
    parser.add_argument("--report", default="build/bench", help="where, without the ending")
    given = parser.parse_args(words)
    options = [
        str(ROOM), *QUIETLY, "--continue-on-collection-errors",
        "-W", "ignore::pytest_benchmark.logger.PytestBenchmarkWarning",  # a bench that skips
        f"--only={given.only}", f"--report={given.report}", f"--earlier={given.earlier}",
        *(f"--ignore={ROOM / name}" for name in NOT_HERE),
    ]  # fmt: skip
    return int(pytest.main(options + ["--quick"] * given.quick))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
