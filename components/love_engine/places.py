"""Where in an action or a text something was found."""

from msgspec import Struct

from components.love_engine.fields import EXCERPT
from components.love_engine.words import Span, spans


class Place(Struct, frozen=True):
    """Where a measure holds; an empty `where` is the action as a whole."""

    where: str = ""
    span: Span | None = None
    excerpt: str = ""


def stretch(where: str, text: str, first: int, last: int) -> Place:
    """The place from one token of a text to another, counted as `tokens` counts them."""
    places = spans(text)
    start, end = places[first][0], places[min(last, len(places) - 1)][1]
    return Place(where, (start, end), text[start:end][:EXCERPT])
