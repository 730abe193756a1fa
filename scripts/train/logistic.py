"""Logistic regression in plain Python, by dual coordinate descent: the same result every time.

After Yu, Huang and Lin, "Dual coordinate descent methods for logistic regression and maximum
entropy models", Machine Learning 85 (2011), algorithm 5.
"""

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

_BIAS = ""
_SMALLEST = 1e-8
_NEWTON_STEPS = 100


class Example(NamedTuple):
    """One text: its features, each time of the value `scale`; 1 or 0; and how much it counts."""

    features: Sequence[str]
    scale: float
    positive: bool
    weight: float = 1.0


def fit(
    examples: Sequence[Example], cost: float, rounds: int = 40
) -> tuple[float, dict[str, float]]:
    """Bias and weights that minimise `|w|²/2 + cost · Σ weight · loss`."""
    weights: dict[str, float] = {_BIAS: 0.0}
    bounds = [cost * one.weight for one in examples]
    duals = [min(0.001 * bound, _SMALLEST) for bound in bounds]
    norms = [_norm(one) for one in examples]
    for one, dual in zip(examples, duals, strict=True):
        _add(weights, one, dual)
    order = list(range(len(examples)))
    shuffled = random.Random(7)
    for _ in range(rounds):
        shuffled.shuffle(order)
        for at in order:
            margin = _dot(weights, examples[at]) * (1 if examples[at].positive else -1)
            new = _minimum(duals[at], bounds[at], norms[at], margin)
            _add(weights, examples[at], new - duals[at])
            duals[at] = new
    return weights.pop(_BIAS), weights


def _norm(one: Example) -> float:
    """The square of its length, with the bias."""
    times = Counter(one.features).values()
    return one.scale**2 * sum([count * count for count in times]) + 1.0


def _minimum(dual: float, bound: float, norm: float, margin: float) -> float:
    """The dual variable that minimises the loss of one example, the others held fixed."""
    flipped = norm * (0.5 * bound - dual) + margin < 0
    old = bound - dual if flipped else dual
    slope = -margin if flipped else margin
    new = 0.1 * old if bound - old < 0.5 * bound else old
    for _ in range(_NEWTON_STEPS):
        gradient = norm * (new - old) + slope + math.log(new / (bound - new))
        if abs(gradient) < 1e-6:
            break
        step = new - gradient / (norm + bound / (bound - new) / new)
        new = step if 0.0 < step < bound else 0.1 * new
    return bound - new if flipped else new


def _dot(weights: dict[str, float], one: Example) -> float:
    known = weights.get
    return weights[_BIAS] + one.scale * sum([known(name, 0.0) for name in one.features])


def _add(weights: dict[str, float], one: Example, dual: float) -> None:
    step = dual if one.positive else -dual
    weights[_BIAS] += step
    step *= one.scale
    for name in one.features:
        weights[name] = weights.get(name, 0.0) + step


def calibrate(held_out: Sequence[tuple[float, bool]], rounds: int = 2_000) -> tuple[float, float]:
    """Slope and intercept that make log-odds honest (Platt): `slope · log_odds + intercept`.

    `held_out` are log-odds of examples that the model had not seen, and whether each is positive.
    """
    slope, intercept = 1.0, 0.0
    for _ in range(rounds):
        down = across = 0.0
        for log_odds, positive in held_out:
            error = probability(slope * log_odds + intercept) - positive
            down += error * log_odds
            across += error
        slope -= 0.05 * down / len(held_out)
        intercept -= 0.5 * across / len(held_out)
    return slope, intercept


def probability(log_odds: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))
