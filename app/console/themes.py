"""The themes; the only module that registers any.

`colour-blind` holds for people who confuse red and green: its hues are the Okabe-Ito palette's,
and they differ in lightness too. Signs carry the meaning in every theme.
"""

from typing import Any

from textual.app import App
from textual.theme import Theme

THEMES = (
    Theme(
        name="dark",
        dark=True,
        primary="#6ea8d8",
        secondary="#3d5a73",
        accent="#8fb8a8",
        success="#7fbf7f",
        warning="#e0b050",
        error="#ee6a6a",
        foreground="#d6dae0",
        background="#14171c",
        surface="#1b2027",
        panel="#222831",
    ),
    Theme(
        name="light",
        dark=False,
        primary="#1f6fb2",
        secondary="#9dbad3",
        accent="#1d7f6b",
        success="#2c7a2c",
        warning="#9a6200",
        error="#bd2a2a",
        foreground="#23282f",
        background="#fafaf7",
        surface="#efefea",
        panel="#e4e5e0",
    ),
    Theme(
        name="colour-blind",
        dark=True,
        primary="#56b4e9",
        secondary="#0072b2",
        accent="#cc79a7",
        success="#009e73",
        warning="#f0e442",
        error="#e8702a",
        foreground="#e6e6e6",
        background="#101216",
        surface="#1a1d23",
        panel="#23272f",
    ),
)
NAMES = tuple(theme.name for theme in THEMES)
DEFAULT = NAMES[0]


def register(app: App[Any], wanted: str) -> None:
    """Make the themes known to the app and put on the wanted one, or the default."""
    for theme in THEMES:
        app.register_theme(theme)
    app.theme = wanted if wanted in NAMES else DEFAULT


def following(name: str) -> str:
    """The theme after this one."""
    place = NAMES.index(name) if name in NAMES else -1
    return NAMES[(place + 1) % len(NAMES)]
