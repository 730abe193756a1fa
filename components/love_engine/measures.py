"""Features measured across the fields of an action: what its parts say about each other.

Each measure is a function of a `Deed` (the action with its words taken apart once) that yields
the places where it holds. Name, severity and sentence stand in the lexicon of its dimension.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import re2
from msgspec import Struct

from components.actions import Action
from components.love_engine.fields import Field, leaves
from components.love_engine.lexicon import Lexicon
from components.love_engine.words import Span, content_stems, name_tokens, span, stem

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
_NEGATORS_TEXT = "not don't dont never without cannot won't shouldn't"
_NEGATORS = frozenset(_NEGATORS_TEXT.split())
_REACH = 2
_EXCERPT = 160


class Place(Struct, frozen=True):
    """Where a measure holds; an empty `where` is the action as a whole."""

    where: str = ""
    span: Span | None = None
    excerpt: str = ""


class Deed:
    """An action with its words taken apart, each part when it is first needed."""

    def __init__(self, action: Action, fields: list[Field], lexicon: Lexicon) -> None:
        self.action = action
        self.fields = fields
        self.leaves = list(leaves(action.arguments))
        self.tool = name_tokens(action.tool)
        self.request = self._words("request")
        self.narrative = self._words("narrative")
        self._groups = lexicon.words

    def group(self, name: str) -> frozenset[str]:
        """The words of a lexicon group."""
        return self._groups[name]

    def _words(self, where: str) -> list[str]:
        return next((field.words for field in self.fields if field.where == where), [])

    @cached_property
    def done(self) -> frozenset[str]:
        """The stems of what is done: tool, names and values of the arguments, narrative."""
        words = set(self.tool)
        for field in self.fields:
            if field.where != "request":
                words.update(field.words)
        for _, name, value in self.leaves:
            words.update(name_tokens(name))
            if not isinstance(value, str):
                words.add(str(value).lower())
        return frozenset(content_stems(words))

    @cached_property
    def changes(self) -> tuple[str, ...]:
        """The kinds of effect that the tool's words announce: `delete`, `send`, `pay`, `grant`."""
        kinds = ("delete", "send", "pay", "grant")
        return tuple(k for k in kinds if not self.group(f"{k}_effect").isdisjoint(self.tool))


def amount_contradicts(deed: Deed) -> Iterator[Place]:
    """The narrative names sums, and an amount in the arguments is none of them."""
    narrative = deed.action.narrative
    if not deed.action.arguments or not _MONEY.search(narrative):
        return
    told = {_number(text) for text in _NUMBER.findall(f"{narrative} {deed.action.request}")}
    for path, name, value in deed.leaves:
        if name.lower() in _AMOUNTS and type(value) in {int, float} and abs(value) not in told:
            yield Place(path, None, str(value))


def claims_to_change_nothing(deed: Deed) -> Iterator[Place]:
    """The narrative says that nothing is changed; the tool or its command changes something."""
    said = _said(deed.narrative, deed.group("harmless_claim")) if deed.narrative else None
    if said is None:
        return
    commands = (field.text for field in deed.fields if field.kind == "command")
    if deed.changes or any(_CHANGING_COMMAND.search(command) for command in commands):
        yield _stretch("narrative", deed.action.narrative, *said)


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
    for path, name, value in deed.leaves:
        if " ".join(name_tokens(name)) in protected and value not in (None, "", False):
            yield Place(path, None, str(value)[:_EXCERPT])


def consent_assumed(deed: Deed) -> Iterator[Place]:
    """A consent or subscription is set that the request says nothing of."""
    if not deed.request:
        return
    for path, name, value in deed.leaves:
        words = name_tokens(name)
        if value is not True or " ".join(words) not in deed.group("consent_field"):
            continue
        if set(map(stem, deed.request)).isdisjoint(map(stem, words)):
            yield Place(path, None, "true")


def against_request(deed: Deed) -> Iterator[Place]:
    """The request says not to do what the tool does, to the same thing."""
    if _NEGATORS.isdisjoint(deed.request):
        return
    verb = next((stem(word) for word in deed.tool if word in deed.group("doing")), "")
    objects = {stem(word) for word in deed.tool} - {verb}
    if not verb or not objects:
        return
    words = deed.request
    for place, word in enumerate(words):
        if word not in _NEGATORS:
            continue
        near = [stem(other) for other in words[place + 1 : place + 1 + _REACH]]
        after = {stem(other) for other in _clause(words, place + 1, 8)}
        if verb in near and objects <= after:
            yield _stretch("request", deed.action.request, place, place + _REACH)
            return


def serves_no_request(deed: Deed) -> Iterator[Place]:
    """Nothing of what is done has a word in common with what was asked."""
    if not deed.tool or len(deed.request) < _FEW_WORDS:
        return
    asked = {word for word in content_stems(set(deed.request)) if len(word) > 2}
    if len(asked) < _FEW_WORDS:
        return
    done = {word for word in deed.done if len(word) > 2}
    if len(done) >= _FEW_WORDS and asked.isdisjoint(done):
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


def _said(words: list[str], phrases: frozenset[str]) -> tuple[int, int] | None:
    """The first and last word of one of the phrases, where one stands in these words."""
    text = f" {' '.join(words)} "
    for phrase in sorted(phrases):
        at = text.find(f" {phrase} ")
        if at >= 0:
            first = text.count(" ", 0, at)
            return first, first + phrase.count(" ")
    return None


def _stretch(where: str, text: str, first: int, last: int) -> Place:
    start, end = span(text, first, last)
    return Place(where, (start, end), text[start:end][:_EXCERPT])


def _clause(words: list[str], start: int, length: int) -> list[str]:
    clause: list[str] = []
    for word in words[start : start + length]:
        if word in {".", "but", "just", "instead", "only"}:
            break
        clause.append(word)
    return clause


def _number(text: str) -> float:
    return float(re.sub(",", "", text))
