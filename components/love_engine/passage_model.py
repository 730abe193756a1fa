"""What a passage of text is like: a small trained model that names its words.

A logistic regression over what words say, alone and in pairs, as they stand and by what they stand
for ("a crowd", "has bought", "few"), so that it also reads what it never saw. A text is read
passage by passage, because what is looked for is one sentence among many.
"""

import math
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import combinations, islice, pairwise

import msgspec
from msgspec import Struct

from components.love_engine.words import Span

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[0-9]+(?:[.,:][0-9]+)*|[%!?:$#*&>/]")
_PASSAGE_END = re.compile(r"(?<=[.!?])\s+|\n\s*")
_LONGEST = 1_200  # characters that are read of one passage
_MOST = 4_000  # passages that are read; of more, none could stand out
_LENGTHS = (4, 6, 10, 18, 40)
_CLASS = "@"
_START, _END = "^", "$"

Features = set[str]
StandsFor = Mapping[str, str]
"""What a word stands for, for any word; where it is a class of words, `@` and its name."""


class Weights(Struct, frozen=True, forbid_unknown_fields=True):
    """A trained model: weights by the kind that they speak for; those under "" speak against.

    The log-odds of a passage with features F are `bias + sum(weights) / sqrt(len(F))`.
    """

    bias: float
    weights: dict[str, dict[str, float]]


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

    `passages` gives the places that are read each by itself; `broadest` is the kind of what
    no weight speaks for.
    """

    def __init__(
        self,
        weights: Weights,
        stands_for: StandsFor,
        passages: Callable[[str], Iterable[Span]],
        broadest: str = "",
    ) -> None:
        self._bias = weights.bias
        self._stands_for = stands_for
        self._passages = passages
        self._broadest = broadest
        kinds = weights.weights.items()
        self._weights = {name: weight for _, named in kinds for name, weight in named.items()}
        self._kinds = {name: kind for kind, named in kinds if kind for name in named}

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
        read = islice(self._passages(text), _MOST)
        found = [(self.log_odds(text[start:end]), (start, end)) for start, end in read]
        worst, where = max(found, default=(self._bias, (0, 0)))
        return worst - math.log(len(found) or 1), where

    def log_odds(self, passage: str) -> float:
        """What speaks for it in a passage, against what speaks against it."""
        found, weight = features(passage, self._stands_for), self._weights.get
        return self._bias + sum([weight(name, 0.0) for name in found]) / math.sqrt(len(found))

    def kind(self, passage: str) -> str:
        """The kind that most speaks for; where nothing does, the broadest."""
        kinds: dict[str, float] = {}
        for name in sorted(features(passage, self._stands_for)):
            if kind := self._kinds.get(name):
                kinds[kind] = kinds.get(kind, 0.0) + self._weights[name]
        return max(kinds, key=kinds.__getitem__, default=self._broadest)

    def _explained(self, text: str, start: int, end: int, probability: float) -> Likeness:
        passage = text[start:end]
        plain = _plain(passage)
        places = [match.span() for match in _TOKEN.finditer(plain)]
        shares = [0.0] * (len(places) + 2)
        for line in _lines(passage, self._stands_for):
            for place, (word, pair) in enumerate(zip(line, pairwise([*line, ""]), strict=True)):
                half = self._weights.get(" ".join(pair), 0.0) / 2
                shares[place] += self._weights.get(word, 0.0) / 2 + half
                shares[min(place + 1, len(line) - 1)] += half
        span = (start, end)
        if places and len(plain) == len(passage):  # few letters have no single lower case
            first, last = _heaviest(shares[1:-1])
            span = (start + places[first][0], start + places[last][1])
        return Likeness(self.kind(passage), probability, span)


def sentences(text: str) -> Iterator[Span]:
    """The sentences and lines of a text; of a long one the beginning."""
    start = 0
    for match in _PASSAGE_END.finditer(text):
        if match.start() > start:
            yield start, min(match.start(), start + _LONGEST)
        start = match.end()
    if start < len(text):
        yield start, min(len(text), start + _LONGEST)


def features(passage: str, stands_for: StandsFor) -> Features:
    """What the model knows of a passage.

    Its words and pairs of them, what these stand for and any two classes of them, its length,
    and if it shouts.
    """
    plain, meant = _lines(passage, stands_for)
    found = {*plain, *map(" ".join, pairwise(plain)), *map(" ".join, pairwise(meant))}
    named = sorted(set(meant).difference(plain))
    found.update(named)
    found.update(map("&".join, combinations([one for one in named if one[0] == _CLASS], 2)))
    found.add(f"#{bisect(_LENGTHS, len(plain))}")
    if passage.isupper():
        found.add("#capitals")
    return found


def _lines(passage: str, stands_for: StandsFor) -> tuple[list[str], list[str]]:
    """The words between a mark for each end, as they stand and as what they stand for.

    Numbers are all one, but for the shapes of a time and of a countdown.
    """
    words = [
        "0" + ":0" * token.count(":") if "0" <= token < ":" else token
        for token in _TOKEN.findall(_plain(passage))
    ]
    return [_START, *words, _END], [_START, *map(stands_for.__getitem__, words), _END]


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
