"""Text measured in terminal cells: a last guard, cutting, aligning and wrapping. All pure.

Views are already safe to show. `clean` is the second lock on the same door: it lets nothing
through that a terminal obeys, nor characters whose width terminals disagree about.
"""

import re
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len as cell_len
from rich.cells import get_character_cell_size

Align = Literal["left", "right"]

_WOBBLY = re.compile(
    "[\u1160-\u11ff\u180b-\u180d\ufe00-\ufe0f"
    "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
_ELLIPSIS = "…"


def clean(text: str) -> str:
    """The same line of text with every unprintable or unsteady character as `\\u{hex}`."""
    if text.isprintable() and (text.isascii() or not _WOBBLY.search(text)):
        return text
    return "".join(
        character
        if character.isprintable() and not _WOBBLY.match(character)
        else f"\\u{{{ord(character):x}}}"
        for character in text
    )


@lru_cache(maxsize=8192)
def fit(text: str, width: int, align: Align = "left") -> str:
    """`text` in exactly `width` cells: padded, or cut with an ellipsis that says so."""
    if width <= 0:
        return ""
    text = clean(text[: width * 8 + 8])
    length = cell_len(text)
    if length > width:
        text = _cut(text, width - 1) + _ELLIPSIS
        length = cell_len(text)
    padding = " " * (width - length)
    return padding + text if align == "right" else text + padding


def _cut(text: str, width: int) -> str:
    """The longest start of `text` in at most `width` cells."""
    if text.isascii():
        return text[:width]
    cells = 0
    for index, character in enumerate(text):
        cells += get_character_cell_size(character)
        if cells > width:
            return text[:index]
    return text


def wrap(text: str, width: int) -> list[str]:
    """One line of text as lines of at most `width` cells; every character is kept.

    Breaks come after a space in the second half of a line, else after a comma, semicolon, bar or
    bracket there, else at the edge. Linear in the length of the text.
    """
    width = max(width, 2)
    text = clean(text)
    if not text:
        return [""]
    if text.isascii():
        return _narrow(width).findall(text)
    return _wrap_wide(text, width)


@lru_cache(maxsize=32)
def _narrow(width: int) -> re.Pattern[str]:
    half = width // 2
    early = f".{{{half},{width - 1}}}"
    return re.compile(rf".{{1,{width}}}$|{early} |{early}[,;|(]|.{{1,{width}}}")


def _wrap_wide(text: str, width: int) -> list[str]:
    lines: list[str] = []
    start = cells = 0
    for index, character in enumerate(text):
        size = get_character_cell_size(character)
        if cells + size > width:
            half = start + (index - start) // 2
            space = text.rfind(" ", half, index)
            if space < 0:
                space = max(text.rfind(mark, half, index) for mark in ",;|(")
            stop = space + 1 if space >= 0 else index
            lines.append(text[start:stop])
            start, cells = stop, cell_len(text[stop:index])
        cells += size
    lines.append(text[start:])
    return lines
