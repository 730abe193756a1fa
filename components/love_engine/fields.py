"""The texts of an action, each with what kind of text it is and where it stands."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from components.actions import Action
from components.love_engine.lexicon import FieldKind
from components.love_engine.words import Span, distinct, name_tokens, spans, tokens

MAX_CHARACTERS = 300_000
"""What is read of one action; more than the wire accepts. Beyond is a finding, not silence."""
EXCERPT = 160
"""Characters that are shown of a place."""

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

    def __init__(self, kind: FieldKind, where: str, text: str, lead: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.where = where
        self.text = text
        self.lead = lead

    @property
    def words(self) -> list[str]:
        """The tokens of lead and text."""
        return [*self.lead, *tokens(self.text)]

    @cached_property
    def spans(self) -> list[Span]:
        """Where each token of the text stands in it: found once, however much is found there."""
        return spans(self.text)

    @property
    def distinct(self) -> set[str]:
        """The same without order, number and marks."""
        return distinct(self.text).union(self.lead)


Leaf = tuple[str, str, Any]
"""Path, nearest name and value of something in the arguments that holds nothing else."""


def fields(action: Action, arguments: Iterable[Leaf]) -> Iterator[Field]:
    """The texts of the action that the agent or the user wrote; the context is not judged.

    Of all of them together no more than `MAX_CHARACTERS` are read.
    """
    room = MAX_CHARACTERS
    for kind, where, text, lead in _texts(action, arguments):
        if len(text) > room:
            yield Field(kind, where, text[:room])
            return
        room -= len(text)
        yield Field(kind, where, text, lead)


def within(texts: Iterable[str], room: int) -> Iterator[str]:
    """The texts as far as they are read when so many characters are."""
    for text in texts:
        yield text[:room]
        room = max(0, room - len(text))


def leaves(arguments: dict[str, Any]) -> list[Leaf]:
    """Everything in the arguments, at any depth, in order."""
    found: list[Leaf] = []
    for key, value in arguments.items():
        if isinstance(value, dict | list | tuple):
            found += _inner(f"arguments.{key}", str(key), value)
        else:
            found.append((f"arguments.{key}", str(key), value))
    return found


def _inner(path: str, name: str, value: Any) -> Iterator[Leaf]:
    """The leaves of one argument; without recursion, because its depth is the agent's choice."""
    waiting: list[Leaf] = [(path, name, value)]
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


def _texts(
    action: Action, arguments: Iterable[Leaf]
) -> Iterator[tuple[FieldKind, str, str, tuple[str, ...]]]:
    if action.request:
        yield "request", "request", action.request, ()
    if action.narrative:
        yield "narrative", "narrative", action.narrative, ()
    lead = name_tokens(action.tool)[:_LEAD]
    speaks = not _SPEAKS.isdisjoint(lead)
    for path, name, value in arguments:
        if not isinstance(value, str) or not value:
            continue
        if name.lower() in _COMMANDS:
            yield "command", path, value, ()
        else:
            message = speaks or name.lower() in _MESSAGES
            short = lead if len(value) <= _PREFIXED else ()
            yield "message" if message else "argument", path, value, short
