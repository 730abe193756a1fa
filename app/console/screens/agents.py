"""The agents screen: who is connected, what they did, and the standing grants."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from app.console.commands import Scope
from app.console.screens.base import Base
from components.views import Snapshot
from widgets import AgentList, GrantList


class AgentsScreen(Base):
    """Agents above, grants below."""

    SCOPE: ClassVar[Scope] = "agents"
    AUTO_FOCUS = "#agents"

    def body(self) -> ComposeResult:
        """Two lists."""
        with Container(classes="pair"):
            yield AgentList()
            yield GrantList()

    def pull(self, snapshot: Snapshot, now: int) -> None:
        """Show the newest snapshot; the first agent is pointed at from the start."""
        super().pull(snapshot, now)
        agents = self.query_one(AgentList)
        agents.show(snapshot.agents, now)
        self.query_one(GrantList).show(snapshot.grants, now)
        if agents.cursor is None and snapshot.agents:
            agents.point(snapshot.agents[0].name)

    @property
    def agent(self) -> str:
        """The agent under the cursor."""
        row = self.query_one(AgentList).current
        return "" if row is None else row.name

    @property
    def grant(self) -> str:
        """The grant under the cursor, while the grants have the focus."""
        grants = self.query_one(GrantList)
        row = grants.current
        return row.id if row is not None and grants.has_focus else ""
