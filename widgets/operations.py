"""The table of operations: latency, throughput, errors and the last minute of each."""

from textual.geometry import Size

from components.views import Level, OperationRow
from widgets import figures
from widgets.cells import fit
from widgets.lines import Face, LineView

SIGNS: dict[Level, str] = {"ok": "●", "idle": "○", "warn": "▲", "bad": "✖"}
_SECONDS = 60
_FIXED = 3 + 4 * 9 + 8
_TIMES = 9
_WIDE = 98
"""From this width on there is a column for what the P99 is of the baseline's."""


def times_text(ratio: float | None) -> tuple[str, str]:
    """(how many times the baseline something is, its ink): `1.2×`, `▲ 2.4×`, or a dash."""
    if ratio is None:
        return "–", "dim"
    text = f"{ratio:.1f}×" if ratio < 99.95 else f"{ratio:.0f}×" if ratio < 9_999.5 else ">9999×"
    return (f"▲ {text}", "warn") if ratio > 2 else (text, "dim")


def _times(width: int) -> int:
    return _TIMES if width >= _WIDE else 0


def _layout(width: int) -> tuple[int, int]:
    """Widths of the title and of the sparkline: a minute divides evenly among its cells."""
    rest = max(width - _FIXED - _times(width), 10)
    title = min(max(rest - 14, 10), 22)
    room = max(rest - title - 2, 1)
    return title, -(-_SECONDS // -(-_SECONDS // room))


def operations_heading(width: int) -> Face:
    """The column names above the figures."""
    title, spark = _layout(width)
    columns = "".join(fit(name, 9, "right") for name in ("p50", "p95", "p99"))
    columns += fit("× base", _times(width), "right") + fit("ops/s", 9, "right")
    last = fit("last minute, p99" if spark >= 16 else "p99, 1 min", spark)
    return (
        (fit(" OPERATIONS", 3 + title), "strong"),
        (columns + fit("errors", 8, "right") + "  " + last, "dim"),
    )


def operation_face(row: OperationRow, width: int) -> Face:
    """One operation as a line."""
    title, spark = _layout(width)
    quiet = row.level == "idle"
    p99 = row.level if row.level in {"warn", "bad"} else "strong"
    ratio, ink = times_text(row.times_baseline)
    return (
        (f" {SIGNS[row.level]} ", row.level),
        (fit(row.title, title), "dim" if quiet else "text"),
        (fit(figures.duration(row.p50_us), 9, "right"), "dim"),
        (fit(figures.duration(row.p95_us), 9, "right"), "dim" if quiet else "text"),
        (fit(figures.duration(row.p99_us), 9, "right"), "dim" if quiet else p99),
        (fit(ratio, _times(width), "right"), ink),
        (fit(figures.rate(row.per_s), 9, "right"), "dim" if quiet else "text"),
        (fit(figures.share(row.errors), 8, "right"), "bad" if row.errors else "dim"),
        ("  " + figures.sparkline(row.history, spark), "dim" if quiet else "accent"),
    )


class OperationsTable(LineView, can_focus=False):
    """A row for each measured operation."""

    DEFAULT_CSS = "OperationsTable { height: auto; }"

    def __init__(self) -> None:
        super().__init__(id="operations")
        self._rows: tuple[OperationRow, ...] = ()

    def count(self) -> int:
        """How many operations are measured."""
        return len(self._rows)

    def heading(self, width: int) -> Face:
        """The column names."""
        return operations_heading(width - 1)

    def face(self, index: int, width: int) -> Face:
        """One operation."""
        return operation_face(self._rows[index], width)

    def show(self, rows: tuple[OperationRow, ...]) -> None:
        """Show these rows."""
        grew = len(rows) != len(self._rows)
        self._rows = rows
        if grew:
            self.refresh(layout=True)
        else:
            self.poke()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as the table, for `height: auto`."""
        del container, viewport, width
        return len(self._rows) + self.HEADED
