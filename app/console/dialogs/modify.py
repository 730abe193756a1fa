"""Changing the arguments of an action by hand, as strict JSON."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from app.console.dialogs.base import Dialog
from components.canonical import Malformed, parse
from components.views import DecisionView
from widgets import KeyHint
from widgets.area import SafeArea


def ascii_json(text: str) -> str:
    """JSON text with every character beyond plain ASCII in its `\\uXXXX` form: the same value."""
    return "".join(
        character
        if character == "\n" or " " <= character <= "~"
        else json.dumps(character)[1:-1].replace("\x7f", "\\u007f")
        for character in text
    )


def pretty(arguments: dict[str, Any]) -> str:
    """Arguments as they are shown for a last look: indented, ASCII only."""
    return ascii_json(json.dumps(arguments, indent=2))


def parsed(text: str) -> dict[str, Any]:
    """The arguments that were typed; `Malformed` says what is wrong with them."""
    value = parse(text.encode("utf-8", "surrogatepass"))
    if not isinstance(value, dict):
        raise Malformed("the arguments must be an object, {…}")
    return value


class Modify(Dialog[dict[str, Any]]):
    """An editor for the arguments; ctrl+s goes on to the last look, nothing else does."""

    AUTO_FOCUS = "#editor"
    BODY = 3

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "submit", show=False, priority=True)]
    DEFAULT_CSS = """
    Modify > #box { width: 100%; max-width: 110; height: 22; }
    Modify SafeArea { height: 1fr; }
    """

    def __init__(self, view: DecisionView) -> None:
        super().__init__("MODIFY the arguments", [(f"{view.agent} wants {view.tool}", "dim")])
        self._before = ascii_json(view.arguments_json)

    def body(self) -> ComposeResult:
        """The editor."""
        yield SafeArea(self._before, id="editor")

    def hints(self) -> Sequence[KeyHint]:
        """Going on is not yet approving."""
        return (KeyHint("ctrl+s", "to a last look", enabled=True),)

    def action_submit(self) -> None:
        """Parse strictly; go on, or say what is wrong."""
        try:
            arguments = parsed(self.query_one(SafeArea).text)
        except Malformed as error:
            self.say(str(error), "bad")
            return
        self.host.armed("submit", lambda: self.dismiss(arguments))
