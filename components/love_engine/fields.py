"""The texts of an action, each with what kind of text it is and where it stands."""

from collections.abc import Iterator
from typing import Any

from components.actions import Action
from components.love_engine.lexicon import FieldKind
from components.love_engine.words import name_tokens, tokens

MAX_CHARACTERS = 300_000
"""What is read of one action; more than the wire accepts. Beyond is a finding, not silence."""

_COMMANDS_TEXT = "command cmd script code query sql statement expression argv browser_actions"
_COMMANDS = frozenset(_COMMANDS_TEXT.split())
_MESSAGES_TEXT = (
    "body text message subject content html caption comment post reply answer response tweet "
    "announcement notification description title email_body note notes"
)
_MESSAGES = frozenset(_MESSAGES_TEXT.split())
_SPEAKS_TEXT = "message email mail send reply post tweet notify announce comment sms"
_SPEAKS = frozenset(_SPEAKS_TEXT.split())
_LEAD = 8
_PREFIXED = 160  # characters: a value this short is read as the object of its tool's words


class Field:
    """One text of an action: what kind it is, where it stands, and its words.

    `lead` are words of the tool that are read before the text, as its verb.
    """

    __slots__ = ("kind", "lead", "text", "where", "words")

    def __init__(self, kind: FieldKind, where: str, text: str, lead: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.where = where
        self.text = text
        self.lead = lead
        self.words = tokens(text)


def fields(action: Action) -> tuple[list[Field], bool]:
    """The texts of the action that the agent or the user wrote; the context is not judged.

    The second value tells whether something beyond `MAX_CHARACTERS` was left unread.
    """
    found: list[Field] = []
    room = MAX_CHARACTERS
    for kind, where, text, lead in _texts(action):
        if len(text) > room:
            return [*found, Field(kind, where, text[:room])], True
        room -= len(text)
        found.append(Field(kind, where, text, lead))
    return found, False


def leaves(arguments: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Path, nearest name and value of everything in the arguments, at any depth, in order."""
    waiting: list[tuple[str, str, Any]] = [("arguments", "", arguments)]
    while waiting:
        path, name, value = waiting.pop()
        if isinstance(value, dict):
            pairs = reversed(list(value.items()))
            waiting += [(f"{path}.{key}", str(key), item) for key, item in pairs]
        elif isinstance(value, list | tuple):
            items = reversed(list(enumerate(value)))
            waiting += [(f"{path}[{place}]", name, item) for place, item in items]
        else:
            yield path, name, value


def _texts(action: Action) -> Iterator[tuple[FieldKind, str, str, tuple[str, ...]]]:
    if action.request:
        yield "request", "request", action.request, ()
    if action.narrative:
        yield "narrative", "narrative", action.narrative, ()
    lead = name_tokens(action.tool)[:_LEAD]
    speaks = not _SPEAKS.isdisjoint(lead)
    for path, name, value in leaves(action.arguments):
        if not isinstance(value, str) or not value:
            continue
        if name.lower() in _COMMANDS:
            yield "command", path, value, ()
        else:
            message = speaks or name.lower() in _MESSAGES
            short = lead if len(value) <= _PREFIXED else ()
            yield "message" if message else "argument", path, value, short
