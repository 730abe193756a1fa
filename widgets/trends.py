"""An operation over time: the list to choose it from, its plot, and its figures for the range."""

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from components.views import OperationRow, TrendPoint, TrendView
from widgets import figures
from widgets.cells import cell_len, fit
from widgets.lines import Face, LineView
from widgets.lists import RowList
from widgets.operations import SIGNS, times_text
from widgets.plot import TRACES, dots, plot

_TABLE = 62
"""From this width on the figures are a table, below it one line."""
_ROOMY = 16
"""From this many lines on there is room for the table."""


def choice_face(row: OperationRow, width: int) -> Face:
    """One operation to choose: how it is, its name, its P99 and how that compares."""
    quiet = row.level == "idle"
    ratio, ink = times_text(row.times_baseline)
    room = max(width - 3 - 9 - 8, 6)
    return (
        (f" {SIGNS[row.level]} ", row.level),
        (fit(row.title, room), "dim" if quiet else "text"),
        (fit(figures.duration(row.p99_us), 9, "right"), "dim" if quiet else "text"),
        (fit(ratio, 8, "right"), ink),
    )


class OperationList(RowList[OperationRow], inherit_bindings=False):
    """Every operation that is measured; the cursor chooses what is plotted.

    Home and End are left to the plot beside the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
    ]
    EMPTY = "Nothing is measured yet."

    def __init__(self) -> None:
        super().__init__(id="choices")

    def key_of(self, row: OperationRow) -> Hashable:
        """The operation's name."""
        return row.name

    def heading(self, width: int) -> Face:
        """The column names."""
        room = max(width - 1 - 3 - 9 - 8, 6)
        return (
            (fit(" OPERATIONS", room + 1), "strong"),
            (fit("p99, 1 min", 11, "right"), "dim"),
            (fit("× base", 8, "right"), "dim"),
        )

    def face(self, index: int, width: int) -> Face:
        """One operation."""
        return choice_face(self.rows[index], width)

    def show(self, rows: tuple[OperationRow, ...]) -> None:
        """Show these operations."""
        if rows is not self.rows:
            self.update_rows(rows)


# The figures of a range.


def over_all(view: TrendView) -> list[float | None]:
    """P50, P95 and P99 of the whole range, in the order of the traces."""
    return [None if view.whole is None else trace.pick(view.whole) for trace in TRACES]


def highest(
    points: Sequence[TrendPoint], pick: Callable[[TrendPoint], float | None]
) -> float | None:
    """The highest value of a figure."""
    return max((value for point in points if (value := pick(point)) is not None), default=None)


def rates(view: TrendView) -> tuple[float, float | None]:
    """(calls a second while a node ran, share of errors or None without calls)."""
    whole = view.whole
    return (whole.per_s, whole.errors) if whole else (0.0, None)


def _ratio(value: float | None, base: float | None) -> float | None:
    return None if value is None or not base else value / base


def summary_faces(view: TrendView, width: int, height: int) -> list[Face]:
    """The range in figures beside the baseline: a table, or one line where there is less room."""
    if width >= _TABLE and height >= _ROOMY:
        return _table(view)
    return [_one_line(view, width)] if height >= 6 else []


def _table(view: TrendView) -> list[Face]:
    base, points = view.baseline, view.points
    per_s, errors = rates(view)
    usual = over_all(view)
    bases = (base.p50_us, base.p95_us, base.p99_us) if base else (None, None, None)
    ratios = [times_text(_ratio(value, one)) for value, one in zip(usual, bases, strict=True)]
    names = "".join(fit(name, 10, "right") for name in ("p50", "p95", "p99", "calls/s", "errors"))
    top = [figures.duration(highest(points, trace.pick)) for trace in TRACES]
    rows = [
        ((fit("", 11) + names, "dim"),),
        _row("range", [*map(figures.duration, usual), figures.rate(per_s), figures.share(errors)]),
        _row("highest", top),
    ]
    if base is None:
        return [*rows, ((" No baseline is set: b sets one from this range.", "dim"),)]
    known = [*map(figures.duration, bases), figures.rate(base.per_s), figures.share(base.errors)]
    whose = f"  {base.name}" + (", another machine" if base.other_machine else "")
    return [
        *rows,
        (*_row("baseline", known), (whose, "warn" if base.other_machine else "dim")),
        (
            (fit(" × baseline", 11), "text"),
            *((fit(text, 10, "right"), ink) for text, ink in ratios),
        ),
    ]


def _row(name: str, cells: Sequence[str]) -> Face:
    return (
        (fit(f" {name}", 11), "text"),
        ("".join(fit(cell, 10, "right") for cell in cells), "text"),
    )


def _one_line(view: TrendView, width: int) -> Face:
    base = view.baseline
    bases = (base.p50_us, base.p95_us, base.p99_us) if base else (None, None, None)
    face: list[tuple[str, str]] = [(" ", "text")]
    room = width - 1
    for trace, one, usual in reversed(list(zip(TRACES, bases, over_all(view), strict=True))):
        ratio, ink = times_text(_ratio(usual, one))
        pieces = [(f"{trace.name} {figures.duration(usual)} ", "text")]
        pieces += [(f"{ratio}   ", ink)] if base else [("  ", "text")]
        room -= sum(cell_len(text) for text, _ in pieces)
        if room < 0:
            break
        face += pieces
    return tuple(face)


# The plot.


class TrendPlot(LineView, can_focus=False):
    """The plot of one operation, its range in the heading, its figures below."""

    def __init__(self) -> None:
        super().__init__(id="plot")
        self._view: TrendView | None = None
        self._log = False
        self._note = ""
        self._laid: tuple[int, int, TrendView | None, bool] = (0, 0, None, False)
        self._faces: list[Face] = []

    @property
    def dots(self) -> int:
        """How many points in time can be told apart."""
        return dots(max(self.area.width - 1, 1))

    def show(self, view: TrendView | None, *, log: bool, note: str = "") -> None:
        """Show this view; `note` stands in the heading."""
        self._view, self._log, self._note = view, log, note
        self.poke()

    def heading(self, width: int) -> Face:
        """Which operation, and from when to when."""
        view = self._view
        if view is None:
            return ((fit(" " + (self._note or "TREND"), width), "strong"),)
        title = f" {view.title.upper()}"
        day = figures.moment(view.since)[:16]
        until = figures.moment(view.until)[:16]
        when = f"  {day} – {until[11:] if until[:10] == day[:10] else until} UTC"
        note = f" {self._note}{'  log' if self._log else ''} "
        room = width - cell_len(note)
        if cell_len(title) + cell_len(when) > room:
            when = f"  – {until} UTC"
        name = fit(title, min(cell_len(title), max(room - cell_len(when), 8)))
        return ((name, "strong"), (fit(when, room - cell_len(name)), "dim"), (note, "accent"))

    def count(self) -> int:
        """As many lines as there is room for."""
        return self.page if self._view is not None else 0

    def face(self, index: int, width: int) -> Face:
        """One line of the plot or of the figures."""
        asked = (width, self.page, self._view, self._log)
        if asked != self._laid:
            self._laid, self._faces = asked, self._lay_out(width, self.page)
        return self._faces[index] if index < len(self._faces) else ()

    def _lay_out(self, width: int, height: int) -> list[Face]:
        if self._view is None:
            return []
        below = summary_faces(self._view, width, height)
        return plot(self._view, width, height - len(below), log=self._log) + below
