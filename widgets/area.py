"""Lines to type into that hold nothing a terminal would obey; apart, for they are seldom shown."""

from textual import events
from textual.widgets import TextArea

from widgets.cells import clean


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
