"""A run as CSV: a line a figure, without distributions; and the points of every chart. Pure."""

import csv as writing
from collections.abc import Iterable, Sequence
from io import StringIO

from bench.figures import Run

COLUMNS = ("name", "kind", "unit", "value", "p50", "p95", "p99", "count", "reference",
           "reference_value", "ratio", "earlier", "target", "acceptable", "goal", "at_least",
           "predecessor", "met", "note")  # fmt: skip


def csv(run: Run) -> str:
    """All figures. What is unknown is empty."""
    return _text(COLUMNS, ([getattr(one, name) for name in COLUMNS] for one in run.figures))


def points(run: Run) -> str:
    """All points of all charts, one a line."""
    rows = (
        (chart.name, line.name, x, y)
        for chart in run.charts
        for line in chart.lines
        for x, y in line.points
    )
    return _text(("chart", "line", "x", "y"), rows)


def _text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = StringIO()
    writer = writing.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return out.getvalue()
