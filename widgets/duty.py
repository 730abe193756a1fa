"""Who is attached from elsewhere."""

from components.views import DutyRow
from widgets import figures
from widgets.lines import Face, LineView


def duty_face(rows: tuple[DutyRow, ...], now: int) -> Face:
    """Everybody in one line, with their tier or that they only look, and for how long."""
    face: list[tuple[str, str]] = [(" ON DUTY ", "strong")]
    for row in rows:
        may = "observes" if row.observer else f"tier {row.tier}"
        since = figures.span(max(now - row.since, 0) / 1e6)
        face += [(f" {row.name}", "text"), (f" {may}, {since} ", "dim")]
    return tuple(face)


class DutyLine(LineView, can_focus=False):
    """One line; not there while nobody is attached."""

    HEADED = False
    DEFAULT_CSS = "DutyLine { height: 1; width: 100%; display: none; }"

    def __init__(self) -> None:
        super().__init__(id="duty")
        self._rows: tuple[DutyRow, ...] = ()
        self._now = 0

    def count(self) -> int:
        """One line."""
        return 1

    def face(self, index: int, width: int) -> Face:
        """The line itself."""
        del index, width
        return duty_face(self._rows, self._now)

    def show(self, rows: tuple[DutyRow, ...], now: int) -> None:
        """Show these; `now` is the wall clock in µs."""
        self._rows, self._now = rows, now
        self.display = bool(rows)
        self.poke()
