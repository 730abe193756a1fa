"""What a passage of text is like: a small trained model that names its words.

A logistic regression over words as they stand, and over what they stand for ("a crowd", "has
bought", "few"), alone and in pairs, so that it also reads what it never saw. A text is read passage
by passage, because what is looked for is one sentence among many.
"""

import math
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice, pairwise
from typing import NamedTuple

import msgspec
from msgspec import Struct

from components.love_engine.remembered import Remembered
from components.love_engine.words import Span

_PASSAGE_END = re.compile(r"(?<=[.!?])\s+|\n\s*")
_LONGEST = 1_200  # characters that are read of one passage
_MOST = 4_000  # passages that are read; of more, none could stand out
_LENGTHS = (4, 6, 10, 18, 40)
_START, _END = "^", "$"
_ENDS = 2
WHOLE = "#"
"""What a feature of a passage as a whole begins with."""
_CAPITALS = f"{WHOLE}capitals"

Feature = str | tuple[str, ...]
"""A word, what one stands for, a pair of these, or something that a passage has as a whole."""


class Reading(NamedTuple):
    """How texts are read: the places read each by itself, their words and marks with the place
    of each, and what a word stands for, for any word.
    """

    passages: Callable[[str], Iterable[Span]]
    words: Callable[[str], list[str]]
    spans: Callable[[str], list[Span]]
    stands_for: Mapping[str, str]


class Weights(Struct, frozen=True, forbid_unknown_fields=True):
    """A trained model: weights by the kind that they speak for; under "" those of no one kind.

    The log-odds of a passage with features F and `n` words and marks, its ends included, are
    `bias + sum(weights of F) / sqrt(n)`. A pair is written with a space between. Where all but the
    pairs give less than `hopeless`, pairs are left out: hardly ever would they make up for it.
    """

    bias: float
    weights: dict[str, dict[str, float]]
    hopeless: float = -math.inf

    @property
    def size(self) -> int:
        """How many weights there are."""
        return sum(map(len, self.weights.values()))


@cache
def shipped(model: str) -> Weights:
    """The weights of a model that ship with the engine."""
    folder = files("components.love_engine.weights")
    return msgspec.json.decode((folder / f"{model}.json").read_bytes(), type=Weights)


class Likeness(Struct, frozen=True):
    """What a text is like: the kind, how sure the model is (0-1), and the words that say so."""

    kind: str
    probability: float
    span: Span


