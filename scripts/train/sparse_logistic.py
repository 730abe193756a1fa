"""Sparse logistic regression over named features, in plain Python: the same in every run.

Follow-the-regularised-leader (McMahan et al., "Ad click prediction", 2013): features that tell
nothing keep a weight of exactly zero, so what is learned is small enough to be read.
"""

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from scripts.train.logistic import probability

BIAS = ""
"""The name of the feature that every example has."""
_RATE = 0.3
_BETA = 1.0
_NEWTON_STEPS = 25


class Example(NamedTuple):
    """The features of one text, whether it is what is looked for, and how much it counts."""

    features: Sequence[str]
    label: bool
    weight: float = 1.0


def fit(examples: Sequence[Example], *, l1: float, l2: float, rounds: int) -> dict[str, float]:
    """The weights by feature, those that are not zero; the bias under `BIAS`, never shrunk."""
    gathered: defaultdict[str, float] = defaultdict(float)
    squares: defaultdict[str, float] = defaultdict(float)

    def weight(name: str) -> float:
        held = gathered[name]
        steps = (_BETA + math.sqrt(squares[name])) / _RATE
        if name == BIAS:
            return -held / steps
        return 0.0 if abs(held) <= l1 else -(held - math.copysign(l1, held)) / (steps + l2)

    order = list(range(len(examples)))
    chance = random.Random(1)
    for _ in range(rounds):
        chance.shuffle(order)
        for index in order:
            one = examples[index]
            names = (BIAS, *one.features)
            weights = [weight(name) for name in names]
            error = (probability(sum(weights)) - one.label) * one.weight
            for name, before in zip(names, weights, strict=True):
                root = math.sqrt(squares[name])
                squares[name] += error * error
                gathered[name] += error - (math.sqrt(squares[name]) - root) / _RATE * before
    found = {name: weight(name) for name in gathered}
    return {name: value for name, value in found.items() if value}


def calibration(scores: Sequence[float], labels: Sequence[bool]) -> tuple[float, float]:
    """Slope and offset by which log-odds of texts never fitted tell how often they are right.

    Platt's method, by Newton's steps.
    """
    slope, offset = 1.0, 0.0
    for _ in range(_NEWTON_STEPS):
        steep = level = 0.0
        bend, cross, flat = 1e-9, 0.0, 1e-9
        for score, label in zip(scores, labels, strict=True):
            chance = probability(slope * score + offset)
            error, spread = chance - label, chance * (1.0 - chance)
            steep += error * score
            level += error
            bend += spread * score * score
            cross += spread * score
            flat += spread
        scale = bend * flat - cross * cross
        slope -= (flat * steep - cross * level) / scale
        offset -= (bend * level - cross * steep) / scale
    return slope, offset
