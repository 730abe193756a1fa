"""Which texts are worth reading: a sound and cheap test that most texts do not pass.

**Why nothing is missed.** A feature holds only in a sentence that has a phrase of every one of
its steps and of every group it also asks for (its *conditions*). A phrase stands in a text only
if each of its words does, so also the one word that was chosen as its *anchor*. The test looks
up the anchors among the distinct words of the whole text, takes a phrase as present where all
its words are, wherever they stand, and lets the text pass if some feature that reads this kind
of text has all its conditions met. Order, distance, sentence ends, negations and excuses can
only take findings away, and the test ignores them all: it errs only towards reading.

Conditions are bits. The first condition of every feature has the lowest bits, one a feature, the
second the next as many, and so on; one that a feature lacks is met from the start. The features
that may hold are then the `and` of these rows of bits.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, get_args

from components.love_engine.lexicon import Feature, FieldKind, Lexicon
from components.love_engine.words import STOP_WORDS, phrase_words


class _Anchor(NamedTuple):
    """The conditions that a word meets alone, and those it meets with all of some others."""

    alone: int = 0
    together: tuple[tuple[frozenset[str], int], ...] = ()


class Prefilter:
    """Tells of a set of words whether any feature may hold in a text that has just these."""

    def __init__(self, lexicon: Lexicon) -> None:
        features = lexicon.features
        self._width = len(features)
        self._rows = max((len(_conditions(feature)) for feature in features), default=1)
        self._readers: dict[FieldKind | None, int] = {
            None: (1 << self._width) - 1,
            **{kind: _reading(features, kind) for kind in get_args(FieldKind)},
        }
        self._of_deeds = 0
        for kind, reading in self._readers.items():
            self._of_deeds |= reading if kind not in (None, "request") else 0
        self._free = sum(
            1 << row * self._width + feature.index
            for feature in features
            for row in range(len(_conditions(feature)), self._rows)
        )
        self._anchors = _anchors(_met_by_phrase(lexicon))
        self._names = frozenset(self._anchors)

    def may_hold(self, words: AbstractSet[str], kind: FieldKind | None = None) -> bool:
        """Whether a text with these words, of this kind or of any, can have a feature at all."""
        return self._holds(words, self._readers[kind])

    def may_hold_in_deed(self, words: AbstractSet[str]) -> bool:
        """The same for a text that is of any kind but a request."""
        return self._holds(words, self._of_deeds)

    def _holds(self, words: AbstractSet[str], possible: int) -> bool:
        met = self._free
        for word in self._names.intersection(words):
            alone, together = self._anchors[word]
            met |= alone
            for others, more in together:
                if others <= words:
                    met |= more
        for _ in range(self._rows):
            possible &= met
            if not possible:
                return False
            met >>= self._width
        return True


def _reading(features: Sequence[Feature], kind: FieldKind) -> int:
    """The features that look at texts of this kind, as bits."""
    return sum(1 << feature.index for feature in features if kind in feature.rule.fields)


def _conditions(feature: Feature) -> tuple[str, ...]:
    return (*feature.rule.sequence, *feature.rule.also)


def _met_by_phrase(lexicon: Lexicon) -> dict[frozenset[str], int]:
    """The conditions that each phrase meets, as bits; a phrase is the set of its words."""
    met: dict[frozenset[str], int] = {}
    for feature in lexicon.features:
        for row, condition in enumerate(_conditions(feature)):
            bit = 1 << row * len(lexicon.features) + feature.index
            for group in condition.split("|"):
                for phrase in map(phrase_words, lexicon.words[group]):
                    met[phrase] = met.get(phrase, 0) | bit
    return met


def _anchors(met: dict[frozenset[str], int]) -> dict[str, _Anchor]:
    """The anchors with what they announce: a phrase's is its longest word, but no stop word."""
    anchors: dict[str, _Anchor] = {}
    for phrase, bits in met.items():
        word = max(sorted(phrase), key=lambda word: (word not in STOP_WORDS, len(word)))
        alone, together = anchors.get(word, _Anchor())
        if others := phrase - {word}:
            anchors[word] = _Anchor(alone, (*together, (others, bits)))
        else:
            anchors[word] = _Anchor(alone | bits, together)
    one = {anchor: anchor for anchor in anchors.values()}  # fewer of them stay in a cache
    return {word: one[anchor] for word, anchor in anchors.items()}
