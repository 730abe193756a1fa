"""Long work with a progress bar, which Esc stops."""

from textual.app import ComposeResult

from app.console.dialogs.base import Dialog
from widgets import ProgressLine

_EVERY_S = 0.1


class Progressing(Dialog[bool]):
    """Shows how far some work in another thread is. `advance` is the work's progress callback."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._state = (0, 0)
        self._stopped = False

    def body(self) -> ComposeResult:
        """The bar."""
        yield ProgressLine()

    def on_mount(self) -> None:
        """Look at the figures ten times a second: the work posts no messages."""
        super().on_mount()
        self.set_interval(_EVERY_S, self._paint)

    def advance(self, done: int, total: int) -> bool:
        """Called from the working thread; False asks it to stop."""
        self._state = (done, total)
        return not self._stopped

    def action_leave(self) -> None:
        """Ask the work to stop; it closes the dialog when it has."""
        self._stopped = True
        self.say("Stopping …")

    def _paint(self) -> None:
        self.query_one(ProgressLine).show(*self._state)
