"""The last lock before the terminal: filters over every line that any widget draws."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from widgets import clean


class Guard(LineFilter):
    """Lets no character through that a terminal obeys."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments; those with anything unprintable cleaned, control codes dropped."""
        del background
        return [
            segment if segment.text.isprintable() else Segment(clean(segment.text), segment.style)
            for segment in segments
            if not segment.control
        ]


class Plain(LineFilter):
    """Leaves bold, underline and reverse, and no colour at all."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same text in attributes only."""
        del background
        return [
            Segment(text, None if style is None else _attributes(style), control)
            for text, style, control in segments
        ]


@lru_cache(maxsize=1024)
def _attributes(style: Style) -> Style:
    return Style(
        bold=bool(style.bold), underline=bool(style.underline), reverse=bool(style.reverse)
    )


GUARD = Guard()
PLAIN = Plain()
