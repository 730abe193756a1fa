"""How long and how often similar actions get the same answer."""

from collections.abc import Sequence

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from app.console.dialogs.base import Dialog
from widgets import KeyHint, SafeInput, TextView

_MOST_MINUTES = 24 * 60
_MOST_COUNT = 1000


class Bounds(Struct, frozen=True):
    """The bounds of a standing grant."""

    minutes: int
    count: int
    reason: str = ""


class Similar(Dialog[Bounds]):
    """Asks for minutes, number and reason; what they mean is confirmed afterwards."""

    AUTO_FOCUS = "#minutes"
    BODY = 3
    DEFAULT_CSS = """
    Similar Horizontal { height: 1; }
    Similar Horizontal TextView { width: 24; }
    """

    def body(self) -> ComposeResult:
        """Three fields, each behind its name."""
        for name, label, value in (
            ("minutes", "For how many minutes", "15"),
            ("count", "For how many actions", "10"),
            ("reason", "Reason (may stay empty)", ""),
        ):
            heading = TextView(label, id=f"label-{name}")
            heading.can_focus = False  # Tab is for the fields
            yield Horizontal(heading, SafeInput(value, id=name))

    def hints(self) -> Sequence[KeyHint]:
        """Enter goes on to the last look."""
        return (
            KeyHint("Tab", "next", enabled=True),
            KeyHint("Enter", "go on", enabled=True),
        )

    @on(SafeInput.Submitted)
    def submit(self, event: SafeInput.Submitted) -> None:
        """Check the figures and go on."""
        event.stop()
        minutes = self._figure("minutes", _MOST_MINUTES)
        count = self._figure("count", _MOST_COUNT)
        if minutes and count:
            bounds = Bounds(minutes, count, self.query_one("#reason", SafeInput).value.strip())
            self.host.armed("submit", lambda: self.dismiss(bounds))

    def _figure(self, name: str, most: int) -> int:
        text = self.query_one(f"#{name}", SafeInput).value.strip()
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
        if not 1 <= value <= most:
            self.say(f"{name}: a number from 1 to {most:,}")
            return 0
        return value
