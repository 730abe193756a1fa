"""The learning screen: what was learned from, the patterns, and what is suggested."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from app.console.commands import Scope
from app.console.screens.base import Base
from components.views import LearningView, Snapshot, SuggestionRow
from widgets import LearningText, Moved, ReadThrough, SuggestionList, suggestion_text


class LearningScreen(Base):
    """Figures and patterns on one side; suggestions, and the one under the cursor, on the other."""

    SCOPE: ClassVar[Scope] = "learning"
    AUTO_FOCUS = "#suggestions"

    def __init__(self) -> None:
        super().__init__()
        self._shown: LearningView | None = None
        self._learned = LearningText()
        self._list = SuggestionList()
        self.pane = ReadThrough("SUGGESTION", id="suggested")

    def body(self) -> ComposeResult:
        """A text, a list, and what the list is about."""
        with Container(classes="pair side"):
            yield self._learned
            with Container(id="suggesting"):
                yield self._list
                yield self.pane

    @property
    def suggestion(self) -> SuggestionRow | None:
        """The suggestion under the cursor."""
        return self._list.current

    @property
    def under_cursor(self) -> str:
        """The suggestion, with all that is said of it."""
        row = self.suggestion
        return f"{row.id} {row.mark}" if row else ""

    def pull(self, snapshot: Snapshot, now: int) -> None:
        """Show the newest snapshot; the first suggestion is pointed at from the start."""
        super().pull(snapshot, now)
        if snapshot.learning is self._shown:
            return
        self._shown = snapshot.learning
        self._learned.show_learning(snapshot.learning)
        rows = snapshot.learning.suggestions
        self._list.update_rows(rows)
        if self._list.cursor is None and rows:
            self._list.point(rows[0].id)
        self._show()

    def forget(self) -> None:
        """Nothing of the node before."""
        self._shown = None
        self._list.point(None)

    @on(Moved, "#suggestions")
    def moved(self, event: Moved) -> None:
        """Show the suggestion under the cursor."""
        event.stop()
        self._show()

    def _show(self) -> None:
        row = self.suggestion
        gone = row is None and self._list.cursor is not None
        text = [("", "text"), (_GONE, "dim")] if gone else suggestion_text(row)
        self.pane.show(text)


_GONE = "It is not suggested any more."
