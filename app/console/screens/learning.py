"""The learning screen: what was learned from, the patterns, and what is suggested."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from app.console.commands import Scope
from app.console.screens.base import Base
from components.views import LearningView, Snapshot
from widgets import LearningText, TextView, suggestions_text


class LearningScreen(Base):
    """Figures and patterns on one side, suggestions on the other."""

    SCOPE: ClassVar[Scope] = "learning"
    AUTO_FOCUS = "#learned"

    def __init__(self) -> None:
        super().__init__()
        self._shown: LearningView | None = None
        self._learned = LearningText()
        self._suggested = TextView("SUGGESTIONS", id="suggested")

    def body(self) -> ComposeResult:
        """Two texts."""
        with Container(classes="pair side"):
            yield self._learned
            yield self._suggested

    def pull(self, snapshot: Snapshot, now: int) -> None:
        """Show the newest snapshot."""
        super().pull(snapshot, now)
        if snapshot.learning is not self._shown:
            self._shown = snapshot.learning
            self._learned.show_learning(snapshot.learning)
            self._suggested.show(suggestions_text(snapshot.learning))
