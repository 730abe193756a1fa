"""Where each argument of a call came from, for a person to see."""

from typing import Literal

from msgspec import Struct

from components.actions import Action
from components.intent_firewall.normalise import encodable
from components.intent_firewall.orders import Read, readable
from components.intent_firewall.provenance_values import (
    MAX_TEXT,
    MAX_VALUES,
    find_bounded,
    pieces_of,
    telling,
)
from components.intent_firewall.subject import Field, Subject

Source = Literal["request", "trusted", "order", "read", "nowhere"]
_Known = tuple[Source, str, str]


class Origin(Struct, frozen=True):
    """Where the value of one argument stands first.

    `source` is the user's `request`, `trusted` context, an `order` inside text that the agent
    read, the rest of that text (`read`), or `nowhere`: then the agent made it up, computed it, or
    had it from what it was not shown here. `where` and `span` (characters) say the place.
    """

    argument: str
    source: Source
    where: str = ""
    span: tuple[int, int] | None = None


def origins(action: Action, subject: Subject) -> tuple[Origin, ...]:
    """Where each text argument came from, in their order, at most `MAX_VALUES`.

    Of a long text its first address, account or id is looked for. Linear in the texts for each
    argument: it is for showing, and no part of the screening.
    """
    known: list[_Known] = [("request", "request", _folded(action.request))]
    known += [
        ("trusted", f"context[{index}].text", _folded(piece.text))
        for index, piece in enumerate(action.context)
        if piece.trusted
    ]
    read = pieces_of(subject)
    arguments = [item for item in subject.fields if item.scope == "arguments"]
    return tuple(_origin(item, known, read) for item in arguments[:MAX_VALUES])


def _folded(text: str) -> str:
    return readable(encodable(text[:MAX_TEXT].lower()))


def _origin(item: Field, known: list[_Known], read: list[Read]) -> Origin:
    value = telling(item)
    if not value:
        return Origin(item.where, "nowhere")
    for source, where, text in known:
        if span := _span(text, value, 0, len(text)):
            return Origin(item.where, source, where, span)
    for piece in read:
        for order in piece.orders:
            if span := _span(piece.folded, value, order.start, order.reach):
                return Origin(item.where, "order", piece.where, span)
    for piece in read:
        if span := _span(piece.folded, value, 0, len(piece.folded)):
            return Origin(item.where, "read", piece.where, span)
    return Origin(item.where, "nowhere")


def _span(text: str, value: str, start: int, end: int) -> tuple[int, int] | None:
    at = find_bounded(text, value, start, end)
    return None if at is None else (at, at + len(value))
