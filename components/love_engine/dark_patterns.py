"""Dark patterns in what people are shown: which words stand for each other, and the weights.

The weights were trained by `scripts/train/dark_patterns.py`; data, figures and limits stand beside
them in `weights/dark_patterns.md`.
"""

import re

from components.love_engine.lexicon import Lexicon
from components.love_engine.passage_model import PassageModel, Reading, Weights, sentences
from components.love_engine.remembered import Remembered
from components.love_engine.words import Span

_CLASS = "pressure_"
_BROADEST = "misdirection"
_WORD = re.compile(
    r"[^\W\d_]+(?:['’][^\W\d_]+)*"  # letters: in shops they stick to numbers ("09H 42M")
    r"|[0-9]+(?:[.,:][0-9]+)*"
    r"|[%!?:$#*&>/]"
)


def reading(lexicon: Lexicon) -> Reading:
    """Sentence by sentence; words stand for their class, if the lexicon has one, or themselves."""
    named = {
        word: f"@{group.removeprefix(_CLASS)}"
        for group, words in lexicon.words.items()
        if group.startswith(_CLASS)
        for word in words
    }
    return Reading(sentences, _words, _spans, Remembered(lambda word: named.get(word, word)))


def reader(weights: Weights, reading: Reading) -> PassageModel:
    """What finds the dark pattern of a text, if it has one."""
    return PassageModel(weights, reading, _BROADEST)


def _words(passage: str) -> list[str]:
    return list(map(_plain, _WORD.findall(passage)))


def _plain(word: str) -> str:
    """Numbers are all one, but for the shapes of a time and of a countdown."""
    if "0" <= word < ":":
        return "0" + ":0" * word.count(":")
    return word.lower().replace("’", "'")


def _spans(passage: str) -> list[Span]:
    return [match.span() for match in _WORD.finditer(passage)]
