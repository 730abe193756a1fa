"""The operator's console: run it over a desk."""

from app.console.app import Console, run_console
from app.console.commands import COMMANDS, BadKeymap
from app.console.themes import NAMES as THEMES

__all__ = ["COMMANDS", "THEMES", "BadKeymap", "Console", "run_console"]
