"""Values that an agent chose by itself: neither the request nor what it read gives them.

Compared by their words, numbers and times, so that `13:00` is given by `1 pm` and `2024-05-17` by
`next Friday`. Not looked at: texts that the agent writes, references that are looked up (ids),
and how a search is to be shown. An empty request gives nothing to compare with. Of many values the
first `MAX_VALUES` are looked at, of what was read the first `MAX_READ` characters.
"""

import re
from typing import Literal

from msgspec import Struct

from components.intent_firewall.lazy import lazy
from components.intent_firewall.subject import Field, Subject, Sum
from components.intent_firewall.words import stem, tool_words, word_set

Kind = Literal["recipient", "sum", "time", "choice"]

MAX_READ = 100_000
MAX_VALUES = 200
_SHORT = 60
_WORD = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CLOCK = re.compile(r"\b(\d{1,2})[:.h](\d{2})(?::\d{2})?")
_JOINED = re.compile(r"(?<=\d)t(?=\d)")  # the T of `2024-05-17T15:00`, lower case here
_SAID_CLOCK = re.compile(
    r"\b(\d{1,2})(?:[:.](\d{2}))?\s*+(?:(?:-|to|–)\s*+)?(?:\d{1,2}\s*+)?([ap])\.?m\b"
)
_DATE = re.compile(r"\b\d{4}-(\d{2})-(\d{2})|\b\d{1,2}/(\d{1,2})(?:/\d{2,4})?\b")
_SAID_DAY = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|now|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:next|this|last|coming|past|following|every|each) \w+|daily|weekly|monthly|noon|midnight"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*|may"
    r"|\d+ (?:day|week|month|hour|minute)s?)\b"
)
_REFERENCE = re.compile(r"(?:^|_|[a-z])(?:id|ids|ID|Id|IDs|Ids|uuid|key|sku|token|hash|code|zip)$")
_SHOWING = word_set(
    "limit offset page max results top size timezone unit units format language sort order"
    " query keyword keywords precision seed verbose raw encoding currency locale depth width height"
    " type status category mode action operation method reason version model level state country"
)
RECIPIENT = word_set(
    "to cc bcc recipient recipients receiver email emails username phone payee beneficiary iban"
    " attendee attendees participant participants invitee invitees collaborator guest guests member"
    " channel friend contact"
)
_SUM = word_set(
    "amount price total sum value cost fee budget payment quantity qty dosage dose rate salary tip"
    " count copies"
)
_TIME = word_set("date time start end deadline duration when day hour expires until schedule")
_PRICE = word_set("price rate cost value")
_AT_MARKET = re.compile(
    r"\b(?:market|current|present|going|prevailing|ongoing|existing) (?:\w+ ){0,2}?"
    r"(?:price|rate|value)s?\b|\bmarket order\b"
)
_COUNTS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "dozen": "12", "half": "50", "double": "2",
    "couple": "2", "twice": "2", "single": "1", "fifty": "50", "hundred": "100",
}  # fmt: skip


class Assumption(Struct, frozen=True):
    """A value that nobody gave: where it stands, what it decides, and the value itself."""

    kind: Kind
    where: str
    value: str


