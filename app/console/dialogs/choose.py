"""Dialogs to choose from a list: a length of time, or a command."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from app.console.dialogs.base import Dialog
from widgets import Face, KeyHint, RowList, SafeInput, fit


class Option(Struct, frozen=True):
    """One choice: what it stands for, its name, its key, and more about it."""

    value: str
    name: str
    key: str = ""
    more: str = ""


class Options(RowList[Option]):
    """The choices."""

    HEADED = False
    EMPTY = "No command has this name."
    DEFAULT_CSS = "Options { height: 12; }"

    def key_of(self, row: Option) -> Hashable:
        """The value."""
        return row.value

    def face(self, index: int, width: int) -> Face:
        """Key, name and more."""
        row = self.rows[index]
        return (
            (f" {fit(row.key, 8, 'right')}  ", "accent"),
            (fit(row.name, 17), "text"),
            (fit(row.more, max(width - 28, 0)), "dim"),
        )


class Choose(Dialog[str]):
    """Choose with the arrows and Enter, or by the choice's own key."""

    AUTO_FOCUS = "#options"
    ABOVE: ClassVar[int] = 1
    """Lines above the list."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "take", show=False)]

    def __init__(self, title: str, options: Sequence[Option]) -> None:
        super().__init__(title)
        self._options = tuple(options)

    def body(self) -> ComposeResult:
        """The list."""
        yield Options(id="options")

    def hints(self) -> Sequence[KeyHint]:
        """Enter takes it."""
        return (KeyHint("Enter", "take it", enabled=True),)

    def on_mount(self) -> None:
        """Point at the first choice."""
        super().on_mount()
        options = self.query_one(Options)
        options.styles.height = max(min(len(self._options), 11), 1)
        options.update_rows(self._options)
        options.point(self._options[0].value)

    def share(self, lines: int) -> None:
        """The list gives way."""
        self.query_one(Options).styles.max_height = max(lines - self.ABOVE, 1)

    def on_key(self, event: events.Key) -> None:
        """A choice's own key takes it."""
        for option in self._options:
            if option.key and event.key == option.key:
                event.stop()
                self._answer(option.value)

    def action_take(self) -> None:
        """Take what the cursor is on."""
        current = self.query_one(Options).current
        if current is not None:
            self._answer(current.value)

    def _answer(self, value: str) -> None:
        self.host.armed("choose", lambda: self.dismiss(value))


class Palette(Choose):
    """Every command, found by typing part of its name."""

    AUTO_FOCUS = "#line"
    ABOVE = 2

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
    ]

    def body(self) -> ComposeResult:
        """A field above the list."""
        yield SafeInput(id="line")
        yield Options(id="options")

    def on_key(self, event: events.Key) -> None:
        """Typing goes to the field."""

    @on(SafeInput.Changed)
    def narrow(self, event: SafeInput.Changed) -> None:
        """List the commands that hold what was typed."""
        event.stop()
        wanted = event.value.casefold().split()
        found = tuple(
            option
            for option in self._options
            if all(word in f"{option.name} {option.more}".casefold() for word in wanted)
        )
        options = self.query_one(Options)
        options.update_rows(found)
        options.point(found[0].value if found else None)

    def action_move(self, by: int) -> None:
        """Move in the list while the field has the focus."""
        self.query_one(Options).action_move(by)

    def _answer(self, value: str) -> None:
        self.dismiss(value)
