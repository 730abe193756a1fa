"""The agents screen: who is connected, what they did, the standing grants, and who is on duty."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from app.console.commands import Scope
from app.console.screens.base import Base
from components.views import Snapshot
from widgets import AgentList, DutyLine, GrantList


class AgentsScreen(Base):
    """Agents above, grants below, and who is attached from elsewhere, if anybody is."""

    SCOPE: ClassVar[Scope] = "agents"
    AUTO_FOCUS = "#agents"

    def __init__(self) -> None:
        super().__init__()
        self.agents = AgentList()
        self.grants = GrantList()
        self.duty = DutyLine()

    def body(self) -> ComposeResult:
        """Two lists and a line."""
        with Container(classes="pair"):
            yield self.agents
            yield self.grants
        yield self.duty

    def pull(self, snapshot: Snapshot, now: int) -> None:
        """Show the newest snapshot; the first agent is pointed at from the start."""
        super().pull(snapshot, now)
        self.agents.show(snapshot.agents, now)
        self.grants.show(snapshot.grants, now)
        self.duty.show(snapshot.health.duty, now)
        if self.agents.cursor is None and snapshot.agents:
            self.agents.point(snapshot.agents[0].name)

    @property
    def agent(self) -> str:
        """The agent under the cursor."""
        row = self.agents.current
        return "" if row is None else row.name

    @property
    def grant(self) -> str:
        """The grant under the cursor, while the grants have the focus."""
        row = self.grants.current
        return row.id if row is not None and self.grants.has_focus else ""
