"""The help screen, made from the commands as they are declared."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from app.console.commands import Command, Scope, display
from app.console.screens.base import Base
from widgets import TextView

_GROUPS = {
    "decide": "DECIDING, on the watch screen",
    "agents": "AGENTS AND GRANTS",
    "learning": "SUGGESTIONS",
    "alerts": "ALERTS",
    "trends": "TRENDS",
    "report": "REPORTS",
    "audit": "THE AUDIT LOG",
    "look": "LOOKING",
    "go": "GOING ABOUT",
}
_RULES = (
    (
        "A key that decides acts only when the same thing was before you for half a second, when "
        "it is pressed alone, and when you have seen all of what is asked. What comes sooner is "
        "dropped. Enter and Space never approve."
    ),
    "Signs: !!! critical, !! high, ! medium, · low.  ● well, ○ idle, ▲ look, ✖ bad.  ■ marked.",
    "In lists: arrows or j and k, Home and End or g and G. Tab goes to the next pane.",
)


def help_text(commands: Sequence[Command]) -> list[tuple[str, str]]:
    """All keys by group, then the rules."""
    text: list[tuple[str, str]] = []
    for group, title in _GROUPS.items():
        text += [("", "text"), (title, "accent")]
        for command in commands:
            if command.group == group:
                keys = " ".join(display(key) for key in command.keys)
                elsewhere = command.scopes and command.group != "decide"
                where = f"  ({', '.join(command.scopes)})" if elsewhere else ""
                text.append((f"{keys}\t{command.help}{where}", "text"))
    return text + [item for rule in _RULES for item in (("", "text"), (rule, "dim"))]


class HelpScreen(Base):
    """Every key and what it does."""

    SCOPE: ClassVar[Scope] = "help"
    AUTO_FOCUS = "#text"

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__()
        self._commands = commands

    def body(self) -> ComposeResult:
        """One text."""
        yield TextView("HELP", id="text")

    def on_mount(self) -> None:
        """Fill it in."""
        self.query_one("#text", TextView).show(help_text(self._commands))
