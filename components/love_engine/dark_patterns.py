"""Dark patterns in what people are shown: which words stand for each other, and the weights.

The weights were trained by `scripts/train/dark_patterns.py`; data, figures and limits stand beside
them in `weights/dark_patterns.md`.
"""

from components.love_engine.lexicon import Lexicon
from components.love_engine.passage_model import (
    PassageModel,
    StandsFor,
    Weights,
    sentences,
    standing_for,
)

_CLASS = "pressure_"
_BROADEST = "misdirection"


def classes(lexicon: Lexicon) -> StandsFor:
    """What words stand for: their class, if the lexicon has one for this, else themselves."""
    groups = [group for group in lexicon.words if group.startswith(_CLASS)]
    named = {
        word: f"@{group.removeprefix(_CLASS)}" for group in groups for word in lexicon.words[group]
    }
    return standing_for(named, str)


def reader(weights: Weights, stands_for: StandsFor) -> PassageModel:
    """What finds the dark pattern of a text, if it has one."""
    return PassageModel(weights, stands_for, sentences, _BROADEST)
