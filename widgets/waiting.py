"""The list of decisions that wait for a person."""

from collections.abc import Hashable, Sequence
from typing import ClassVar, NamedTuple

from textual.binding import BindingType

from components.views import WaitingRow
from widgets import figures
from widgets.cells import cell_len, fit
from widgets.lines import Face
from widgets.lists import MOVES, RowList

PRIORITY_SIGNS = {"critical": "!!!", "high": "!! ", "medium": "!  ", "low": "·  "}
_SOON_US = 30_000_000
_UNLISTED = "What waits is not listed yet."
_NO_MATCH = "Nothing listed matches."


class Names(NamedTuple):
    """How wide the longest agent's and tool's names are."""

    agent: int = 6
    tool: int = 6

    def over(self, rows: Sequence[WaitingRow]) -> "Names":
        """As wide as these rows need too: columns grow, and do not jump back and forth."""
        return Names(
            max(self.agent, *(cell_len(row.agent) for row in rows), 0),
            max(self.tool, *(cell_len(row.tool) for row in rows), 0),
        )


def _layout(names: Names, width: int) -> tuple[int, int, int]:
    """Widths of agent, tool and summary."""
    rest = max(width - 7 - 10, 12)
    agent = min(names.agent, max(rest // 4, 6), 18)
    tool = min(names.tool, max(rest * 2 // 7, 6), 22)
    return agent, tool, rest - agent - tool - 2


def waiting_heading(total: int, shown: int, marked: int, wanted: str, width: int) -> Face:
    """The title with its counts, and the column names."""
    counts = f" WAITING {total:,}"
    notes = [f"{marked} marked"] if marked else []
    if wanted:
        notes.append(f"filter: {wanted}")
    if shown < total:
        notes.append(f"{shown:,} listed")
    title = counts + ("  " if notes else "") + ", ".join(notes)
    return ((fit(title, width - 10), "strong"), (fit("left", 9, "right") + " ", "dim"))


def waiting_face(row: WaitingRow, names: Names, now: int, *, marked: bool, width: int) -> Face:
    """One decision as a line; the time left counts down to what comes first."""
    agent, tool, summary = _layout(names, width)
    ink = row.priority if row.priority in PRIORITY_SIGNS else "text"
    sign = PRIORITY_SIGNS.get(row.priority, "?  ")
    left, left_ink = _left(row, now)
    return (
        ("▌" if marked else " ", "warn"),
        (f"{sign} ", ink),
        ("■ " if marked else "  ", "warn"),
        (fit(row.agent, agent) + " ", "text"),
        (fit(row.tool, tool) + " ", ink),
        (fit(_note(row) + row.summary, summary - 1) + " ", "text"),
        (fit(left, 9, "right") + " ", left_ink),
    )


def _note(row: WaitingRow) -> str:
    if row.release_at:
        return "answered · "
    if row.answers:
        return f"{row.answers} of 2 · "
    return f"@{row.claimed_by} · " if row.claimed_by else ""


def _left(row: WaitingRow, now: int) -> tuple[str, str]:
    if row.release_at:
        return f"go {figures.countdown(row.release_at, now)}", "accent"
    if row.snoozed_until > now:
        return f"z {figures.countdown(row.snoozed_until, now)}", "dim"
    until = min(row.due, row.deadline)
    return figures.countdown(until, now), "bad" if until - now <= _SOON_US else "dim"


class WaitingList(RowList[WaitingRow], inherit_bindings=False):
    """What waits, most urgent first; marks show what a batch would answer.

    The page keys are left to the decision beside the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*MOVES]

    EMPTY = "Nothing waits for you."
    DEFAULT_CSS = "WaitingList { height: 5; }"

    def __init__(self) -> None:
        super().__init__(id="waiting")
        self.marked: frozenset[str] = frozenset()
        self.wanted = ""
        self._all: tuple[WaitingRow, ...] = ()
        self._total = 0
        self._now = 0
        self._names = Names()

    def key_of(self, row: WaitingRow) -> Hashable:
        """The decision's id."""
        return row.id

    def heading(self, width: int) -> Face:
        """How many wait."""
        return waiting_heading(
            self._total, len(self.rows), len(self.marked), self.wanted, width - 1
        )

    def face(self, index: int, width: int) -> Face:
        """One decision."""
        row = self.rows[index]
        return waiting_face(row, self._names, self._now, marked=row.id in self.marked, width=width)

    def show(self, rows: tuple[WaitingRow, ...], total: int, now: int) -> None:
        """Show these rows of `total`; `now` is the wall clock in µs."""
        known = rows is self._all
        self._now, self._total, self._all = now, total, rows
        self._say_why_empty()
        if known:
            self.poke()
            return
        self._names = self._names.over(rows)
        self._refilter()

    def filter(self, wanted: str) -> None:
        """List only the rows that hold this text, whatever its case."""
        self.wanted = wanted
        self._say_why_empty()
        self._refilter()

    def mark(self, marked: frozenset[str]) -> None:
        """Show these ids as marked."""
        self.marked = marked
        self.poke()

    def _say_why_empty(self) -> None:
        """What stands in the list's place where it has no rows."""
        if self.wanted and self._all:
            self.EMPTY = _NO_MATCH
        else:
            self.EMPTY = _UNLISTED if self._total else type(self).EMPTY

    def _refilter(self) -> None:
        wanted = self.wanted.casefold()
        self.update_rows(
            tuple(
                row
                for row in self._all
                if wanted in f"{row.agent} {row.tool} {row.summary}".casefold()
            )
            if wanted
            else self._all
        )
