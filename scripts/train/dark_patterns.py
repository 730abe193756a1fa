"""Train what recognises dark patterns, and judge it on groups of texts that it has not seen.

    python -m scripts.train.dark_patterns [DATA]

Reads the recorded rows (`../shared/data` unless another folder is given) and writes the weights
and the model card to `components/love_engine/weights`. Plain Python, no chance: the same rows
give the same files. Takes some minutes.
"""

import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from components.love_engine.dark_patterns import (
    DarkPatterns,
    Weights,
    classes,
    features,
    passages,
)
from components.love_engine.lexicon import load
from scripts.train import dark_pattern_card as card
from scripts.train.dark_pattern_card import Judged
from scripts.train.dark_pattern_rows import COMPOSED, SHOP, Text, texts
from scripts.train.logistic import Example, calibrate, fit

DATA = Path(__file__).parents[3] / "shared" / "data"
FOLDER = Path(__file__).parents[2] / "components" / "love_engine" / "weights"
FOLDS = 5
COST = 100.0
SEEN_IN = 3  # groups: what fewer have is a name and no habit, and is not learned
LEAST = 0.25  # weights closer to zero are left out
ORDINARY = 0.3  # how much a passage of an ordinary text counts, beside 1 for a text of a shop
MOST_PASSAGES = 6
_CLASSES = classes(load())


def trained(given: Sequence[Text]) -> Weights:
    """The model of these texts, before it is calibrated."""
    examples, groups = [], defaultdict[str, set[str]](set)
    for text, passage in _passages(given):
        names = features(passage, _CLASSES)
        weight = 1.0 if text.source == SHOP else ORDINARY
        examples.append(Example(sorted(names), len(names) ** -0.5, bool(text.kind), weight))
        for name in names:
            groups[name].add(text.group)
    known = {name for name, seen in groups.items() if len(seen) >= SEEN_IN}
    narrowed = [
        one._replace(features=[name for name in one.features if name in known]) for one in examples
    ]
    bias, weights = fit(narrowed, COST)
    return Weights(bias, _by_kind(weights, given))


def _passages(given: Sequence[Text]) -> Iterator[tuple[Text, str]]:
    """Texts of shops as they are; of ordinary ones the passages, because those are read."""
    for text in given:
        if text.source == SHOP:
            yield text, text.text.strip()
        else:
            for start, end in list(passages(text.text))[:MOST_PASSAGES]:
                yield text, text.text[start:end]


def _by_kind(weights: dict[str, float], given: Sequence[Text]) -> dict[str, dict[str, float]]:
    """The weights that count, each under the kind that has its feature most often for its size."""
    sizes = Counter(text.kind for text in given if text.kind)
    seen = defaultdict[str, Counter[str]](Counter)
    for text in given:
        if text.kind:
            for name in features(text.text.strip(), _CLASSES):
                seen[name][text.kind] += 1
    found = defaultdict[str, dict[str, float]](dict)
    for name, weight in sorted(weights.items()):
        if abs(weight) >= LEAST:
            of_kind = seen[name] if weight > 0 else None
            kind = max(sizes, key=lambda one: of_kind[one] / sizes[one] ** 0.5) if of_kind else ""
            found[kind][name] = weight
    return dict(sorted(found.items()))


def calibrated(model: Weights, slope: float, intercept: float) -> Weights:
    """The same model with log-odds that are honest, rounded for the file."""
    weights = {
        kind: {name: round(slope * weight, 2) for name, weight in named.items()}
        for kind, named in model.weights.items()
    }
    return Weights(round(slope * model.bias + intercept, 2), weights)


def fold(group: str) -> int:
    """Which fold a group belongs to."""
    return hashlib.sha256(group.encode()).digest()[0] % FOLDS


def folded(given: Sequence[Text]) -> list[Weights]:
    """A model for each fold, of the texts of all others."""
    return [trained([text for text in given if fold(text.group) != held]) for held in range(FOLDS)]


def scale_of(said: Iterable[tuple[Text, float]]) -> tuple[float, float]:
    """The calibration of log-odds of texts never fitted, but for those made to mislead."""
    met = [(odds, bool(text.kind)) for text, odds in said if text.source != COMPOSED]
    return calibrate(met)


def main(data: Path = DATA) -> None:
    """Judge, train on everything, and write both files."""
    given = texts(data)
    judged = list(_judged(given))
    slope, intercept = scale_of((one.text, one.log_odds) for one in judged)
    model = calibrated(trained(given), slope, intercept)
    (FOLDER / "dark_patterns.json").write_bytes(msgspec.json.format(msgspec.json.encode(model)))
    honest = [one.calibrated(slope, intercept) for one in judged]
    size = sum(map(len, model.weights.values()))
    (FOLDER / "dark_patterns.md").write_text(card.written(honest, size, FOLDS), "utf-8")


def _judged(given: Sequence[Text]) -> Iterator[Judged]:
    """What models say that have not seen a text's group, and some that have not seen its source."""
    sources = {_file(text) for text in given} - {SHOP}
    without = {
        source: reader_of(trained([text for text in given if _file(text) != source]))
        for source in sources
    }
    for number, model in enumerate(folded(given)):
        reader = reader_of(model)
        for text in given:
            if fold(text.group) == number:
                log_odds, (start, end) = reader.worst(text.text)
                unseen, _ = without.get(_file(text), reader).worst(text.text)
                yield Judged(text, log_odds, reader.kind(text.text[start:end]), unseen)


def reader_of(model: Weights) -> DarkPatterns:
    """What reads texts by a model."""
    return DarkPatterns(model, _CLASSES)


def _file(text: Text) -> str:
    return text.source.split()[0]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
