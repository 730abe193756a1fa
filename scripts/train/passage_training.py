"""Train a model of passages: weights from pieces of text, the same from the same every time."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from components.love_engine.passage_model import WHOLE, PassageModel, Reading, Weights, features
from scripts.train.logistic import Example, fit

FOLDS = 5
COST = 33.0
SEEN_IN = 3  # groups: what fewer have is a name and no habit, and is not learned
LEAST = 0.15  # weights closer to zero are left out


class Text(NamedTuple):
    """A text, what it should be taken for ("" for nothing), and what it shares strings with."""

    text: str
    kind: str
    source: str
    group: str


Said = tuple[Text, float]
"""A text, and the log-odds that a model gives it which has not seen its group."""


class Piece(NamedTuple):
    """A passage, the kind it is to be taken for ("" for none), its group, how much it counts."""

    text: str
    kind: str
    group: str
    weight: float = 1.0


def trained(
    pieces: Iterable[Piece], reading: Reading, cost: float = COST, least: float = LEAST
) -> Weights:
    """The model of these pieces, before it is calibrated; smaller weights are left out."""
    given = list(pieces)
    read = [_read(one.text, reading) for one in given]
    groups = defaultdict[str, set[str]](set)
    for piece, (_, names) in zip(given, read, strict=True):
        for name in names:
            groups[name].add(piece.group)
    known = {name for name, seen in groups.items() if len(seen) >= SEEN_IN}
    examples = [
        Example(list(filter(known.__contains__, names)), size**-0.5, bool(piece.kind), piece.weight)
        for piece, (size, names) in zip(given, read, strict=True)
    ]
    bias, weights = fit(examples, cost)
    kept = {name: weight for name, weight in weights.items() if abs(weight) >= least}
    return Weights(bias, _by_kind(kept, given, [names for _, names in read]))


def _read(text: str, reading: Reading) -> tuple[int, list[str]]:
    """The size of a passage, and its features as they are written."""
    size, found = features(text, reading)
    return size, [one if isinstance(one, str) else " ".join(one) for one in found]


def _by_kind(
    weights: dict[str, float], given: list[Piece], read: list[list[str]]
) -> dict[str, dict[str, float]]:
    """The weights, each under the kind that has its feature most often for its size.

    What passages have as a whole is of no kind.
    """
    sizes = Counter(piece.kind for piece in given if piece.kind)
    seen = defaultdict[str, Counter[str]](Counter)
    for piece, names in zip(given, read, strict=True):
        if piece.kind:
            for name in set(names):
                seen[name][piece.kind] += 1
    found = defaultdict[str, dict[str, float]](dict)
    for name, weight in sorted(weights.items()):
        of_kind = seen[name] if weight > 0 and not name.startswith(WHOLE) else None
        kind = max(sizes, key=lambda one: of_kind[one] / sizes[one] ** 0.5) if of_kind else ""
        found[kind][name] = weight
    return dict(sorted(found.items()))


def calibrated(
    model: Weights, slope: float, intercept: float, hopeless: float = -math.inf
) -> Weights:
    """The same model with log-odds that are honest, rounded for the file."""
    weights = {
        kind: {name: round(slope * weight, 2) for name, weight in named.items()}
        for kind, named in model.weights.items()
    }
    return Weights(round(slope * model.bias + intercept, 2), weights, hopeless)


def drawn(given: Iterable[Text], most: int) -> list[Text]:
    """So many of the texts, by lot, but the same ones every time."""
    return sorted(given, key=lambda one: hashlib.sha256(one.text.encode()).digest())[:most]


def folded(given: Sequence[Text], train: Callable[[Sequence[Text]], Weights]) -> list[Weights]:
    """A model for each fold, of the texts of all others."""
    return [train([text for text in given if fold(text.group) != held]) for held in range(FOLDS)]


def held_out(given: Iterable[Text], readers: Sequence[PassageModel]) -> list[Said]:
    """What the models of the folds say of the texts that they were not fitted on."""
    return [(text, readers[fold(text.group)].worst(text.text)[0]) for text in given]


def fold(group: str) -> int:
    """Which fold a group belongs to."""
    return hashlib.sha256(group.encode()).digest()[0] % FOLDS
