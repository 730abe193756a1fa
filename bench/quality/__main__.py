"""`python -m bench.quality`: judge every set, print the table, write JSON."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.quality import table
from bench.quality.cases import DATA
from bench.quality.judging import Judged, judge
from bench.quality.reading import Result
from bench.quality.screening import Failed, screen
from bench.quality.sets import RowSet, all_sets

MET, MISSED, BROKEN = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """0 where every goal is met, 1 where one is missed, 2 where the screens broke."""
    args = _arguments(argv)
    wanted = [one for one in all_sets(args.data) if not args.only or _chosen(one, args.only)]
    if not wanted:
        where = f"no rows in {args.data}" if not args.only else f"no set is called {args.only}"
        print(f"skipped: {where}", file=sys.stderr)
        return MET
    found: list[Judged] = []
    status = MET
    try:
        for place, one in enumerate(wanted, 1):
            found.append(_judged(one, args.data, place, len(wanted)))
    except (Failed, KeyboardInterrupt) as error:
        print(f"\nbroken off: {error or 'interrupted'}", file=sys.stderr)
        status = BROKEN
    print("\n".join(table.lines(found)))
    _write(args.json, found)
    missed = [one.name for one in found if one.met is False]
    if missed:
        print(f"missed: {', '.join(missed)}")
    return status or (MISSED if missed else MET)


def _judged(one: RowSet, data: Path, place: int, count: int) -> Judged:
    print(f"\r\033[K{place}/{count} {one.name}, {len(one.cases)} lines", end="", file=sys.stderr)
    started = time.monotonic()
    results, folds = _results(one, data)
    judged = judge(one, results, folds)
    print(f" {time.monotonic() - started:.1f} s", end="\r\033[K", file=sys.stderr)
    return judged


def _results(one: RowSet, data: Path) -> tuple[list[Result], int]:
    if not one.learned:
        return screen([case.line for case in one.cases]), 0
    from bench.quality.folds import held_out

    return held_out(one.learned, one.cases, data)


def _chosen(one: RowSet, names: Sequence[str]) -> bool:
    return any(name in one.name for name in names)


def _write(path: Path, found: Sequence[Judged]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    print(f"written: {path}")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.quality",
        description="Judge the screens on recorded rows: one table, every set with its false "
        "alarms, 95% intervals over groups, and a naive screen beside.",
        epilog="exit status: 0 every goal met or no rows here, 1 a goal missed, 2 broken off",
    )
    parser.add_argument("only", nargs="*", metavar="SET", help="sets whose name holds this")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the rows (JSON lines)")
    parser.add_argument("--json", type=Path, default=Path("build/quality.json"), metavar="FILE",
                        help="where to write the figures (default build/quality.json)")  # fmt: skip
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
