"""Grounding: is what an output says supported by its evidence, sentence by sentence?

Measured on stems, without a model. A sentence is supported to the extent that

- its words stand in the evidence, content words weighted by how rare they are there (*coverage*),
  the others by a constant;
- words that follow each other in it stand near each other there, in that order (*order*);

less, by a factor each, for

- a number, or a name, that the evidence does not have;
- a negation that the closest sentence of the evidence does not have, or the reverse;
- talk of `I` and `you` that is not the evidence's: an opinion is no report;
- a question, which reports nothing.

The whole is the mean of the sentences by length, and falls with the number of words that nothing
supports, so that one invention in a long faithful text still shows. Time is linear.
"""

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import accumulate, pairwise

from msgspec import Struct

from components.love_engine.words import LONGEST_WORD, STOP_WORDS, Span, letters, stem
from components.monitor.footprint import Held, deep_size

SUPPORTED = 0.65
"""A sentence below this is named as unsupported."""

MAX_SPANS = 50
MAX_CHARACTERS = 300_000

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?![\s\"”')]|$)[^.!?\n]*)*[.!?\"”')]*")
_WORD = re.compile(r"[0-9]+(?:[.,][0-9]+)*(?:['’]?[^\W_]+)?|[^\W_]+(?:['’][^\W_]+)*")
_GROUPED = re.compile(r"[0-9][.,][0-9]")
_AFTER_NUMBER = re.compile(r"'?[^\W0-9]+$")
_DIGITS = frozenset("0123456789")
_NEGATION_TEXT = (
    "not no never n't none nobody nothing neither nor without cannot can't don't doesn't "
    "didn't isn't aren't wasn't weren't won't wouldn't couldn't shouldn't hasn't haven't "
    "hadn't"
)
_NEGATION = frozenset(_NEGATION_TEXT.split())
_SPEAKERS_TEXT = "i i'm i've i'd i'll me my mine you your yours you're we our us"
_SPEAKERS = frozenset(_SPEAKERS_TEXT.split())
_NUMBERS_TEXT = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = dict(zip(_NUMBERS_TEXT.split(), map(str, range(13)), strict=True))
_PLAIN_WEIGHT = 0.25  # of a word without content, beside 1 for the most common content word
_COVERAGE, _ORDER = 0.7, 0.3
_NUMBER_FACTOR, _NAME_FACTOR, _NEGATION_FACTOR, _QUESTION_FACTOR = 0.4, 0.8, 0.6, 0.6
_SPEAKER_FACTOR = 0.85
_WORD_FACTOR = 0.96
_NEAR = 5
_FREQUENT = 16
_CLOSE = 0.6
_ADVISORY = 0.5
_MOST_FORMS = 16384


class Unsupported(Struct, frozen=True):
    """A span of the output that the evidence does not support, and why, as a sentence."""

    span: Span
    why: str


class Grounding(Struct, frozen=True):
    """How far an output is grounded (0–1), and the spans that are not supported, in order.

    `advisory` is True where there was no evidence: `grounded` is then 0.5, which says nothing.
    """

    grounded: float
    unsupported: tuple[Unsupported, ...] = ()
    advisory: bool = False


def ground(output: str, evidence: Sequence[str]) -> Grounding:
    """Hold an output against its evidence. What lies beyond `MAX_CHARACTERS` is not read."""
    sentences = list(_sentences(output[:MAX_CHARACTERS]))
    index = _Evidence(evidence, {word for said in sentences for word in said.words})
    if not index.length:
        return Grounding(_ADVISORY, (), True)
    total = weight = 0.0
    missing = 0
    spans: list[Unsupported] = []
    for said in sentences:
        sentence = _Sentence(said, index)
        score = sentence.score()
        total += score * len(sentence.words)
        weight += len(sentence.words)
        missing += len(sentence.missing)
        if len(spans) < MAX_SPANS:
            spans += sentence.unsupported(score)
    if not weight:
        return Grounding(_ADVISORY, (), True)
    grounded = total / weight * _WORD_FACTOR ** min(missing, 50)
    return Grounding(grounded, tuple(spans[:MAX_SPANS]))


class _Said(Struct, frozen=True):
    """A sentence of the output: its text, where it begins, and its words as they are compared."""

    text: str
    start: int
    found: list[re.Match[str]]
    words: list[str]


def _sentences(output: str) -> Iterator[_Said]:
    """The sentences that have words."""
    for match in _SENTENCE.finditer(output):
        found = list(_WORD.finditer(output, *match.span()))
        if found:
            words = _normal([word.group() for word in found])
            yield _Said(match.group(), match.start(), found, words)


