"""`python -m bench.stress`: what happens to components and node under more load than usual."""

import argparse
import sys
from collections.abc import Sequence

from msgspec.structs import replace

from bench.report import save, table
from bench.stress import concurrent, endurance, memory, throughput, waiting
from bench.stress.options import FULL, QUICK, SHORT, Options
from bench.stress.running import Section, carry_out, command

DONE, NOTHING, INTERRUPTED = 0, 2, 130


def main(words: Sequence[str]) -> int:
    """Measure, print the table, write the report; the result is the exit status."""
    given = _parser().parse_args(words)
    options = FULL if given.full else QUICK if given.quick else SHORT
    if given.hours is not None:
        options = replace(options, endure_s=given.hours * 3600)
    chosen = [one for one in sections(options) if one.chosen(given.only)]
    if not chosen:
        print(f"nothing has {given.only!r} in its name", file=sys.stderr)
        return NOTHING
    run = carry_out("stress", chosen, _notes(given))
    written = save(run, given.report.parent, given.report.name)
    print(table(run), *written, sep="\n")
    return DONE if run.complete else INTERRUPTED


def sections(options: Options) -> list[Section]:
    """All of it, the quick before the long."""
    rooms = (throughput, waiting, concurrent, memory, endurance)
    return [section for room in rooms for section in room.sections(options)]


def _notes(given: argparse.Namespace) -> list[str]:
    if given.full:
        return []
    if given.quick:
        return ["A quick run: it shows that everything works, and its figures say little."]
    return ["A shortened run: `--full` takes the durations and the numbers that are specified."]


def _parser() -> argparse.ArgumentParser:
    parser = command("stress", __doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--full",
        action="store_true",
        help="the specified durations: more than a day, most of it endurance",
    )
    length.add_argument("--quick", action="store_true", help="to see that it works: seconds")
    parser.add_argument("--hours", type=float, help="how long endurance takes, for a soak")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
