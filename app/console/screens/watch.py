"""The watch screen: is everything well, and what waits for me?"""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from app.console.commands import Scope
from app.console.screens.base import Base
from components.views import Snapshot
from widgets import DecisionPane, OperationsTable, SafeInput, StreamView, WaitingList

_ALONE_S = 3.0
"""An agent that is there already, as those of the demo, has asked by then."""


def _is_alone(snapshot: Snapshot) -> bool:
    """Whether no agent has asked for anything since the node started, and nothing waits."""
    health = snapshot.health
    return not (snapshot.agents or health.waiting) and health.uptime_s >= _ALONE_S


class WatchScreen(Base):
    """Operations, what waits, the decision in full, alerts and events."""

    SCOPE: ClassVar[Scope] = "watch"
    AUTO_FOCUS = "#waiting"

    def __init__(self) -> None:
        super().__init__()
        self.operations = OperationsTable()
        self.waiting = WaitingList()
        self.stream = StreamView()
        self.pane = DecisionPane()
        self.field = SafeInput(id="filter")

    def body(self) -> ComposeResult:
        """All panes; the breakpoints choose which are shown."""
        yield self.operations
        yield self.waiting
        yield self.stream
        yield self.pane
        yield self.field

    def pull(self, snapshot: Snapshot, now: int) -> None:
        """Show the newest snapshot."""
        super().pull(snapshot, now)
        self.operations.show(snapshot.operations)
        self.waiting.show(snapshot.waiting, snapshot.health.waiting, now)
        self.stream.show(snapshot.health.alerts, snapshot.events)
        self.pane.guide(guiding=_is_alone(snapshot))

    def begin_filter(self) -> None:
        """Open the field for the filter."""
        self.add_class("-filtering")
        self.field.focus()

    def end_filter(self, *, keep: bool) -> bool:
        """Close the field; without `keep`, list everything again. False when nothing was open."""
        was = self.has_class("-filtering") or bool(self.waiting.wanted)
        if not keep:
            self.field.value = ""
            self.waiting.filter("")
        self.remove_class("-filtering")
        self.waiting.focus()
        return was

    @on(SafeInput.Changed, "#filter")
    def narrow(self, event: SafeInput.Changed) -> None:
        """List what matches while it is typed."""
        event.stop()
        self.waiting.filter(event.value)

    @on(SafeInput.Submitted, "#filter")
    def keep(self, event: SafeInput.Submitted) -> None:
        """Go back to the list, filtered."""
        event.stop()
        self.end_filter(keep=True)
