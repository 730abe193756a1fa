"""The evidence as an index of the words that are asked for, sentence by sentence."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from components.love_engine.grounding_words import Said, sentence_words

MAX_CHARACTERS = 300_000
_FREQUENT = 16
_CANDIDATES = 2
Pair = tuple[str, str]


class Evidence:
    """Where the words of some sentences stand in the evidence. Linear in both.

    Without words in the evidence (`length` 0) there is nothing to ask of it.
    """

    def __init__(self, texts: Sequence[str], asking: Sequence[Said]) -> None:
        text = "\n".join(texts)[:MAX_CHARACTERS]
        asked = {word for said in asking for word in said.words}
        pairs = {pair for said in asking for pair in pairwise(said.words)}
        self.pairs: set[Pair] = set()
        """The pairs of neighbouring words that are neighbours here too."""
        self._sentences: list[list[str]] = []
        self._known: list[set[str]] = []
        self._where: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(sentence_words(text)):
            known = asked.intersection(words)
            self._sentences.append(words)
            self._known.append(known)
            for word in known:
                self._where[word].append(number)
            if len(known) > 1:
                self.pairs |= pairs.intersection(pairwise(words))
        self.length = sum(map(len, self._sentences))
        rarest = self._rarest = 1.0 + math.log1p(self.length)
        found = self._where.items()
        self._weights = {word: rarest - math.log(len(places)) for word, places in found}
        self.words = self._where.keys()
        """The words asked for that the evidence has."""

    def weights(self, words: Iterable[str]) -> dict[str, float]:
        """1 for a word of content that is everywhere, growing with rarity; what lacks is rarest."""
        known, rarest = self._weights.get, self._rarest
        return {word: known(word, rarest) for word in words}

    def closest(self, weights: Mapping[str, float]) -> tuple[int, int]:
        """The sentence that, with the next, has most of these words by weight; and which of the
        two has more. The first where nothing is shared."""
        votes: dict[int, float] = defaultdict(float)
        for word, weight in weights.items():
            for number in self._where.get(word, ())[:_FREQUENT]:
                votes[number] += weight
        best, start, most = 0, 0, 0.0
        for number in sorted(votes, key=votes.__getitem__, reverse=True)[:_CANDIDATES]:
            for one in (number - 1, number) if number else (number,):
                shared = _sum(weights, self.known(one, 2))
                if shared > most:
                    best, start, most = number, one, shared
        return start, best

    def known(self, start: int, count: int = 1) -> AbstractSet[str]:
        """Which of the words asked for stand in these sentences; at most two."""
        known = self._known[start : start + count]
        return known[0] if len(known) == 1 else known[0] | known[1]

    def sentence(self, number: int) -> list[str]:
        """The words of a sentence."""
        return self._sentences[number]


def _sum(weights: Mapping[str, float], words: AbstractSet[str]) -> float:
    return sum([weight for word, weight in weights.items() if word in words])
