"""Features measured across the fields of an action: what its parts say about each other.

Each measure is a function of a `Deed` (the action with its words taken apart once) that yields
the places where it holds. Name, severity and sentence stand in the lexicon of its dimension.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import re2
from msgspec import Struct

from components.actions import Action
from components.love_engine.fields import Field
from components.love_engine.lexicon import Lexicon
from components.love_engine.words import STOP_WORDS, Span, content_stems, name_tokens, stem, tokens

_MONEY = re2.compile(
    r"(?i)(?:[$€£¥]|\b(?:usd|eur|gbp)\s?)\s?([0-9][0-9,]*(?:\.[0-9]+)?)"
    r"|\b([0-9][0-9,]*(?:\.[0-9]+)?)\s?(?:dollars|euros|pounds|usd|eur|gbp)\b"
)
_NUMBER = re2.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_CHANGING_COMMAND = re2.compile(
    r"(?i)(?:^|[;&|\n(]|\bsudo\s|\bxargs\s)\s*"
    r"(?:rm|rmdir|mv|dd|shred|truncate|mkfs\S*|chmod|chown|kill|pkill|killall|useradd|userdel)\s"
    r"|\b(?:drop|truncate)\s+(?:table|database)\b|\bdelete\s+from\b|\bupdate\s+\S+\s+set\b"
    r"|\binsert\s+into\b|\s-x\s*(?:post|put|delete|patch)\b"
)
_AMOUNTS = frozenset({"amount", "price", "total", "sum", "payment", "amount_usd"})
_FEW_WORDS = 5
_NEGATORS = frozenset("not don't dont never without cannot won't shouldn't".split())
_REACH = 2


class Place(Struct, frozen=True):
    """Where a measure holds; an empty `where` is the action as a whole."""

    where: str = ""
    span: Span | None = None
    excerpt: str = ""


class Deed:
    """An action with its words taken apart, each part when it is first needed."""

    def __init__(self, action: Action, fields: list[Field], lexicon: Lexicon) -> None:
        self.action = action
        self.arguments = [field for field in fields if field.where.startswith("arguments")]
        self._groups = lexicon.words

    def group(self, name: str) -> frozenset[str]:
        """The words of a lexicon group."""
        return self._groups[name]

    @cached_property
    def tool(self) -> list[str]:
        """The words of the tool's name."""
        return name_tokens(self.action.tool)

    @cached_property
    def request(self) -> list[str]:
        """The tokens of the request."""
        return tokens(self.action.request)

    @cached_property
    def narrative(self) -> list[str]:
        """The tokens of the narrative."""
        return tokens(self.action.narrative)

    @cached_property
    def deed_stems(self) -> frozenset[str]:
        """The stems of what is done: tool, names and values of the arguments, narrative."""
        words = [*self.tool, *self.narrative]
        for path, value in _leaves(self.action.arguments):
            words += name_tokens(path)
            words += tokens(value) if isinstance(value, str) else [str(value)]
        return frozenset(content_stems(words))

    @cached_property
    def changes(self) -> tuple[str, ...]:
        """The kinds of effect that the tool's words announce: `delete`, `send`, `pay`, `grant`."""
        kinds = ("delete", "send", "pay", "grant")
        return tuple(k for k in kinds if not self.group(f"{k}_effect").isdisjoint(self.tool))


def amount_contradicts(deed: Deed) -> Iterator[Place]:
    """An amount in the arguments that neither the narrative, which names sums, nor the request has."""
    narrative = deed.action.narrative
    if not deed.action.arguments or not _MONEY.search(narrative):
        return
    told = {_number(text) for text in _NUMBER.findall(f"{narrative} {deed.action.request}")}
    for path, value in _leaves(deed.action.arguments):
        if path.rpartition(".")[2].lower() in _AMOUNTS and isinstance(value, int | float):
            if not isinstance(value, bool) and abs(float(value)) not in told:
                yield Place(f"arguments.{path}", None, str(value))


