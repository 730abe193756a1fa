"""The two lines at the bottom: what was just said, and which keys do what."""

from collections.abc import Sequence
from itertools import groupby
from string import digits
from typing import Literal, NamedTuple

from widgets import figures
from widgets.cells import cell_len, clean, fit
from widgets.lines import Face, LineView

Tone = Literal["dim", "text", "ok", "warn", "bad"]
_SIGNS: dict[Tone, str] = {"dim": " ", "text": " ", "ok": "✓", "warn": "▲", "bad": "✖"}


class KeyHint(NamedTuple):
    """One key of the footer. Hints of one `group` stand together and may become one."""

    key: str
    label: str
    enabled: bool
    group: str = ""

    def size(self) -> int:
        """Columns with the gap behind it."""
        return cell_len(clean(self.key)) + cell_len(clean(self.label)) + 3


def hints_face(hints: Sequence[KeyHint], width: int) -> Face:
    """All hints where they fit, else with each group as one, and as many as fit whole."""
    if sum(hint.size() for hint in hints) >= width:
        hints = _together(hints)
    face: list[tuple[str, str]] = [(" ", "text")]
    used = 1
    for hint in hints:
        used += hint.size()
        if used > width:
            break
        face += [(clean(hint.key), "strong" if hint.enabled else "dim")]
        face += [(f" {clean(hint.label)}  ", "text" if hint.enabled else "dim")]
    return tuple(face)


def _together(hints: Sequence[KeyHint]) -> list[KeyHint]:
    """Each group as one hint from its first key to its last, where these are figures in a row."""
    shorter: list[KeyHint] = []
    for group, run in groupby(hints, lambda hint: hint.group):
        members = list(run)
        keys = "".join(hint.key for hint in members)
        if group and len(keys) == len(members) and keys in digits:
            enabled = any(hint.enabled for hint in members)
            members = [KeyHint(f"{keys[0]}–{keys[-1]}", group, enabled)]
        shorter += members
    return shorter


class StatusLine(LineView, can_focus=False):
    """The last thing said to the operator."""

    HEADED = False
    DEFAULT_CSS = "StatusLine { height: 1; width: 100%; }"

    def __init__(self) -> None:
        super().__init__(id="status")
        self._text = ""
        self._tone: Tone = "dim"

    def count(self) -> int:
        """One line."""
        return 1

    def face(self, index: int, width: int) -> Face:
        """The sentence with its sign."""
        del index
        return ((f" {_SIGNS[self._tone]} ", self._tone), (fit(self._text, width - 3), self._tone))

    def say(self, text: str, tone: Tone) -> None:
        """Show a sentence."""
        self._text, self._tone = text, tone
        self.poke()


class KeyBar(LineView, can_focus=False):
    """The footer: keys that make sense here; those that cannot act now are dim."""

    HEADED = False
    DEFAULT_CSS = "KeyBar { height: 1; width: 100%; }"

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._hints: tuple[KeyHint, ...] = ()

    def count(self) -> int:
        """One line."""
        return 1

    def face(self, index: int, width: int) -> Face:
        """The hints."""
        del index
        return hints_face(self._hints, width)

    def ground(self, index: int) -> str:
        """The footer stands on the bar's ground."""
        del index
        return "bar"

    def show(self, hints: Sequence[KeyHint]) -> None:
        """Show these hints."""
        self._hints = tuple(hints)
        self.poke()


class ProgressLine(LineView, can_focus=False):
    """A progress bar with its figures; `total` 0 means that the end is not known."""

    HEADED = False
    DEFAULT_CSS = "ProgressLine { height: 1; width: 100%; }"

    def __init__(self) -> None:
        super().__init__(id="progress")
        self._done = 0
        self._total = 0

    def count(self) -> int:
        """One line."""
        return 1

    def face(self, index: int, width: int) -> Face:
        """The bar and the figures."""
        del index
        figure = f" {self._done:,} of {self._total:,}" if self._total else f" {self._done:,}"
        size = max(width - len(figure) - 2, 4)
        part = self._done / self._total if self._total else 0.0
        return ((" " + figures.bar(part, size), "accent"), (figure, "dim"))

    def show(self, done: int, total: int) -> None:
        """Show how far the work is."""
        self._done, self._total = done, total
        self.poke()
