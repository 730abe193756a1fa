"""A field to type into that holds nothing a terminal would obey, wherever it came from."""

from textual import events
from textual.widgets import Input

from widgets.cells import clean


class SafeInput(Input):
    """One line of text; what is pasted or set is made visible first.

    Of what is pasted, as much is taken as there is room for.
    """

    DEFAULT_CSS = """
    SafeInput { border: none; height: 1; padding: 0 1; background: $surface; }
    SafeInput:focus { border: none; background: $primary 28%; }
    SafeInput:nocolor { text-style: underline; }
    """

    def __init__(self, value: str = "", *, id: str | None = None, max_length: int = 2000) -> None:  # noqa: A002
        super().__init__(clean(value), id=id, max_length=max_length, select_on_focus=False)
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """Whatever sets the value, it is clean."""
        return clean(value)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        room = (self.max_length or 0) - len(self.value)
        self.insert_text_at_cursor(clean(" ".join(event.text.split("\n")))[: max(room, 0)])
