"""Files written at the console's side, from pages that the node sends."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec

from app.desk import DeskError, Progress
from components.views import AuditLeaves, TrendPoint, TrendView

MOST_LEAVES = 100_000
_PAGE = 100
_TOO_LONG = 413

ReadLeaves = Callable[[int | None, int], AuditLeaves]


def export_audit(read: ReadLeaves, size: int, target: Path, progress: Progress) -> str:
    """Write the entries that `read(before, limit)` gives as a node itself does, oldest first.

    `size` is about how many the log has. Raises `DeskError`, with no file left.
    """
    leaves: list[str] = []
    before, limit, checkpoint = None, _PAGE, ""
    while True:
        try:
            page = read(before, limit)
        except DeskError as error:
            if error.code != _TOO_LONG or limit == 1:
                raise
            limit //= 2
            continue
        checkpoint = checkpoint or page.checkpoint
        leaves.extend(page.leaves)
        if len(page.leaves) < limit:
            break
        before = page.last
        if len(leaves) >= MOST_LEAVES:
            raise DeskError(
                f"more than {MOST_LEAVES:,} entries: filter them, or export at the node"
            )
        if not progress(max(size - before, 0), size):
            raise DeskError(f"stopped after {len(leaves):,} entries")
    last = msgspec.json.encode({"checkpoint": checkpoint or None}).decode()

    def write(out: IO[str]) -> None:
        out.writelines(f"{line}\n" for line in (*reversed(leaves), last))

    _write(target, write)
    return f"{len(leaves):,} entries written to {target}"


def export_trend(view: TrendView, target: Path) -> str:
    """Write the columns of a trend as CSV, with times in µs since 1970 UTC."""

    def write(out: IO[str]) -> None:
        writer = csv.writer(out)
        names = TrendPoint.__struct_fields__
        writer.writerow(("operation", "level", *names))
        for point in view.points:
            row = (getattr(point, name) for name in names)
            writer.writerow((view.operation, view.level, *row))

    _write(target, write)
    return f"{len(view.points):,} columns of {view.operation} (level: {view.level}) in {target}"


def _write(target: Path, write: Callable[[IO[str]], None]) -> None:
    try:
        with target.open("x", encoding="utf-8", newline="") as out:
            write(out)
    except FileExistsError:
        raise DeskError(f"{target} is there already; choose another name") from None
    except OSError as error:
        raise DeskError(f"{target} cannot be written: {error.strerror}") from error
