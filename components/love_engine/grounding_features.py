"""What of a sentence the evidence supports, as named figures, and the words that it does not."""

import math
from itertools import pairwise

from msgspec import Struct

from components.love_engine.grounding_evidence import Evidence
from components.love_engine.grounding_words import DIGITS, Said, denied
from components.love_engine.words import STOP_WORDS

_SPEAKERS_TEXT = "i i'm i've i'd i'll me my mine you your yours you're we our us"
_SPEAKERS = frozenset(_SPEAKERS_TEXT.split())
_MOST_SPEAKERS = 8


class Features(Struct, frozen=True):
    """A sentence held against the evidence: shares are 0–1, the others are numbers of words."""

    known: float
    """The share of its words that stand in the evidence."""
    copied: float
    """The share of the longest run of words whose neighbours are neighbours there too."""
    together: float
    """The share of its content, by rarity, in one sentence of the evidence and the next."""
    scattered: float
    """The share of its content, by rarity, that stands in the evidence, but elsewhere."""
    invented: float
    """The share of its content that are numbers and names that the evidence does not have."""
    far_names: float
    """Names that stand elsewhere."""
    far_numbers: float
    """Numbers that stand elsewhere."""
    replaced: float
    """Words that break off from what stands there, over the root of the number of words of content:
    not there themselves, with a neighbour that is on one side alone."""
    denied: float
    """Words that one denies and the other does not."""
    speaking: float
    """Words of `I` and `you` that the evidence does not have, over the root of all words."""
    asking: float
    """1 for a question, which reports nothing."""


class Held:
    """One sentence held against the evidence. Places are indices into its words."""

    def __init__(self, said: Said, evidence: Evidence) -> None:
        words, has = said.words, evidence.words
        self.said = said
        self._evidence = evidence
        self._content = [place for place, word in enumerate(words) if word not in STOP_WORDS]
        self._weights = evidence.weights([words[place] for place in self._content])
        self._start, self._number = evidence.closest(self._weights)
        there = self._there = evidence.known(self._number)
        self._away = [place for place in self._content if words[place] not in there]
        missing = [place for place in self._away if words[place] not in has]
        self.missing = missing
        """Words of content that the evidence does not have."""
        self._far = [place for place in self._away if words[place] in has]
        """Words of content that the evidence has, but not in the closest sentence."""
        self.numbers = [place for place in missing if self._is_number(place)]
        """Numbers that the evidence does not have."""
        self.names = [place for place in missing if self._is_name(place)]
        """Names that the evidence does not have."""
        self.denied = self._denied()
        """Words that stand in both sentences and are denied in one alone."""

    def features(self) -> Features:
        """The figures, in time linear in the sentence."""
        words, has = self.said.words, self._evidence.words
        count, root = len(words), math.sqrt(len(self._content) or 1)
        near = self._evidence.known(self._start, 2)
        total = together = missing = 0.0
        for place in self._content:
            weight = self._weights[words[place]]
            total += weight
            if words[place] in near:
                together += weight
            elif words[place] not in has:
                missing += weight
        speaking = len([word for word in words if word in _SPEAKERS and word not in has])
        return Features(
            known=sum(map(has.__contains__, words)) / count,
            copied=self._longest_run() / count,
            together=together / (total or 1.0),
            scattered=max(0.0, total - missing - together) / (total or 1.0),
            invented=(len(self.numbers) + len(self.names)) / (len(self._content) or 1),
            far_names=len(self.far_names()),
            far_numbers=len(self.far_numbers()),
            replaced=self._replaced() / root,
            denied=len(self.denied),
            speaking=min(speaking, _MOST_SPEAKERS) / math.sqrt(count),
            asking=float(self.said.text.rstrip().endswith("?")),
        )

    def far_names(self) -> list[int]:
        """Names that are not in the closest sentence, nor in the one before, for `he` and `it`."""
        before = self._evidence.known(max(self._number - 1, 0))
        far = self._far
        return [p for p in far if self._is_name(p) and self.said.words[p] not in before]

    def far_numbers(self) -> list[int]:
        """Numbers that the evidence has, but not in the closest sentence."""
        return list(filter(self._is_number, self._far))

    def _denied(self) -> set[str]:
        differing = denied(self.said.words) ^ denied(self._evidence.sentence(self._number))
        return differing & self._there & self._weights.keys()

    def _replaced(self) -> int:
        """Words not in the closest sentence that have one neighbour there."""
        words, there = self.said.words, self._there
        here = [words[place] in there for place in self._content]
        sides = zip([False, *here], here, [*here[1:], False], strict=False)
        return sum(not known and before != after for before, known, after in sides)

    def _longest_run(self) -> int:
        pairs = self._evidence.pairs
        longest = run = 1
        for pair in pairwise(self.said.words):
            if pair in pairs:
                run += 1
                longest = max(longest, run)
            else:
                run = 1
        return longest

    def _is_number(self, place: int) -> bool:
        return self.said.words[place][:1] in DIGITS

    def _is_name(self, place: int) -> bool:
        """A word with a capital that is not the sentence's own."""
        return place > 0 and self.said.found[place].group()[0].isupper()
