"""The agents, what they did, and the standing grants."""

from collections.abc import Hashable
from typing import NamedTuple

from components.views import AgentRow, GrantRow
from widgets import figures
from widgets.cells import fit
from widgets.lines import Face
from widgets.lists import RowList

_COUNTS = ("actions", "allowed", "denied", "asked", "failed")


class Columns(NamedTuple):
    """How wide the columns are, and which counts there is room for; `seen` is 0 where none is."""

    name: int
    state: int
    number: int
    seen: int
    counts: tuple[str, ...]


def columns(width: int) -> Columns:
    """The columns in `width` cells: rather fewer counts than names that cannot be told apart."""
    state, count = (10, 9) if width >= 100 else (8, 8)
    seen = count + 1 if width >= 76 else 0
    counts = _COUNTS if seen else _COUNTS[1:] if width >= 50 else ("denied", "failed")
    name = width - 3 - 1 - state - count * len(counts) - seen
    return Columns(max(name, 6), state, count, seen, counts)


def agent_face(row: AgentRow, now: int, width: int) -> Face:
    """One agent as a line."""
    if row.broken:
        sign, ink, state = "✖", "bad", "broken"
    elif row.paused:
        sign, ink, state = "‖", "warn", "paused"
    else:
        sign, ink, state = "●", "ok", "running"
    room = columns(width)
    counts = [_count(getattr(row, name)) for name in room.counts]
    ago = figures.span(max(now - row.last_seen, 0) / 1e6) if row.last_seen else "never"
    return (
        (f" {sign} ", ink),
        (fit(row.name, room.name) + " ", "text"),
        (fit(state, room.state), ink if ink != "ok" else "dim"),
        ("".join(fit(count, room.number, "right") for count in counts[:-1]), "text"),
        (fit(counts[-1], room.number, "right"), "bad" if row.failed else "dim"),
        (fit(ago, room.seen, "right"), "dim"),
    )


def _count(number: int) -> str:
    """A number in at most seven cells."""
    return f"{number:,}" if number < 1_000_000 else figures.rate(number)


def agents_heading(width: int) -> Face:
    """The column names of the agents."""
    room = columns(width)
    names = "".join(fit(name, room.number, "right") for name in room.counts)
    return (
        (fit(" AGENTS", 3 + room.name + 1), "strong"),
        (fit("state", room.state) + names + fit("seen", room.seen, "right"), "dim"),
    )


def grant_face(row: GrantRow, now: int, width: int) -> Face:
    """One standing grant as a line."""
    ink = "ok" if row.verdict == "allow" else "bad"
    agent, by = max(width // 6, 8), 14 if width >= 76 else 0
    shape = width - 2 - 7 - agent - 9 - 10 - by - 2
    return (
        ("  ", "text"),
        (fit(row.verdict, 7), ink),
        (fit(row.agent or "any agent", agent) + " ", "text"),
        (fit(row.shape or row.tool, max(shape, 8)) + " ", "text"),
        (fit(f"{row.left} left", 9, "right"), "text"),
        (fit(figures.countdown(row.until, now), 10, "right"), "dim"),
        (fit("  " + row.operator, by), "dim"),
    )


class AgentList(RowList[AgentRow]):
    """Every agent seen since the node started."""

    EMPTY = "No agent has connected yet."

    def __init__(self) -> None:
        super().__init__(id="agents")
        self._now = 0

    def key_of(self, row: AgentRow) -> Hashable:
        """The agent's name."""
        return row.name

    def heading(self, width: int) -> Face:
        """The column names."""
        return agents_heading(width - 1)

    def face(self, index: int, width: int) -> Face:
        """One agent."""
        return agent_face(self.rows[index], self._now, width)

    def show(self, rows: tuple[AgentRow, ...], now: int) -> None:
        """Show these agents; `now` is the wall clock in µs."""
        self._now = now
        self.poke() if rows is self.rows else self.update_rows(rows)


class GrantList(RowList[GrantRow]):
    """The standing grants that are in force."""

    EMPTY = "No standing grants: every decision is asked for by itself."

    def __init__(self) -> None:
        super().__init__(id="grants")
        self._now = 0

    def key_of(self, row: GrantRow) -> Hashable:
        """The grant's id."""
        return row.id

    def heading(self, width: int) -> Face:
        """The title with the number of grants."""
        return ((fit(f" STANDING GRANTS {len(self.rows)}", width), "strong"),)

    def face(self, index: int, width: int) -> Face:
        """One grant."""
        return grant_face(self.rows[index], self._now, width)

    def show(self, rows: tuple[GrantRow, ...], now: int) -> None:
        """Show these grants; `now` is the wall clock in µs."""
        self._now = now
        self.poke() if rows is self.rows else self.update_rows(rows)
