"""The operator's console: run it over a desk."""

from app.console.app import NOT_BEGUN, Console
from app.console.commands import COMMANDS, BadKeymap, remapped
from app.console.hangup import GONE
from app.console.running import run_console
from app.console.themes import NAMES as THEMES

__all__ = [
    "COMMANDS",
    "GONE",
    "NOT_BEGUN",
    "THEMES",
    "BadKeymap",
    "Console",
    "remapped",
    "run_console",
]