class PassageModel:
    """Finds the passage of a text that is most like what the model was trained for.

    `broadest` is the kind of what no weight speaks for.
    """

    def __init__(self, weights: Weights, reading: Reading, broadest: str = "") -> None:
        self._bias = weights.bias
        self._hopeless = weights.hopeless
        self._reading = reading
        self._broadest = broadest
        self._weights: dict[Feature, float] = {}
        self._kinds: dict[Feature, str] = {}
        for kind, named in weights.weights.items():
            for name, weight in named.items():
                feature = tuple(name.split(" ")) if " " in name else name
                self._weights[feature] = weight
                self._kinds[feature] = kind
        self._pairs = frozenset(one for one in self._weights if isinstance(one, tuple))
        self._said = Remembered(self._says)

    def find(self, text: str, least: float = 0.5) -> Likeness | None:
        """The likeness that is at least so probable. Time is linear in the length."""
        log_odds, (start, end) = self.worst(text)
        probability = 1 / (1 + math.exp(-log_odds))
        return self._explained(text, start, end, probability) if probability > least else None

    def worst(self, text: str) -> tuple[float, Span]:
        """Log-odds and place of the worst passage.

        Of many passages one is the likelier to look like it by chance: each has to stand out
        from as many as there are.
        """
        read = islice(self._reading.passages(text), _MOST)
        found = [(self.log_odds(text[start:end]), (start, end)) for start, end in read]
        worst, where = max(found, default=(self._bias, (0, 0)))
        return worst - math.log(len(found) or 1), where

    def log_odds(self, passage: str) -> float:
        """What speaks for it in a passage, against what speaks against it."""
        words = self._reading.words(passage)
        size = len(words) + _ENDS
        root = math.sqrt(size)
        # Sums are exact, so that they are the same in whatever order a set has its members.
        said = math.fsum(map(self._said.__getitem__, set(words)))
        said += sum([self._weights.get(one, 0.0) for one in _whole(passage, size)])
        log_odds = self._bias + said / root
        if log_odds < self._hopeless:
            return log_odds
        pairs = self._pairs.intersection(_pairs(words, self._reading.stands_for))
        return log_odds + math.fsum(map(self._weights.__getitem__, pairs)) / root

    def kind(self, passage: str) -> str:
        """The kind that most speaks for; where nothing does, the broadest."""
        kinds = defaultdict[str, list[float]](list)
        for feature in set(features(passage, self._reading)[1]):
            if kind := self._kinds.get(feature):
                kinds[kind].append(self._weights[feature])
        sums = {kind: math.fsum(kinds[kind]) for kind in sorted(kinds)}
        return max(sums, key=sums.__getitem__, default=self._broadest)

    def _says(self, word: str) -> float:
        """The weights of a word and of what else it stands for: one look for both."""
        weight, meant = self._weights.get, self._reading.stands_for[word]
        return weight(word, 0.0) + (weight(meant, 0.0) if meant != word else 0.0)

    def _explained(self, text: str, start: int, end: int, probability: float) -> Likeness:
        passage = text[start:end]
        shares = self._shares(passage)
        first, last = _heaviest(shares) if shares else (0, 0)
        places = self._reading.spans(passage) or [(0, len(passage))]
        span = (start + places[first][0], start + places[last][1])
        return Likeness(self.kind(passage), probability, span)

    def _shares(self, passage: str) -> list[float]:
        """What each word says: what speaks for a pair is shared by its words."""
        words = self._reading.words(passage)
        halves = [
            self._weights.get(pair, 0.0) / 2 for pair in _pairs(words, self._reading.stands_for)
        ]
        said = map(self._said.__getitem__, words)
        return [word + sum(beside) for word, beside in zip(said, pairwise(halves), strict=True)]


def sentences(text: str) -> Iterator[Span]:
    """The sentences and lines of a text; of a long one the beginning."""
    start = 0
    for match in _PASSAGE_END.finditer(text):
        if match.start() > start:
            yield start, min(match.start(), start + _LONGEST)
        start = match.end()
    if start < len(text):
        yield start, min(len(text), start + _LONGEST)


def features(passage: str, reading: Reading) -> tuple[int, list[Feature]]:
    """How many words and marks a passage has, its ends included, and what the model knows of it.

    Its distinct words, what else each of them stands for (which may come more than once), the
    distinct pairs of what they stand for, and the passage as a whole.
    """
    words = reading.words(passage)
    distinct = sorted(set(words))
    meant = [reading.stands_for[word] for word in distinct if reading.stands_for[word] != word]
    pairs = sorted(set(_pairs(words, reading.stands_for)))
    size = len(words) + _ENDS
    return size, [*distinct, *meant, *pairs, *_whole(passage, size)]


def _pairs(words: Sequence[str], stands_for: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What neighbours stand for; the first and the last have an end of the passage beside them."""
    return pairwise((_START, *map(stands_for.__getitem__, words), _END))


def _whole(passage: str, size: int) -> tuple[str, ...]:
    """How long it is, and whether it shouts."""
    length = f"{WHOLE}{bisect(_LENGTHS, size)}"
    return (length, _CAPITALS) if passage.isupper() else (length,)


def _heaviest(shares: list[float]) -> tuple[int, int]:
    """First and last place of the run with the largest sum."""
    best, first, last = -math.inf, 0, 0
    total, start = 0.0, 0
    for place, share in enumerate(shares):
        if total <= 0.0:
            total, start = 0.0, place
        total += share
        if total > best:
            best, first, last = total, start, place
    return first, last
