"""Requests that read like those for something harmful, whatever words they are put in.

The lexicon knows what harm is called; this knows how it is asked for. The weights were trained by
`scripts/train/harmful_requests.py`; data, figures and limits stand beside them in
`weights/harmful_requests.md`.
"""

import re
from collections.abc import Iterator
from string import digits

from components.love_engine.lexicon import Lexicon
from components.love_engine.passage_model import PassageModel, Reading, Weights, sentences
from components.love_engine.remembered import Remembered
from components.love_engine.words import Span, spans, stem, tokens

HARM = "harm"
"""The kind that the weights speak for."""

LIKELY = 0.75
"""A request that is so probably harmful is asked about."""
DOUBTFUL = 0.5
"""One that is so probably harmful is shown as doubtful; that stops nothing."""

READ = 4_000
"""Characters that are read of a request; what is asked stands in them."""

_WHOLE = 400  # characters: a request this short is one passage, its context included
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMBER = "0"
_CLASSES_TEXT = (
    "hard_violence violence injure cruelty weapon drug malware hate harass insult self_harm steal "
    "loot break_in guarded crime smear nuisance arms illicit destroy_data disrupt infrastructure "
    "tamper medical danger_device disable disinformation fake lie pose coerce watch private_thing "
    "secretly conceal concealed_from protected_group close_person acquaintance animal minor person "
    "figure fiction defence"
)
_CLASSES = _CLASSES_TEXT.split()
"""Groups of the lexicon whose words stand for each other; a word is of the first that has it."""


def reading(lexicon: Lexicon) -> Reading:
    """What a word stands for is the first class that has it or, but for numbers, letters of it
    ("granny's", "4chan"); else its stem. Numbers stand for each other.
    """
    named = {word: f"@{group}" for group in reversed(_CLASSES) for word in lexicon.words[group]}

    def stands_for(word: str) -> str:
        letters = [word] if word.isalpha() else [word, *_LETTERS.findall(word)]
        known = next((named[run] for run in letters if run in named), "")
        return known or (_NUMBER if word[0] in digits else f"~{stem(word)}")

    return Reading(passages, tokens, spans, Remembered(stands_for))


def reader(weights: Weights, reading: Reading) -> PassageModel:
    """What tells of a request how likely it is harmful."""
    return PassageModel(weights, reading, HARM)


def passages(request: str) -> Iterator[Span]:
    """A short request as a whole, a longer one sentence by sentence."""
    if len(request) <= _WHOLE:
        yield 0, len(request)
    else:
        yield from sentences(request[:READ])
