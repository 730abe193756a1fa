"""Alerts: those that stand now, one of them in full, and what came and went before."""

from collections.abc import Hashable, Sequence

from textual.message import Message

from components.views import AlertHistoryRow, AlertRow
from widgets import figures
from widgets.cells import cell_len, fit
from widgets.lines import Face
from widgets.lists import RowList
from widgets.waiting import PRIORITY_SIGNS

STATES = {"firing": ("▲", "bad"), "pending": ("○", "warn"), "resolved": ("✓", "ok")}
_UNKNOWN = ("?", "text")
_AHEAD = 10


def alert_note(row: AlertRow, now: int) -> tuple[str, str]:
    """(what was done about an alert, ink): silenced, inhibited or acknowledged."""
    if row.silenced_until > now:
        return f"silent {figures.countdown(row.silenced_until, now)}", "accent"
    if row.inhibited_by:
        return f"under {row.inhibited_by}", "dim"
    if row.acknowledged_by:
        return f"seen by {row.acknowledged_by}", "accent"
    return "", "dim"


def alert_row_face(row: AlertRow, now: int, width: int, longest: int = 0) -> Face:
    """One alert as a line: state, severity, series, value, since when, and what was done.

    `longest` is the width of the longest series in the list.
    """
    sign, ink = STATES.get(row.state, _UNKNOWN)
    quiet = row.silenced_until > now or bool(row.inhibited_by) or row.state == "resolved"
    severity = "dim" if quiet else row.severity if row.severity in PRIORITY_SIGNS else "text"
    series, text, note = _columns(width, longest or cell_len(row.series))
    done, done_ink = alert_note(row, now)
    return (
        (f" {sign} ", "dim" if quiet else ink),
        (f"{PRIORITY_SIGNS.get(row.severity, '?  ')} ", severity),
        (fit(row.series, series) + " ", "dim" if quiet else "text"),
        (fit(row.value, 10, "right") + " ", severity),
        (fit(row.text, text) + (" " if text else ""), "dim" if quiet else "text"),
        (fit(done, note) + " ", done_ink),
        (fit(figures.span(max(now - row.since, 0) / 1e6), 8, "right") + " ", "dim"),
    )


