"""Instruction-like regions of a text: tasks for an assistant where none is expected.

Every sentence is scored by a trained model (`task_model`); then its surroundings are heard. What
shares its words with the rest of the text, or with what the user asked, belongs there, and what
shares none does not; among many sentences one more than usual will look like a task by chance;
in a table or a record, whose cells and values ask nothing of anybody, less is needed than in a
letter. Beside that, places that address the machine itself count by their build alone
(`addressed`). One soft signal: it may ask for a person, and never blocks by itself.
"""

import math
import re
from bisect import bisect_left
from collections import Counter
from typing import Literal

from msgspec import Struct

from components.intent_firewall.addressed import CALLS_MACHINE, FORGES_ROLE, SETS_ASIDE
from components.intent_firewall.globs import Pattern
from components.intent_firewall.lazy import lazy
from components.intent_firewall.normalise import clean, encodable
from components.intent_firewall.sentences import Sentence, sentences_in, unwrapped
from components.intent_firewall.task_features import features_of
from components.intent_firewall.task_model import Weights, chance, shipped
from components.intent_firewall.words import word_set

MAX_REGIONS = 8
RegionKind = Literal["task", "addressed"]

_UNRELATED = 1.0  # log-odds for a sentence that shares no word with what surrounds it
_RELATED = 7.0  # taken off for one all of whose words stand in it, but no more than:
_MOST_RELATED = {"prose": 3.0, "record": 1.5, "table": 3.0}
_USUAL = 12  # sentences of an ordinary letter
_DOUBLING = 0.45  # taken off for each doubling of them
_LIMITS = {"prose": 2.4, "record": 0.7, "table": -0.2}
_NEAR = 300  # characters around a place that addresses the machine
_NEARER = 1.5  # log-odds for a sentence there
_DELEGATING = 3.0  # taken off where the user sent the assistant to do what the text says

_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 6
_MOSTLY = 0.6
_ROW = re.compile(r"[|\t][^|\t]*[|\t]|<t[dh]\b")
_ENTRY = re.compile(r"\s*(?:- )?[\"']?[A-Za-z_][\w .-]{0,30}[\"']?\s*[:=](?:\s|$)|\s*- ?\S+\s*$")
_COMMON = word_set(
    "about above after again also anyone because been before being below between could doing during"
    " every first from great have hello into just like make more most much only other over please"
    " really same should since some something such than thank thanks that their them then there"
    " these they thing things think this those through today under until using very were what when"
    " where which while will with would write your follow following response answer reply include"
    " provide explain create given"
)
_GREETING = Pattern(
    r"(?:^|[\n'\">])\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b"
    r"[^,.!:\n]{0,40}[,!]"
)
_DELEGATES = Pattern(
    r"\b(?:do|follow|perform|complete|carry out|execute|handle|answer|solve|finish|work through)\b"
    r"[^.?!\n]{0,60}\b(?:tasks?|instructions?|to-?dos?|action items?|steps?|questions?|requests?"
    r"|exercises?|what (?:it|he|she|they) (?:says?|asks?))\b"
)


class Region(Struct, frozen=True):
    """A stretch of a text that reads as an instruction to an assistant.

    `likelihood` (0–1) is that of a task, its surroundings heard; 1 where a machine is addressed.
    """

    start: int
    end: int
    likelihood: float
    kind: RegionKind

    def overlaps(self, start: int, end: int) -> bool:
        """Whether it shares a character with another stretch."""
        return self.start < end and start < self.end


def instruction_regions(
    text: str, request: str = "", model: Weights | None = None
) -> tuple[Region, ...]:
    """The instruction-like regions of a text that an agent read, in order, `MAX_REGIONS` at most.

    `request` is what the user asked, where that is known: a text that the user sent the assistant
    to for its tasks may hold some. `model` is the one that ships unless another is given. Linear
    in the text; never raises.
    """
    view = clean(encodable(text))
    read = unwrapped(view.text)
    addressed = _addressed(read)
    reading = _Reading(read, encodable(request), [one.start for one in addressed])
    found = [*addressed, *reading.tasks(model or shipped())]
    found.sort(key=lambda one: (one.start, one.end))
    return tuple(
        Region(*view.span(one.start, one.end), one.likelihood, one.kind)
        for one in _apart(found)[:MAX_REGIONS]
    )