class Given:
    """What the request and everything the agent read give: words, numbers, times."""

    def __init__(self, text: str) -> None:
        self.text = text[:MAX_READ].lower()

    @lazy
    def stems(self) -> frozenset[str]:
        """The stems of its words."""
        return frozenset(map(stem, _WORD.findall(self.text)))

    @lazy
    def _numbers(self) -> frozenset[str]:
        told = frozenset(_plain(one) for one in _NUMBER.findall(self.text.replace(",", "")))
        return told | {_COUNTS[word] for word in _WORD.findall(self.text) if word in _COUNTS}

    @lazy
    def _hours(self) -> frozenset[int]:
        said = {
            int(hour) % 12 + (12 if half == "p" else 0)
            for hour, _, half in _SAID_CLOCK.findall(self.text)
        }
        return frozenset(said | {int(hour) for hour, _ in _CLOCK.findall(self.text)})

    def number(self, value: float) -> bool:
        """Whether a number is given, as it stands or in words; 0 and 1 decide nothing."""
        return value in {0, 1} or _plain(f"{value:.10g}") in self._numbers

    def time(self, value: str) -> bool:
        """Whether a date or time of day is given, be it as `tomorrow` or `3 pm`."""
        value = _JOINED.sub(" ", value)
        clock = _CLOCK.search(value)
        if clock and clock.group(0)[:5] not in {"00:00", "23:59"}:
            return int(clock.group(1)) in self._hours
        day = _DATE.search(value)
        if day is None:
            return self.words(value)
        told = day.group(2) or day.group(3)
        return _plain(told) in self._numbers or _SAID_DAY.search(self.text) is not None

    def words(self, value: str) -> bool:
        """Whether a short text is given: most of its words, or, where it has none, a number."""
        found = [word for word in _WORD.findall(value) if len(word) > 1]
        if words := [word for word in found if len(word) > 2] or found:
            known = sum(stem(word) in self.stems for word in words)
            return 2 * known >= len(words)
        numbers = _NUMBER.findall(value.replace(",", ""))
        return not numbers or any(_plain(one) in self._numbers for one in numbers)

    @lazy
    def at_market(self) -> bool:
        """Whether a price is left to the market: `at the going rate`."""
        return _AT_MARKET.search(self.text) is not None


def _plain(number: str) -> str:
    """A number without what does not count: `07` and `7.0` are `7`."""
    whole, _, rest = number.partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")


def is_reference(name: str) -> bool:
    """Whether an argument's name says that its value is a key to look something up by."""
    return _REFERENCE.search(name) is not None


def given_by(subject: Subject) -> Given:
    """What an action's request and context give."""
    return Given("\n".join(subject.given))


def assumptions(subject: Subject, given: Given) -> tuple[Assumption, ...]:
    """The values of an action that nobody gave; none where there is no request."""
    if not subject.request:
        return ()
    own = [item for item in subject.fields if item.scope == "arguments"]
    texts = {item.where for item in own}  # a number written as text is among them
    found = [_of_text(item, given) for item in own[:MAX_VALUES]]
    sums = [one for one in subject.sums if one.where not in texts]
    found += [_of_number(one, given) for one in sums[:MAX_VALUES]]
    return tuple(one for one in found if one is not None)


def _of_text(item: Field, given: Given) -> Assumption | None:
    text = item.text.strip().lower()
    if item.command or not text or len(text) > _SHORT or "\n" in text or text in given.text:
        return None
    if is_reference(item.name):
        return None
    words = frozenset(tool_words(item.name))
    if "@" in text or not words.isdisjoint(RECIPIENT):
        known = given.words(text) if "@" not in text else False
        return None if known else Assumption("recipient", item.where, item.text)
    if not words.isdisjoint(_SHOWING) or text in {"true", "false", "none", "null", "yes", "no"}:
        return None
    if not words.isdisjoint(_TIME) and (_DATE.search(text) or _CLOCK.search(text)):
        return None if given.time(text) else Assumption("time", item.where, item.text)
    if given.words(text):
        return None
    kind: Kind = "sum" if not words.isdisjoint(_SUM) else "choice"
    return Assumption(kind, item.where, item.text)


def _of_number(one: Sum, given: Given) -> Assumption | None:
    if is_reference(one.name) or given.number(one.value):
        return None
    words = frozenset(tool_words(one.name))
    if not words.isdisjoint(_SHOWING):
        return None
    if not words.isdisjoint(_PRICE) and given.at_market:
        return None
    kind: Kind = "sum" if not words.isdisjoint(_SUM) else "choice"
    return Assumption(kind, one.where, f"{one.value:g}")