def claims_to_change_nothing(deed: Deed) -> Iterator[Place]:
    """The narrative says that nothing is changed; the tool or its command changes something."""
    narrative = deed.action.narrative
    place = _phrase(deed.narrative, deed.group("harmless_claim"))
    if place is None:
        return
    commands = (field.text for field in deed.arguments if field.kind == "command")
    if deed.changes or any(_CHANGING_COMMAND.search(command) for command in commands):
        yield Place("narrative", None, narrative[:160])


def undisclosed_effect(deed: Deed) -> Iterator[Place]:
    """Deleting, sending, paying or granting that neither the narrative nor the request mentions."""
    if len(content_stems(deed.narrative)) < _FEW_WORDS:
        return
    told = {stem(word) for word in (*deed.narrative, *deed.request)}
    for kind in deed.changes:
        if told.isdisjoint(map(stem, deed.group(f"{kind}_effect"))):
            yield Place("tool", (0, len(deed.action.tool)), deed.action.tool)


def protected_input(deed: Deed) -> Iterator[Place]:
    """A tool that decides about people is given a protected attribute to decide by."""
    if deed.group("decision_tool").isdisjoint(deed.tool):
        return
    protected = deed.group("protected_field")
    for path, value in _leaves(deed.action.arguments):
        name = " ".join(name_tokens(path.rpartition(".")[2]))
        if name in protected and value not in (None, "", False):
            yield Place(f"arguments.{path}", None, str(value)[:160])


def consent_assumed(deed: Deed) -> Iterator[Place]:
    """A consent or subscription is set that the request says nothing of."""
    if not deed.request:
        return
    consents = deed.group("consent_field")
    asked = {stem(word) for word in deed.request}
    for path, value in _leaves(deed.action.arguments):
        words = name_tokens(path.rpartition(".")[2])
        if value is True and " ".join(words) in consents and asked.isdisjoint(map(stem, words)):
            yield Place(f"arguments.{path}", None, "true")


def against_request(deed: Deed) -> Iterator[Place]:
    """The request says not to do what the tool does, to the same thing."""
    verbs = {stem(word) for word in deed.tool if word in deed.group("doing")}
    objects = {stem(word) for word in deed.tool} - verbs
    if not verbs or not objects:
        return
    words = deed.request
    for place, word in enumerate(words):
        if word not in _NEGATORS:
            continue
        near = [stem(other) for other in words[place + 1 : place + 1 + _REACH]]
        after = {stem(other) for other in _clause(words, place + 1, 8)}
        if not verbs.isdisjoint(near) and objects <= after:
            yield Place("request", None, " ".join(words[place : place + 8]))
            return


def serves_no_request(deed: Deed) -> Iterator[Place]:
    """Nothing of what is done has a word in common with what was asked."""
    asked = {word for word in content_stems(deed.request) if len(word) > 2}
    done = {word for word in deed.deed_stems if len(word) > 2}
    if len(asked) >= _FEW_WORDS and len(done) >= _FEW_WORDS and asked.isdisjoint(done):
        yield Place("tool", (0, len(deed.action.tool)), deed.action.tool)


MEASURES: Mapping[str, Callable[[Deed], Iterator[Place]]] = {
    measure.__name__: measure
    for measure in (
        amount_contradicts,
        claims_to_change_nothing,
        undisclosed_effect,
        protected_input,
        consent_assumed,
        against_request,
        serves_no_request,
    )
}


def _leaves(arguments: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    waiting: list[tuple[str, Any]] = list(arguments.items())[::-1]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{path}.{key}", item) for key, item in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [(path, item) for item in value]
        else:
            yield path, value


def _phrase(words: list[str], phrases: frozenset[str]) -> int | None:
    text = f" {' '.join(words)} "
    return next((1 for phrase in phrases if f" {phrase} " in text), None)


def _clause(words: list[str], start: int, length: int) -> list[str]:
    clause: list[str] = []
    for word in words[start : start + length]:
        if word in {".", "but", "just", "instead", "only"}:
            break
        clause.append(word)
    return clause


def _number(text: str) -> float:
    return float(re.sub(",", "", text))