def _columns(width: int, longest: int) -> tuple[int, int, int]:
    """Widths of series, text and note; the text stands in the detail where there is no room."""
    rest = max(width - 7 - 1 - 11 - 1 - 9, 12)
    note = min(max(rest // 4, 13), 18, rest // 2)
    series = min(rest - note, max(longest, 12), 40)
    text = rest - note - series - 1
    return (series, text, note) if text >= 12 else (rest - note, 0, note)


class AlertList(RowList[AlertRow]):
    """The alerts of now; the cursor stays on an alert, wherever it goes."""

    EMPTY = "No alert stands: everything is within its bounds."

    def __init__(self) -> None:
        super().__init__(id="alerts")
        self._now = 0
        self._longest = 0

    def key_of(self, row: AlertRow) -> Hashable:
        """The alert's id."""
        return row.id

    def heading(self, width: int) -> Face:
        """How many fire and how many are about to."""
        firing = sum(row.state == "firing" for row in self.rows)
        pending = sum(row.state == "pending" for row in self.rows)
        title = f" ALERTS {firing}" + (f"  {pending} pending" if pending else "")
        ink = "bad" if firing else "strong"
        return ((fit(title, width - 11), ink), (fit("since", 9, "right") + " ", "dim"))

    def face(self, index: int, width: int) -> Face:
        """One alert."""
        return alert_row_face(self.rows[index], self._now, width, self._longest)

    def show(self, rows: tuple[AlertRow, ...], now: int) -> None:
        """Show these alerts; `now` is the wall clock in µs."""
        self._now = now
        if rows is self.rows:
            self.poke()
            return
        self._longest = max(self._longest, *(cell_len(row.series) for row in rows), 0)
        self.update_rows(rows)


def alert_text(row: AlertRow | None, now: int) -> list[tuple[str, str]]:
    """An alert in full, as labelled paragraphs."""
    if row is None:
        return [("", "text"), ("Choose an alert to read it in full.", "dim")]
    state, ink = STATES.get(row.state, _UNKNOWN)
    since = f"{figures.moment(row.since)} UTC, {figures.span(max(now - row.since, 0) / 1e6)}"
    lines = [
        (row.text, "strong"),
        (f"state\t{state} {row.state}, {row.severity}", ink),
        (f"value\t{row.value}", "text"),
        (f"series\t{row.series}", "text"),
        (f"rule\t{row.rule}", "text"),
        (f"since\t{since}", "text"),
    ]
    if row.resolved_at:
        lines.append((f"resolved\t{figures.moment(row.resolved_at)} UTC", "ok"))
    if row.acknowledged_by:
        why = f": {row.why}" if row.why else ""
        lines.append((f"seen by\t{row.acknowledged_by}{why}", "accent"))
    if row.silenced_until > now:
        left = figures.countdown(row.silenced_until, now)
        lines.append(
            (f"silenced\tuntil {figures.moment(row.silenced_until)} UTC, {left} left", "accent")
        )
    if row.inhibited_by:
        lines.append((f"inhibited\tby {row.inhibited_by}", "dim"))
    return lines


def history_face(row: AlertHistoryRow, width: int) -> Face:
    """One change of an alert as a line."""
    sign, ink = STATES.get(row.state, ("·", "dim"))
    state = min(max(width // 8, 8), 13)
    rest = max(width - 18 - 2 - state - 1, 10)
    series = min(max(rest * 2 // 5, 12), 34)
    text = f"{row.text}  @{row.operator}" if row.operator else row.text
    return (
        (f" {figures.moment(row.time)[5:16]}  ", "dim"),
        (f"   {sign} "[-2:], ink),
        (fit(row.state, state) + " ", ink if row.state in STATES else "dim"),
        (fit(row.series, series) + " ", "text"),
        (fit(text, width - 14 - 2 - state - 1 - series - 1), "dim"),
    )


class AlertHistory(RowList[AlertHistoryRow]):
    """Pages of what came and went, newest first, joined as the reader goes down."""

    EMPTY = "No alert has ever fired here."

    class Wanted(Message):
        """The reader nears the end: the next page is wanted."""

    def __init__(self) -> None:
        super().__init__(id="history")
        self.complete = False
        self._asked = False

    def key_of(self, row: AlertHistoryRow) -> Hashable:
        """The id of the change."""
        return row.id

    def heading(self, width: int) -> Face:
        """The title with how many changes are loaded."""
        more = "" if self.complete else "+"
        return ((fit(f" HISTORY  {len(self.rows):,}{more}, times in UTC", width), "strong"),)

    def face(self, index: int, width: int) -> Face:
        """One change; asks for more when the last ones come into view."""
        if index >= len(self.rows) - _AHEAD and not self.complete and not self._asked:
            self._asked = True
            self.post_message(self.Wanted())
        return history_face(self.rows[index], width)

    def extend(self, rows: Sequence[AlertHistoryRow], *, complete: bool) -> None:
        """Add a page of older changes; `complete` says that it is the last."""
        self.complete = complete
        self._asked = False
        self.update_rows((*self.rows, *rows))

    def renew(self, rows: Sequence[AlertHistoryRow], *, complete: bool) -> None:
        """Put the newest page on top of what is loaded, or start with it."""
        known = {self.key_of(row) for row in self.rows}
        fresh = [row for row in rows if self.key_of(row) not in known]
        if not self.rows or len(fresh) == len(rows):
            self.complete, joined = complete, tuple(rows)
        else:
            joined = (*fresh, *self.rows)
        self._asked = False
        self.update_rows(joined)
