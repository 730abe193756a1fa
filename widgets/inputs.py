"""Fields to type into that hold nothing a terminal would obey, wherever it came from."""

from textual import events
from textual.widgets import Input, TextArea

from widgets.cells import clean


class SafeInput(Input):
    """One line of text; what is pasted or set is made visible first."""

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
        self.insert_text_at_cursor(clean(" ".join(event.text.split("\n"))))


class SafeArea(TextArea):
    """Several lines of text, shown as they are; what is pasted is made visible first."""

    DEFAULT_CSS = """
    SafeArea { border: none; padding: 0 1; background: $surface; }
    SafeArea:focus { border: none; }
    """

    def __init__(self, text: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(_clean_lines(text), id=id, show_line_numbers=True, tab_behavior="focus")
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert(_clean_lines(event.text))


def _clean_lines(text: str) -> str:
    return "\n".join(clean(line.replace("\t", "    ")) for line in text.splitlines())
