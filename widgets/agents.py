"""The agents, what they did, and the standing grants."""

from collections.abc import Hashable

from components.views import AgentRow, GrantRow
from widgets import figures
from widgets.cells import fit
from widgets.lines import Face
from widgets.lists import RowList

_COUNTS = ("actions", "allowed", "denied", "asked", "failed")


def agent_face(row: AgentRow, now: int, width: int) -> Face:
    """One agent as a line."""
    if row.broken:
        sign, ink, state = "✖", "bad", "broken"
    elif row.paused:
        sign, ink, state = "‖", "warn", "paused"
    else:
        sign, ink, state = "●", "ok", "running"
    column = 9 if width >= 76 else 7
    name = max(width - 3 - 5 * column - 10 - 10, 6)
    counts = (row.actions, row.allowed, row.denied, row.asked)
    ago = figures.span(max(now - row.last_seen, 0) / 1e6) if row.last_seen else "never"
    return (
        (f" {sign} ", ink),
        (fit(row.name, name), "text"),
        (fit(state, 10), ink if ink != "ok" else "dim"),
        ("".join(fit(f"{count:,}", column, "right") for count in counts), "text"),
        (fit(f"{row.failed:,}", column, "right"), "bad" if row.failed else "dim"),
        (fit(ago, 10, "right"), "dim"),
    )


def agents_heading(width: int) -> Face:
    """The column names of the agents."""
    column = 9 if width >= 76 else 7
    name = max(width - 5 * column - 10 - 10, 9)
    names = "".join(fit(text, column, "right") for text in _COUNTS)
    return (
        (fit(" AGENTS", name), "strong"),
        (fit("state", 10) + names + fit("seen", 10, "right"), "dim"),
    )


def grant_face(row: GrantRow, now: int, width: int) -> Face:
    """One standing grant as a line."""
    ink = "ok" if row.verdict == "allow" else "bad"
    agent = max(width // 6, 8)
    shape = width - 2 - 7 - agent - 9 - 10 - 14 - 2
    return (
        ("  ", "text"),
        (fit(row.verdict, 7), ink),
        (fit(row.agent or "any agent", agent) + " ", "text"),
        (fit(row.shape or row.tool, max(shape, 8)) + " ", "text"),
        (fit(f"{row.left} left", 9, "right"), "text"),
        (fit(figures.countdown(row.until, now), 10, "right"), "dim"),
        (fit("  " + row.operator, 14), "dim"),
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