class _Evidence:
    """The evidence as an index: where each of the words asked for stands, counted in words."""

    def __init__(self, evidence: Sequence[str], asked: AbstractSet[str]) -> None:
        self._text = "\n".join(evidence)[:MAX_CHARACTERS]
        found = _words(self._text)
        self.words: dict[str, list[int]] = defaultdict(list)
        for word, place in [(word, place) for place, word in enumerate(found) if word in asked]:
            self.words[word].append(place)
        self.length = len(found)
        self._rarest = 1.0 + math.log1p(len(found))
        self.denies = not _NEGATION.isdisjoint(found)

    def weight(self, word: str) -> float:
        """1 for a word that is everywhere, growing with rarity; what is missing is rarest."""
        if word in STOP_WORDS:
            return _PLAIN_WEIGHT
        places = self.words.get(word)
        return self._rarest - math.log(len(places)) if places else self._rarest

    def near(self, first: str, then: str) -> bool:
        """Whether the second word stands within a few words after the first, somewhere."""
        later = self.words.get(then, ())[:_FREQUENT]
        for place in self.words.get(first, ())[:_FREQUENT] if later else ():
            following = bisect_right(later, place)
            if following < len(later) and later[following] - place <= _NEAR:
                return True
        return False

    def closest(self, content: Sequence[str]) -> frozenset[str]:
        """The words of the sentence that shares most of these words; empty where none is close."""
        if sum(word in self.words for word in content) < _CLOSE * len(content):
            return frozenset()
        votes: dict[int, int] = defaultdict(int)
        for word in content:
            places = self.words.get(word, ())[:_FREQUENT]
            for sentence in {bisect_right(self._ends, place) for place in places}:
                votes[sentence] += 1
        best = max(votes, key=votes.__getitem__, default=-1)
        if best < 0 or votes[best] < _CLOSE * len(content):
            return frozenset()
        return frozenset(self._sentences[best])

    @cached_property
    def _sentences(self) -> list[list[str]]:
        return [_words(sentence) for sentence in _SENTENCE.findall(self._text)]

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(map(len, self._sentences)))


class _Sentence:
    """One sentence of the output held against the evidence."""

    def __init__(self, said: _Said, evidence: _Evidence) -> None:
        self._said = said
        self._found = said.found
        self._evidence = evidence
        self.words = said.words
        self._held = [word in evidence.words for word in self.words]
        self.missing = [
            place
            for place, word in enumerate(self.words)
            if not self._held[place] and word not in STOP_WORDS
        ]

    def score(self) -> float:
        """How far the evidence supports this sentence, 0–1."""
        weights = [self._evidence.weight(word) for word in self.words]
        held = sum(weight for weight, known in zip(weights, self._held, strict=True) if known)
        support = _COVERAGE * held / sum(weights) + _ORDER * self._order()
        speakers = sum(
            word in _SPEAKERS and not held
            for word, held in zip(self.words, self._held, strict=True)
        )
        support *= _SPEAKER_FACTOR ** min(speakers, 8)
        if self._numbers:
            support *= _NUMBER_FACTOR
        if self._names:
            support *= _NAME_FACTOR
        if self._negation_differs:
            support *= _NEGATION_FACTOR
        if self._said.text.rstrip().endswith("?"):
            support *= _QUESTION_FACTOR
        return support

    def unsupported(self, score: float) -> Iterator[Unsupported]:
        """The spans to name: numbers and names first, else the sentence when it fails."""
        for place in self._numbers:
            yield self._word(place, "The evidence does not have this number.")
        for place in self._names:
            yield self._word(place, "The evidence does not have this name.")
        text, start = self._said.text, self._said.start
        span = start + len(text) - len(text.lstrip()), start + len(text)
        if self._negation_differs:
            yield Unsupported(span, "One denies what the other says.")
        if score < SUPPORTED and not (self._numbers or self._names or self._negation_differs):
            lacking = ", ".join(self._found[place].group() for place in self.missing[:5])
            why = f"Not in the evidence: {lacking}." if lacking else "Not as the evidence has it."
            yield Unsupported(span, why)

    def _order(self) -> float:
        content = self._content
        pairs = list(pairwise(content))
        if not pairs:
            return float(bool(content) and content[0] in self._evidence.words)
        return sum(self._evidence.near(first, then) for first, then in pairs) / len(pairs)

    @cached_property
    def _content(self) -> list[str]:
        return [word for word in self.words if word not in STOP_WORDS]

    @cached_property
    def _numbers(self) -> list[int]:
        return [place for place in self.missing if self.words[place][:1] in _DIGITS]

    @cached_property
    def _names(self) -> list[int]:
        """Words with a capital that is not the sentence's own."""
        return [
            place for place in self.missing if place and self._found[place].group()[0].isupper()
        ]

    @cached_property
    def _negation_differs(self) -> bool:
        denies = not _NEGATION.isdisjoint(self.words)
        if not self._content or not (denies or self._evidence.denies):
            return False
        closest = self._evidence.closest(self._content)
        return bool(closest) and denies == _NEGATION.isdisjoint(closest)

    def _word(self, place: int, why: str) -> Unsupported:
        return Unsupported(self._found[place].span(), why)


def _words(text: str) -> list[str]:
    """The words of a text as they are compared, without their places."""
    if text.isascii() and not _GROUPED.search(text):
        found = letters(text).split()
    else:
        found = _WORD.findall(text)
    return _normal(found)


def _normal(words: list[str]) -> list[str]:
    """The form words are compared in: numbers as digits, words as stems."""
    return list(map(_FORMS.__getitem__, words))


class _Forms(dict[str, str]):
    """The forms of words already met: a bounded cache that is read at the speed of a dict."""

    def __missing__(self, word: str) -> str:
        if len(word) > LONGEST_WORD:
            return word.lower()
        if len(self) >= _MOST_FORMS:
            self.clear()
        form = self[word] = _form(word)
        return form


_FORMS = _Forms()


def forms_held() -> Held:
    """The forms of words that are kept."""
    return Held(len(_FORMS), deep_size(_FORMS))


def _form(word: str) -> str:
    word = word.lower().replace("’", "'").strip("'")
    if word[:1] in _DIGITS:  # 1960s, 20th and 1,000 are 1960, 20 and 1000
        return _AFTER_NUMBER.sub("", word).replace(",", "")
    return _NUMBERS.get(word) or (word if word in STOP_WORDS else stem(word))
