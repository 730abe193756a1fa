"""The texts of an action, each with what kind of text it is and where it stands."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from components.actions import Action
from components.love_engine.lexicon import FieldKind
from components.love_engine.words import name_tokens

MAX_CHARACTERS = 300_000
"""What is read of one action; more than the wire accepts. Beyond is a finding, not silence."""

_COMMANDS = frozenset(
    "command cmd script code query sql statement expression argv browser_actions".split()
)
_MESSAGES = frozenset(
    "body text message subject content html caption comment post reply answer response tweet "
    "announcement notification description title email_body note notes".split()
)
_SPEAKS = frozenset("message email mail send reply post tweet notify announce comment sms".split())
_PREFIXED = 160  # characters: a value this short is read as the object of its tool's words


class Field(Struct, frozen=True):
    """One text. `lead` are words of the tool that are read before it, as its verb."""

    kind: FieldKind
    where: str
    text: str
    name: str = ""
    lead: tuple[str, ...] = ()


def fields(action: Action) -> Iterator[Field]:
    """All texts of the action that the agent or the user wrote; the context is not judged."""
    if action.request:
        yield Field("request", "request", action.request)
    if action.narrative:
        yield Field("narrative", "narrative", action.narrative)
    yield from arguments(action)


def arguments(action: Action) -> Iterator[Field]:
    """The strings among the arguments, at any depth."""
    lead = tuple(name_tokens(action.tool)[:8])
    speaks = not _SPEAKS.isdisjoint(lead)
    waiting: list[tuple[str, str, Any]] = [("arguments", "", action.arguments)]
    while waiting:
        where, name, value = waiting.pop()
        if isinstance(value, str):
            if value:
                yield _field(where, name, value, lead, speaks)
        elif isinstance(value, dict):
            pairs = reversed(list(value.items()))
            waiting += [(f"{where}.{key}", str(key), item) for key, item in pairs]
        elif isinstance(value, list | tuple):
            items = reversed(list(enumerate(value)))
            waiting += [(f"{where}[{place}]", name, item) for place, item in items]


def _field(where: str, name: str, text: str, lead: tuple[str, ...], speaks: bool) -> Field:
    lower = name.lower()
    if lower in _COMMANDS:
        return Field("command", where, text, lower)
    kind: FieldKind = "message" if speaks or lower in _MESSAGES else "argument"
    return Field(kind, where, text, lower, lead if len(text) <= _PREFIXED else ())
