"""The frame of every dialog: a title, a body, a line that answers back, and Esc to leave."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from widgets import KeyBar, KeyHint, StatusLine, TextView, Tone

Result = TypeVar("Result")


class Host(Protocol):
    """What a dialog needs of the console."""

    def armed(self, name: str, act: Callable[[], object]) -> None:
        """Run `act` for the key being pressed, if arming lets it act."""
        ...


class Dialog(ModalScreen[Result | None]):
    """A question in front of a screen; its result is None where the operator left it."""

    AUTO_FOCUS = "#question"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 55%;
        & > #box {
            width: 76; max-width: 100%; height: auto; max-height: 100%;
            background: $background; border: round $primary; padding: 0 1;
        }
        & TextView { height: auto; max-height: 16; }
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