def addresses(text: str) -> bool:
    """Whether a text speaks to the machine that reads it, or would rule it; by its build alone."""
    return bool(_addressed(unwrapped(clean(encodable(text)).text)))


def _apart(found: list[Region]) -> list[Region]:
    """Regions that do not overlap: of two that do, the one about the machine, else the first."""
    kept: list[Region] = []
    for one in found:
        if kept and one.start < kept[-1].end:
            if one.kind == "addressed" and kept[-1].kind == "task":
                kept[-1] = one
            continue
        kept.append(one)
    return kept


def _addressed(text: str) -> list[Region]:
    spans = [span for one in (SETS_ASIDE, CALLS_MACHINE, FORGES_ROLE) for span in one.spans(text)]
    return [Region(start, end, 1.0, "addressed") for start, end in sorted(spans)]


class _Reading:
    """One text under way: its sentences, and what its surroundings say of each.

    `marks` are where it speaks to a machine, in order.
    """

    def __init__(self, text: str, request: str, marks: list[int]) -> None:
        self._text = text
        self._request = request
        self._sentences = sentences_in(text)
        self._marks = marks
        self._make = _make_of(text)
        self._least = self._needed()

    def tasks(self, model: Weights) -> list[Region]:
        """The sentences that read as tasks, with all that is known of their surroundings."""
        found: list[Region] = []
        for one in self._sentences:
            features = features_of(self._text[one.start : one.end])
            if not features:
                continue
            score = model.log_odds(features)
            if score + _UNRELATED + _NEARER < self._least:
                continue
            score += self._surroundings(one)
            if score >= self._least:
                found.append(Region(one.start, one.end, chance(score), "task"))
        return found

    def _needed(self) -> float:
        many = _DOUBLING * math.log2(max(len(self._sentences), _USUAL) / _USUAL)
        delegated = _DELEGATING if self._request and _DELEGATES.found(self._request) else 0.0
        return _LIMITS[self._make] + many + delegated

    def _surroundings(self, one: Sentence) -> float:
        words = Counter(_stems(self._text[one.start : one.end]))
        known = [word for word, count in words.items() if self._words[word] > count]
        share = len(known) / len(words) if words else 0.0
        at = bisect_left(self._marks, one.start - _NEAR)
        near = at < len(self._marks) and self._marks[at] <= one.end + _NEAR
        belongs = min(_MOST_RELATED[self._make], _RELATED * share)
        return _UNRELATED - belongs + (_NEARER if near else 0.0)

    @lazy
    def _words(self) -> Counter[str]:
        """How often each word stands in the text; those of the request as if often."""
        words = Counter(_stems(self._text))
        for word in set(_stems(self._request)):
            words[word] += len(self._text)
        return words


def _stems(text: str) -> list[str]:
    return [word[:_STEM] for word in _WORD.findall(text.lower()) if word not in _COMMON]


def _make_of(text: str) -> str:
    """How a text is made: as prose, as a record of names and values, or as a table of rows.

    A record with a letter in it is prose: a letter may well ask its reader for something.
    """
    if _GREETING.found(text):
        return "prose"
    if text.lstrip("\"'( \n")[:1] in {"{", "["}:
        return "record"
    lines = [line for line in text.splitlines() if line.strip()]
    if sum([_ROW.search(line) is not None for line in lines]) > _MOSTLY * len(lines):
        return "table"
    if sum([_ENTRY.match(line) is not None for line in lines]) > _MOSTLY * len(lines):
        return "record"
    return "prose"
