"""Train the model that tells tasks for an assistant from other sentences, and measure it.

    python -m scripts.train.instructions [--data ../shared/data] [--mails FOLDER] [--dry]

writes `components/intent_firewall/weights/instructions.json` (unless `--dry`) and prints what its
card tells: figures on groups never fitted, and on attacks of categories never fitted, planted into
tables and into the mails of a folder (messages as they were sent, one a file), which are never
fitted either.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from components.intent_firewall import instructions
from components.intent_firewall.task_features import features_of
from components.intent_firewall.task_model import Weights
from scripts.train.instruction_rows import WEIGHTS, Labelled, labelled
from scripts.train.logistic import probability
from scripts.train.planted import carriers, planted
from scripts.train.sparse_logistic import BIAS, Example, calibration, fit
from scripts.train.told import interval, ranking

_OUT = Path("components/intent_firewall/weights/instructions.json")
_SMALLEST = 0.05
FOLDS = 5


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--mails", type=Path)
    parser.add_argument("--dry", action="store_true")
    given = parser.parse_args()
    rows = labelled(given.data)
    said = held_out(rows, folded(rows))
    scale = scale_of(said)
    _tell(said, scale)
    _left_out(rows, scale, given.data, given.mails)
    model = calibrated(trained(rows), *scale)
    if not given.dry:
        body = {"bias": model.bias, "weights": model.weights}
        _OUT.write_text(json.dumps(body, ensure_ascii=False, indent=0) + "\n", "utf-8")
        print(f"{_OUT}: {len(model.weights)} features")


def fold(group: str) -> int:
    """The fold that a group is held out in."""
    return crc32(group.encode()) % FOLDS


def trained(rows: Iterable[Labelled]) -> Weights:
    """The model of some rows, before its calibration."""
    examples = [
        Example(sorted(features), row.task, WEIGHTS.get(row.source, 1.0))
        for row in rows
        if (features := features_of(row.text))
    ]
    found = fit(examples, l1=3.5, l2=1.0, rounds=5)
    return Weights(found.pop(BIAS), found)


def folded(rows: list[Labelled]) -> list[Weights]:
    """A model for each fold, of the rows of all others."""
    return [trained(row for row in rows if fold(row.group) != held) for held in range(FOLDS)]


def calibrated(model: Weights, slope: float, offset: float) -> Weights:
    """A model whose log-odds say how often they are right; what hardly weighs is left out."""
    kept = {name: round(slope * value, 2) for name, value in sorted(model.weights.items())}
    bias = round(slope * model.bias + offset, 2)
    return Weights(bias, {name: value for name, value in kept.items() if abs(value) >= _SMALLEST})


class Said(NamedTuple):
    """What a model says of a sentence whose group it has not seen."""

    group: str
    task: bool
    score: float


def held_out(rows: Iterable[Labelled], models: Sequence[Weights]) -> list[Said]:
    """What the models of the folds say of the sentences that they were not fitted on."""
    return [
        Said(row.group, row.task, models[fold(row.group)].log_odds(features))
        for row in rows
        if (features := features_of(row.text))
    ]


def scale_of(said: Sequence[Said]) -> tuple[float, float]:
    """The calibration of the score."""
    return calibration([one.score for one in said], [one.task for one in said])


def _tell(said: Sequence[Said], scale: tuple[float, float]) -> None:
    """Tell how sentences of groups never fitted are ranked, and how honest the score is."""
    groups = [one.group for one in said]
    tasks = sum(one.task for one in said)
    print(f"sentences {len(said)}, tasks {tasks}, groups {len(set(groups))}")
    ranked = interval(groups, [(one.score, one.task) for one in said], ranking)
    print(f"ROC AUC, groups never fitted: {ranked}")
    slope, offset = scale
    tenths: defaultdict[int, list[bool]] = defaultdict(list)
    for one in said:
        tenths[min(9, int(10 * probability(slope * one.score + offset)))].append(one.task)
    for tenth, found in sorted(tenths.items()):
        low, high = tenth / 10, (tenth + 1) / 10
        print(f"said {low:.1f}-{high:.1f}: {len(found):6} are {_share(found):.3f}")


def _left_out(
    rows: list[Labelled], scale: tuple[float, float], data: Path, mails: Path | None
) -> None:
    """Tell how many attacks of categories never fitted are found where they were planted."""
    found: defaultdict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
    texts = carriers(data, mails)
    plants = planted(data, texts)
    categories = sorted({plant.category for plant in plants})
    for number in range(FOLDS):
        held = set(categories[number::FOLDS])
        reads = _reader(calibrated(trained(row for row in rows if row.group not in held), *scale))
        for plant in plants:
            if plant.category in held:
                hit = any(one.overlaps(*plant.span) for one in reads(plant.text))
                found[plant.kind, plant.carrier].append((plant.category, hit))
    for (kind, carrier), hits in sorted(found.items()):
        groups, values = zip(*hits, strict=True)
        print(f"{kind} attacks found in {carrier}: {interval(groups, values, _share)}")
    reads = _reader(calibrated(trained(rows), *scale))
    for carrier, clean in texts.items():
        hits = [(str(index), bool(reads(text))) for index, text in enumerate(clean)]
        groups, values = zip(*hits, strict=True)
        print(f"{carrier} flagged as they are, of {len(clean)}: {interval(groups, values, _share)}")


def _reader(model: Weights) -> Callable[[str], tuple[instructions.Region, ...]]:
    return lambda text: instructions.instruction_regions(text, model=model)


def _share(hits: Iterable[bool]) -> float:
    values = list(hits)
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
