"""What every screen has: the health line on top, the status and the keys below."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from app.console.commands import Scope
from components.views import Snapshot
from widgets import HealthLine, KeyBar, KeyHint, StatusLine, Tone

_WIDTHS = [(0, "-narrow"), (72, "-roomy"), (110, "-wide"), (150, "-broad"), (190, "-huge")]
_HEIGHTS = [(0, "-tiny"), (14, "-short"), (22, "-plain-height"), (34, "-tall")]


class Base(Screen[None]):
    """A screen of the console. Parts that do not change between snapshots are not touched."""

    SCOPE: ClassVar[Scope]
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS

    def __init__(self) -> None:
        super().__init__()
        self.drawing: Callable[[], AbstractContextManager[None]] = nullcontext
        self.health = HealthLine()
        self.status = StatusLine()
        self.key_bar = KeyBar()

    def compose(self) -> ComposeResult:
        """The frame around `body`."""
        yield self.health
        with Container(id="body"):
            yield from self.body()
        yield self.status
        yield self.key_bar

    def body(self) -> ComposeResult:
        """What is between the health line and the status line."""
        yield from ()

    @property
    def under_cursor(self) -> str:
        """What the armed keys would act on, where that is no decision: a change disarms them."""
        return ""

    def _on_timer_update(self) -> None:
        with self.drawing():
            super()._on_timer_update()

    def paint(self, *changed: Widget) -> None:
        """Paint these at once: what a key did must not wait for the next turn of the clock.

        What else is to be painted waits for that as before.
        """
        waits = self._layout_required or self._scroll_required or self._repaint_required
        if waits or not self.is_current:
            return
        others = self._dirty_widgets.difference(changed)
        with self.drawing():
            self._compositor.update_widgets(set(changed))
            self._compositor_refresh()
        self._dirty_widgets.update(others)
        for widget in changed:
            widget._repaint_required = False  # noqa: SLF001 - else it is painted once more

    def pull(self, snapshot: Snapshot, now: int) -> None:
        """Show the newest snapshot; `now` is the wall clock in µs."""
        self.health.show(snapshot.health, now)

    def say(self, text: str, tone: Tone) -> None:
        """Show a sentence in the status line."""
        self.status.say(text, tone)

    def hint(self, hints: tuple[KeyHint, ...]) -> None:
        """Show these keys in the footer."""
        self.key_bar.show(hints)
