"""Fit the weights of grounding and print them as `grounding_weights.py` has them.

    python -m scripts.train.grounding [FOLDER]

The folder of recorded rows is ../shared/data unless it is given. Used are only rows whose licence
lets what is learnt from them ship: answers held to their evidence by people (CC-BY-4.0), and
sentences made from texts under CC-BY-4.0, MIT and Apache-2.0 (see `grounding_sentences`). The made
ones count as much as the judged ones, the two judged sets the same, and in each what is grounded
as much as what is not. A figure that speaks for an output can't get a weight that speaks against
it, nor the reverse: what the rows have by chance is not learnt.
"""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from components.love_engine.grounding_evidence import Evidence
from components.love_engine.grounding_features import Features, Held
from components.love_engine.grounding_words import sentences
from scripts.train.grounding_sentences import examples

DATA = Path(__file__).parents[3] / "shared" / "data"
JUDGED = ("begin_cmu_dev", "begin_wow_dev")
SEED = 2
Judged = tuple[str, str, bool]
"""An output, its evidence, and whether it is grounded in it."""

NAMES = Features.__struct_fields__
SUPPORTING = frozenset({"known", "copied", "together"})
_RIDGE = 1e-3
_STEPS = 400
_RATE = 1.0
_MOMENTUM = 0.9


class Row(Struct, frozen=True):
    """The figures of an output, whether it is grounded, and how much it counts."""

    figures: tuple[float, ...]
    grounded: bool
    weight: float


def main() -> None:
    """Fit and print."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else DATA
    rows = [row for share, source in _sources(folder) for row in _rows(share, source)]
    weights, bias = fit(rows)
    print(f"BIAS = {bias:.2f}\nWEIGHTS = Features(")
    for name, weight in zip(NAMES, weights, strict=True):
        print(f"    {name}={weight:.2f},")
    print(")")


def figures(output: str, evidence: str) -> tuple[float, ...] | None:
    """The features of an output: those of its sentences, each counting by its words."""
    said = list(sentences(output))
    index = Evidence([evidence], said)
    found = [(len(one.words), astuple(Held(one, index).features())) for one in said]
    length = sum(words for words, _ in found)
    if not length:
        return None
    return tuple(
        sum(words * features[place] for words, features in found) / length
        for place in range(len(NAMES))
    )


def fit(rows: Sequence[Row]) -> tuple[list[float], float]:
    """A ridge logistic regression by gradient descent, each weight held to its sign."""
    count = len(NAMES)
    total = sum(row.weight for row in rows)
    means = [sum(row.weight * row.figures[n] for row in rows) / total for n in range(count)]
    scales = [
        math.sqrt(sum(row.weight * (row.figures[n] - means[n]) ** 2 for row in rows) / total) or 1.0
        for n in range(count)
    ]
    scaled = [[value / scales[n] for n, value in enumerate(row.figures)] + [1.0] for row in rows]
    at, speed = [0.0] * (count + 1), [0.0] * (count + 1)
    for _ in range(_STEPS):
        slope = [2 * _RIDGE * weight for weight in at[:count]] + [0.0]
        for row, values in zip(rows, scaled, strict=True):
            margin = sum(map(float.__mul__, at, values))
            error = (1 / (1 + math.exp(-margin)) - row.grounded) * row.weight / total
            slope = [have + error * value for have, value in zip(slope, values, strict=True)]
        speed = [_MOMENTUM * was - _RATE * by for was, by in zip(speed, slope, strict=True)]
        at = [weight + by for weight, by in zip(at, speed, strict=True)]
        for place, name in enumerate(NAMES):
            held = max(at[place], 0.0) if name in SUPPORTING else min(at[place], 0.0)
            if held != at[place]:
                at[place], speed[place] = held, 0.0
    return [weight / scale for weight, scale in zip(at, scales, strict=False)], at[count]


def _sources(folder: Path) -> Iterator[tuple[float, list[Judged]]]:
    """How much each source counts, and its outputs."""
    answers = _read(folder / "begin.jsonl")
    for suite in JUDGED:
        judged = [row for row in answers if row["suite"] == suite and row["label"] != "generic"]
        yield 1.0, [(row["output"], row["context"], row["label"] == "grounded") for row in judged]
    texts = [row["context"] for row in answers if row["suite"] == JUDGED[0]]
    for name in ("halueval_general", "refchecker"):
        texts += [row["output"] for row in _read(folder / f"{name}.jsonl")]
    made = examples(list(dict.fromkeys(texts)), SEED)
    yield float(len(JUDGED)), [(one.text, one.evidence, one.faithful) for one in made]


def _rows(share: float, source: Sequence[Judged]) -> Iterator[Row]:
    good = sum(grounded for *_, grounded in source)
    for output, evidence, grounded in source:
        found = figures(output, evidence)
        if found:
            yield Row(found, grounded, share / (good if grounded else len(source) - good))


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    main()
