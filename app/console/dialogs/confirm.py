"""A last look before something is done."""

from collections.abc import Sequence

from textual import events

from app.console.commands import display
from app.console.dialogs.base import Dialog
from widgets import KeyHint, TextView


class Confirm(Dialog[bool]):
    """Shows what will happen; one of the given keys does it. All of the text must be seen."""

    def __init__(
        self, title: str, text: Sequence[tuple[str, str]], keys: Sequence[str], verb: str
    ) -> None:
        super().__init__(title, text)
        self._keys = tuple(keys)
        self._verb = verb
        self._lowest = 0

    def hints(self) -> Sequence[KeyHint]:
        """The key that does it."""
        return (KeyHint(display(self._keys[0]), self._verb, enabled=True),)

    def on_key(self, event: events.Key) -> None:
        """The key acts when it is armed and the end of the text was on the screen."""
        if event.key not in self._keys:
            return
        event.stop()
        question = self.query_one("#question", TextView)
        if question.top + question.page < question.count():
            self.say("There is more: scroll to the end first (PageDown).")
            return
        self.host.armed("confirm", lambda: self.dismiss(True))
