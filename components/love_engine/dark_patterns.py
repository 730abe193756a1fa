"""Dark patterns in what people are shown: which words stand for each other, and the weights.

The weights were trained by `scripts/train/dark_patterns.py`; data, figures and limits stand beside
them in `weights/dark_patterns.md`.
"""

from components.love_engine.lexicon import Lexicon
from components.love_engine.passage_model import PassageModel, StandsFor, Weights, sentences

_CLASS = "pressure_"
_BROADEST = "misdirection"


class _Itself(dict[str, str]):
    """A word that belongs to no class stands for itself."""

    def __missing__(self, word: str) -> str:
        return word


def classes(lexicon: Lexicon) -> StandsFor:
    """The classes of words that the lexicon has for this."""
    groups = [group for group in lexicon.words if group.startswith(_CLASS)]
    return _Itself(
        (word, f"@{group.removeprefix(_CLASS)}")
        for group in groups
        for word in lexicon.words[group]
    )


def reader(weights: Weights, stands_for: StandsFor) -> PassageModel:
    """What finds the dark pattern of a text, if it has one."""
    return PassageModel(weights, stands_for, sentences, _BROADEST)
