"""What is asked in front of a screen. Every key in a dialog is armed like any other."""

from app.console.dialogs.ask import Ask, Code
from app.console.dialogs.base import Dialog
from app.console.dialogs.choose import Choose, Palette
from app.console.dialogs.confirm import Confirm
from app.console.dialogs.operator import Sitting, Switch
from app.console.dialogs.progress import Progressing
from app.console.dialogs.similar import Bounds, Similar

__all__ = [
    "Ask",
    "Bounds",
    "Choose",
    "Code",
    "Confirm",
    "Dialog",
    "Palette",
    "Progressing",
    "Similar",
    "Sitting",
    "Switch",
]
