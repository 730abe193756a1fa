"""How the figures of a sentence become its support: a logistic combination of them.

The weights were fitted by `python -m scripts.train.grounding` on two sets of answers that people
held to their evidence (CC-BY-4.0) and on sentences made from texts under CC-BY-4.0, MIT and
Apache-2.0, true ones and spoiled ones; run it again after a change of a figure.
"""

import math

from msgspec.structs import astuple

from components.love_engine.grounding_features import Features

BIAS = -3.58
WEIGHTS = Features(
    known=2.31,
    copied=0.36,
    together=2.78,
    scattered=-5.04,
    invented=-17.10,
    far_names=-0.29,
    far_numbers=-0.28,
    replaced=-0.95,
    denied=-1.00,
    speaking=-6.01,
    asking=-3.23,
)
_WEIGHTS = astuple(WEIGHTS)


def support(features: Features) -> float:
    """How far the evidence supports a sentence, 0–1; at 0.5 either is as likely."""
    margin = BIAS + sum(map(float.__mul__, _WEIGHTS, astuple(features)))
    return 1.0 / (1.0 + math.exp(-margin))
