"""The frame of every dialog: a title, a body, a line that answers back, and Esc to leave."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from widgets import KeyBar, KeyHint, StatusLine, TextView, Tone

Result = TypeVar("Result")

_FRAME = 4
"""Lines of every dialog: the border, what is said and the keys."""
_MOST_TEXT = 16


class Host(Protocol):
    """What a dialog needs of the console."""

    def armed(self, name: str, act: Callable[[], object]) -> None:
        """Run `act` for the key being pressed, if arming lets it act."""
        ...


class Dialog(ModalScreen[Result | None]):
    """A question in front of a screen; its result is None where the operator left it."""

    AUTO_FOCUS = "#question"
    BODY: ClassVar[int] = 0
    """Lines of the body."""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 55%;
        & > #box {
            width: 76; max-width: 100%; height: auto; max-height: 100%;
            background: $background; border: round $primary; padding: 0 1;
        }
        & TextView { height: auto; }
        & SafeInput { margin: 0 1; width: 1fr; }
    }
    """

    def __init__(self, title: str, text: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self._heading = title
        self._text = tuple(text)

    def compose(self) -> ComposeResult:
        """The frame around `body`."""
        with Vertical(id="box"):
            yield TextView(self._heading, id="question")
            yield from self.body()
            yield StatusLine()
            yield KeyBar()

    def body(self) -> ComposeResult:
        """What stands between the text and the keys."""
        yield from ()

    def hints(self) -> Sequence[KeyHint]:
        """The keys of this dialog."""
        return ()

    def on_mount(self) -> None:
        """Fill in the text and the keys."""
        self.query_one("#question", TextView).show(self._text)
        self.query_one(KeyBar).show((*self.hints(), KeyHint("Esc", "leave", enabled=True)))
        self.on_resize()

    def on_resize(self) -> None:
        """Let what scrolls give way: a line cut off would pass for seen, a key for missing."""
        self.share(self.app.size.height - _FRAME)

    def share(self, lines: int) -> None:
        """Share the lines that there are between text and body."""
        most = min(lines - self.BODY, _MOST_TEXT)
        self.query_one("#question").styles.max_height = max(most, 1)

    def say(self, text: str, tone: Tone = "warn") -> None:
        """Answer the operator inside the dialog."""
        self.query_one(StatusLine).say(text, tone)

    @property
    def host(self) -> Host:
        """The console."""
        return cast("Host", self.app)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
