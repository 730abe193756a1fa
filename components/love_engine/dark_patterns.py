"""Dark patterns in what people are shown: a small trained model that names its words.

A logistic regression over what words say, alone and in pairs, as they stand and by the class of
words that they belong to ("a crowd", "has bought", "few"), so that it also reads what it never
saw. A text is read passage by passage, because pressure is one sentence among many. The weights
were trained by `scripts/train/dark_patterns.py`; data, figures and limits stand beside them in
`weights/dark_patterns.md`.
"""

import math
import re
from bisect import bisect
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import combinations, islice, pairwise

import msgspec
from msgspec import Struct

from components.love_engine.lexicon import Lexicon
from components.love_engine.words import Span

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[0-9]+(?:[.,:][0-9]+)*|[%!?:$#*&>/]")
_PASSAGE_END = re.compile(r"(?<=[.!?])\s+|\n\s*")
_LONGEST = 1_200  # characters that are read of one passage
_MOST = 4_000  # passages that are read; of more, none could stand out
_LENGTHS = (4, 6, 10, 18, 40)
_MOSTLY = 0.8
_CLASS = "pressure_"
_START, _END = "^", "$"
_BROADEST = "misdirection"

Features = set[str]
Classes = Mapping[str, str]
"""Words that stand for each other, by the name of what they stand for."""


class Weights(Struct, frozen=True, forbid_unknown_fields=True):
    """A trained model: weights by the kind of dark pattern they speak for; "" speaks against.

    The log-odds of a passage with features F are `bias + sum(weights) / sqrt(len(F))`.
    """

    bias: float
    weights: dict[str, dict[str, float]]


class DarkPattern(Struct, frozen=True):
    """A dark pattern: its kind, how sure the model is (0-1), and the words that say so."""

    kind: str
    probability: float
    span: Span


@cache
def shipped() -> Weights:
    """The weights that ship with the engine."""
    folder = files("components.love_engine.weights")
    return msgspec.json.decode((folder / "dark_patterns.json").read_bytes(), type=Weights)


def classes(lexicon: Lexicon) -> Classes:
    """The classes of words that the lexicon has for this."""
    groups = [group for group in lexicon.words if group.startswith(_CLASS)]
    return {
        word: f"@{group.removeprefix(_CLASS)}" for group in groups for word in lexicon.words[group]
    }


class DarkPatterns:
    """Finds the dark pattern of a text, if it has one."""

    def __init__(self, weights: Weights, classes: Classes) -> None:
        self._bias = weights.bias
        self._classes = classes
        kinds = weights.weights.items()
        self._weights = {name: weight for _, named in kinds for name, weight in named.items()}
        self._kinds = {name: kind for kind, named in kinds if kind for name in named}

    def find(self, text: str) -> DarkPattern | None:
        """The dark pattern that more speaks for than against. Time is linear in the length."""
        log_odds, (start, end) = self.worst(text)
        return self._explained(text, start, end, log_odds) if log_odds > 0.0 else None

    def worst(self, text: str) -> tuple[float, Span]:
        """Log-odds and place of the worst passage.

        Of many passages one is the likelier to look like a dark pattern by chance: each has to
        stand out from as many as there are.
        """
        read = islice(passages(text), _MOST)
        found = [(self.log_odds(text[start:end]), (start, end)) for start, end in read]
        worst, where = max(found, default=(self._bias, (0, 0)))
        return worst - math.log(len(found) or 1), where

    def log_odds(self, passage: str) -> float:
        """What speaks for a dark pattern in a passage, against what speaks against it."""
        found, weight = features(passage, self._classes), self._weights.get
        return self._bias + sum([weight(name, 0.0) for name in found]) / math.sqrt(len(found))

    def kind(self, passage: str) -> str:
        """The kind that most speaks for; where nothing does, the broadest."""
        kinds: dict[str, float] = {}
        for name in sorted(features(passage, self._classes)):
            if kind := self._kinds.get(name):
                kinds[kind] = kinds.get(kind, 0.0) + self._weights[name]
        return max(kinds, key=kinds.__getitem__, default=_BROADEST)

    def _explained(self, text: str, start: int, end: int, log_odds: float) -> DarkPattern:
        passage = text[start:end]
        plain = _plain(passage)
        places = [match.span() for match in _TOKEN.finditer(plain)]
        shares = [0.0] * (len(places) + 2)
        for line in _lines(passage, self._classes):
            for place, (word, pair) in enumerate(zip(line, pairwise([*line, ""]), strict=True)):
                half = self._weights.get(" ".join(pair), 0.0) / 2
                shares[place] += self._weights.get(word, 0.0) / 2 + half
                shares[min(place + 1, len(line) - 1)] += half
        span = (start, end)
        if places and len(plain) == len(passage):  # few letters have no single lower case
            first, last = _heaviest(shares[1:-1])
            span = (start + places[first][0], start + places[last][1])
        return DarkPattern(self.kind(passage), 1 / (1 + math.exp(-log_odds)), span)


def passages(text: str) -> Iterator[Span]:
    """The sentences and lines of a text; of a long one the beginning."""
    start = 0
    for match in _PASSAGE_END.finditer(text):
        if match.start() > start:
            yield start, min(match.start(), start + _LONGEST)
        start = match.end()
    if start < len(text):
        yield start, min(len(text), start + _LONGEST)


def features(passage: str, classes: Classes) -> Features:
    """What the model knows of a passage.

    Its words and pairs of them, its classes and any two of them, its length, and if it shouts.
    """
    plain, classed = _lines(passage, classes)
    found = {*plain, *map(" ".join, pairwise(plain)), *map(" ".join, pairwise(classed))}
    named = sorted(set(classed).difference(plain))
    found.update(named)
    found.update(map("&".join, combinations(named, 2)))
    found.add(f"#{bisect(_LENGTHS, len(plain))}")
    if passage.isupper():
        found.add("#capitals")
    return found


def _lines(passage: str, classes: Classes) -> tuple[list[str], list[str]]:
    """The words between a mark for each end, as they stand and by class.

    Numbers are all one, but for the shapes of a time and of a countdown.
    """
    words = [
        "0" + ":0" * token.count(":") if "0" <= token < ":" else token
        for token in _TOKEN.findall(_plain(passage))
    ]
    return [_START, *words, _END], [_START, *map(classes.get, words, words), _END]


def _plain(passage: str) -> str:
    return passage.lower().replace("’", "'")


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
