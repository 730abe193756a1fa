"""Features measured across the fields of an action: what its parts say about each other.

Each measure is a function of a `Deed` (the action taken apart once) that gives the first place
where it holds. It asks first what is cheap and seldom so, because most actions have nothing to
measure. Name, severity and sentence stand in the lexicon of its dimension.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import re2

from components.love_engine.deed import Deed
from components.love_engine.fields import EXCERPT, fields
from components.love_engine.places import Place, stretch
from components.love_engine.prying import pries
from components.love_engine.words import (
    STOP_WORDS,
    content_stems,
    distinct,
    name_tokens,
    phrase_words,
    stem,
    stems,
    tokens,
)

_MONEY = re2.compile(
    r"(?i)(?:[$€£¥]|\b(?:usd|eur|gbp)\s?)\s?([0-9][0-9,]*(?:\.[0-9]+)?)"
    r"|\b([0-9][0-9,]*(?:\.[0-9]+)?)\s?(?:dollars|euros|pounds|usd|eur|gbp)\b"
)
_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_CHANGING_COMMAND = re2.compile(
    r"(?i)(?:^|[;&|\n(]|\bsudo\s|\bxargs\s)\s*"
    r"(?:rm|rmdir|mv|dd|shred|truncate|mkfs\S*|chmod|chown|kill|pkill|killall|useradd|userdel)\s"
    r"|\b(?:drop|truncate)\s+(?:table|database)\b|\bdelete\s+from\b|\bupdate\s+\S+\s+set\b"
    r"|\binsert\s+into\b|\s-x\s*(?:post|put|delete|patch)\b"
)
_AMOUNTS = frozenset({"amount", "price", "total", "sum", "payment", "amount_usd"})
_NUMERIC = frozenset({int, float})
_FEW_WORDS = 5
_SHORT = 2  # characters: stems this short say nothing
_NEGATORS_TEXT = "not don't dont never without cannot won't shouldn't"
_NEGATORS = frozenset(_NEGATORS_TEXT.split())
_REACH = 2


def amount_contradicts(deed: Deed) -> Place | None:
    """The narrative names sums, and an amount in the arguments is none of them."""
    narrative = deed.action.narrative
    if not narrative:
        return None
    amounts = [
        (path, value)
        for path, name, value in deed.leaves
        if type(value) in _NUMERIC and name.lower() in _AMOUNTS
    ]
    if not amounts or not _MONEY.search(narrative):
        return None
    told = {_number(text) for text in _NUMBER.findall(f"{narrative} {deed.action.request}")}
    wrong = ((path, value) for path, value in amounts if abs(value) not in told)
    return next((Place(path, None, str(value)) for path, value in wrong), None)


def claims_to_change_nothing(deed: Deed) -> Place | None:
    """The narrative says that nothing is changed; the tool or its command changes something."""
    if not deed.action.narrative or not (said := _said(deed, "harmless_claim")):
        return None
    texts = fields(deed.action, deed.leaves)
    commands = (field.text for field in texts if field.kind == "command")
    if deed.changes() or any(_CHANGING_COMMAND.search(command) for command in commands):
        return stretch("narrative", deed.action.narrative, *said)
    return None


def undisclosed_effect(deed: Deed) -> Place | None:
    """Deleting, sending, paying or granting that neither the narrative nor the request mentions."""
    if not deed.action.narrative:
        return None
    asked = deed.asked
    effects = [group for group in map(deed.group, deed.changes()) if group.isdisjoint(asked.words)]
    if not effects:
        return None
    told = stems(distinct(deed.narrative)) | asked.stems
    if all(not told.isdisjoint(_stems_of(group)) for group in effects):
        return None
    if len(content_stems(tokens(deed.narrative))) < _FEW_WORDS:
        return None
    return Place("tool", (0, len(deed.action.tool)), deed.action.tool)


def protected_input(deed: Deed) -> Place | None:
    """A tool that decides about people is given a protected attribute to decide by."""
    if deed.group("decision_tool").isdisjoint(deed.tool):
        return None
    protected = deed.group("protected_field")
    for path, name, value in deed.leaves:
        if " ".join(name_tokens(name)) in protected and value not in (None, "", False):
            return Place(path, None, str(value)[:EXCERPT])
    return None


def consent_assumed(deed: Deed) -> Place | None:
    """A consent or subscription is set that the request says nothing of."""
    for path, name, value in deed.leaves:
        if value is not True or not deed.action.request:
            continue
        words = name_tokens(name)
        if " ".join(words) not in deed.group("consent_field"):
            continue
        # A request of nothing but dashes or pictures is none.
        if deed.asked.stems.isdisjoint(map(stem, words)) and tokens(deed.request):
            return Place(path, None, "true")
    return None


def against_request(deed: Deed) -> Place | None:
    """The request says not to do what the tool does, to the same thing."""
    if _NEGATORS.isdisjoint(deed.asked.words):
        return None
    verb = next((stem(word) for word in deed.tool if word in deed.group("doing")), "")
    objects = {stem(word) for word in deed.tool} - {verb}
    if not verb or not objects or not objects <= deed.asked.stems:
        return None
    words = tokens(deed.request)
    for place, word in enumerate(words):
        if word not in _NEGATORS:
            continue
        near = [stem(other) for other in words[place + 1 : place + 1 + _REACH]]
        after = {stem(other) for other in _clause(words, place + 1, 8)}
        if verb in near and objects <= after:
            return stretch("request", deed.action.request, place, place + _REACH)
    return None


def serves_no_request(deed: Deed) -> Place | None:
    """Nothing of what is done has a word in common with what was asked."""
    if not deed.tool or len(deed.asked.words) < _FEW_WORDS:
        return None
    # A word that both have is enough, and is found without taking the stem of any other.
    common = (word for part in deed.doing() for word in deed.asked.words.intersection(part))
    if any(word not in STOP_WORDS and len(stem(word)) > _SHORT for word in common):
        return None
    asked = _long_stems(deed.asked.words)
    if len(asked) < _FEW_WORDS:
        return None
    done: set[str] = set()
    for part in deed.doing():
        done |= _long_stems(part)
        if not asked.isdisjoint(done):
            return None
    if len(done) < _FEW_WORDS:
        return None
    return Place("tool", (0, len(deed.action.tool)), deed.action.tool)


MEASURES: Mapping[str, Callable[[Deed], Place | None]] = {
    measure.__name__: measure
    for measure in (
        amount_contradicts,
        claims_to_change_nothing,
        undisclosed_effect,
        protected_input,
        consent_assumed,
        pries,
        against_request,
        serves_no_request,
    )
}


def _said(deed: Deed, group: str) -> tuple[int, int] | None:
    """The first and last word of one of the group's phrases, where the narrative has one."""
    for phrase, words in _in_order(deed.group(group)):
        if not words <= deed.done:
            continue
        text = f" {' '.join(tokens(deed.narrative))} "
        at = text.find(f" {phrase} ")
        if at >= 0:
            first = text.count(" ", 0, at)
            return first, first + phrase.count(" ")
    return None


@lru_cache(maxsize=16)
def _stems_of(group: frozenset[str]) -> frozenset[str]:
    return frozenset(stems(group))


@lru_cache(maxsize=16)
def _in_order(phrases: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    return [(phrase, phrase_words(phrase)) for phrase in sorted(phrases)]


def _clause(words: list[str], start: int, length: int) -> list[str]:
    clause: list[str] = []
    for word in words[start : start + length]:
        if word in {".", "but", "just", "instead", "only"}:
            break
        clause.append(word)
    return clause


def _long_stems(words: Iterable[str]) -> set[str]:
    return {word for word in stems(set(words) - STOP_WORDS) if len(word) > _SHORT}


def _number(text: str) -> float:
    return float(re.sub(",", "", text))
