"""How likely a sentence is a task for an assistant: a small trained model.

A logistic regression over `task_features`, trained by `python -m scripts.train.instructions`. What
it was trained on, its figures and its limits stand beside its weights (`weights/instructions.md`).
"""

import math
from collections.abc import Set as AbstractSet
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class Weights(Struct, frozen=True, forbid_unknown_fields=True):
    """A trained model: the log-odds of features F are `bias + sum(weights of F)`, calibrated."""

    bias: float
    weights: dict[str, float]

    def log_odds(self, features: AbstractSet[str]) -> float:
        """The log-odds that a sentence with these features is a task."""
        known = self.weights
        return self.bias + sum([known[name] for name in features if name in known])


@cache
def shipped() -> Weights:
    """The weights that ship with the firewall."""
    path = files("components.intent_firewall") / "weights" / "instructions.json"
    return msgspec.json.decode(path.read_bytes(), type=Weights)


def chance(log_odds: float) -> float:
    """Log-odds as a chance, 0–1."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))
