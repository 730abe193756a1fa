"""Dialogs that ask for a line: a reason, a path, or the code of a critical decision."""

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult

from app.console.dialogs.base import Dialog
from widgets import KeyHint, SafeInput


class Ask(Dialog[str]):
    """Asks for one line; Enter submits it as `verb` says. Never used to approve."""

    AUTO_FOCUS = "#line"
    BODY = 1

    def __init__(
        self, title: str, text: Sequence[tuple[str, str]], verb: str, value: str = ""
    ) -> None:
        super().__init__(title, text)
        self._verb = verb
        self._value = value

    def body(self) -> ComposeResult:
        """The field."""
        yield SafeInput(self._value, id="line")

    def hints(self) -> Sequence[KeyHint]:
        """Enter submits."""
        return (KeyHint("Enter", self._verb, enabled=True),)

    @on(SafeInput.Submitted)
    def submit(self, event: SafeInput.Submitted) -> None:
        """Answer with the line, once the key is quiet."""
        event.stop()
        value = event.value.strip()
        self.host.armed("submit", lambda: self.dismiss(value))


class CodeInput(SafeInput):
    """Takes the code by hand only."""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()


class Code(Dialog[str]):
    """Asks for the code of a critical decision; its last character approves, Enter does nothing."""

    AUTO_FOCUS = "#line"
    BODY = 1

    def __init__(self, code: str, text: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"CRITICAL: type {code} to approve", text)
        self._code = code

    def body(self) -> ComposeResult:
        """The field, as long as the code."""
        yield CodeInput(id="line", max_length=len(self._code))

    def hints(self) -> Sequence[KeyHint]:
        """The code itself is the key."""
        return (KeyHint(self._code, "approve", enabled=True),)

    @on(SafeInput.Changed)
    def typed(self, event: SafeInput.Changed) -> None:
        """Approve when the last character came by hand; begin again where it was wrong."""
        event.stop()
        if len(event.value) < len(self._code):
            return
        field = self.query_one("#line", SafeInput)
        if event.value.casefold() != self._code.casefold():
            field.value = ""
            self.say(f"That is not {self._code}. Nothing was approved.")
            return
        self.host.armed("code", lambda: self.dismiss(self._code))
        self.set_timer(0.5, self._begin_again)

    def _begin_again(self) -> None:
        if self.is_current:
            self.query_one("#line", SafeInput).value = ""
