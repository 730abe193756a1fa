"""Sentences about texts, true and spoiled: what summaries say, made from the texts themselves.

A true one is a sentence of its text: as it is, shortened, joined to the next, or told in other
words. A spoiled one is such a sentence with one fault of the usual kinds: another name, number,
verb or circumstance, another's deed, a negation, a detail from elsewhere. Other words are drawn
from all texts, since a paraphrase has words that no table of synonyms knows.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from components.love_engine.words import STOP_WORDS

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n+")
_TOKEN = re.compile(r"\w+(?:[.,'’-]\w+)*|[,;:]")
_JOINTS_TEXT = "and but while when because as which who where that although , ;"
_PLACES_TEXT = "in on at by for with from after before during into against over under near until"
_HELPERS_TEXT = "is was were are has have had will would can could may"
_JOINTS = frozenset(_JOINTS_TEXT.split())
_PLACES = frozenset(_PLACES_TEXT.split())
_HELPERS = frozenset(_HELPERS_TEXT.split())
_SHORTEST, _LONGEST = 6, 45
_FEWEST = 4  # sentences of a text
Tokens = list[str]


class Example(Struct, frozen=True):
    """A sentence, the text it is about, and whether that supports it."""

    text: str
    evidence: str
    faithful: bool


def examples(texts: Sequence[str], seed: int) -> list[Example]:
    """Two true and two spoiled sentences for every text that is long enough."""
    chance = random.Random(seed)
    documents = [found for text in texts if len(found := _sentences(text)) >= _FEWEST]
    maker = _Maker(chance, documents)
    return [made for document in documents for _ in range(2) for made in maker.make(document)]


def _sentences(text: str) -> list[Tokens]:
    found = map(_TOKEN.findall, _SENTENCE.split(text))
    return [tokens for tokens in found if _SHORTEST <= len(tokens) <= _LONGEST]


class _Maker:
    def __init__(self, chance: random.Random, documents: Sequence[list[Tokens]]) -> None:
        self._chance = chance
        self._documents = documents
        self._words = [
            word for document in documents for said in document for word in said if _plain(word)
        ]

    def make(self, document: list[Tokens]) -> Iterator[Example]:
        evidence = " ".join(" ".join(tokens) + "." for tokens in document)
        for faithful in (True, False):
            said = self._true(document)
            while not faithful and said == (spoiled := self._spoiled(said, document)):
                said = self._true(document)
            said = said if faithful else spoiled
            text = " ".join(said).replace(" ,", ",").rstrip(" ,;:")
            text = text.lower() if self._chance.random() < 0.15 else text[:1].upper() + text[1:]
            yield Example(f"{text}.", evidence, faithful)

    def _true(self, document: list[Tokens]) -> Tokens:
        chance = self._chance.random
        number = self._chance.randrange(len(document))
        said = document[number]
        if chance() < 0.25:
            return said
        said = self._shortened(said)
        if chance() < 0.3:
            other = document[(number + 1) % len(document)]
            other = other if chance() < 0.8 else self._chance.choice(document)
            said = [*said, "and", *self._shortened(other)][:_LONGEST]
        return self._reworded(said, self._chance.choice((0.0, 0.0, 0.08, 0.16, 0.3)))

    def _shortened(self, said: Tokens) -> Tokens:
        cuts = [
            place
            for place, word in enumerate(said)
            if word in _JOINTS | _PLACES and place >= _SHORTEST
        ]
        if cuts and self._chance.random() < 0.5:
            said = said[: self._chance.choice(cuts)]
        if self._chance.random() < 0.4:
            said = [word for word in said if not (word.endswith("ly") and len(word) > 4)]
        return said

    def _reworded(self, said: Tokens, share: float) -> Tokens:
        chance = self._chance
        return [
            chance.choice(self._words) if _plain(word) and chance.random() < share else word
            for word in said
        ]

    def _spoiled(self, said: Tokens, document: list[Tokens]) -> Tokens:
        faults: list[Callable[[Tokens, list[Tokens]], Tokens]] = [
            self._name, self._name, self._number, self._number, self._verb, self._tail,
            self._tail, self._doer, self._negated, self._addition, self._addition,
            self._joined, self._foreign,
        ]  # fmt: skip
        return self._chance.choice(faults)(said, document)

    def _name(self, said: Tokens, document: list[Tokens]) -> Tokens:
        pool = document if self._chance.random() < 0.7 else self._chance.choice(self._documents)
        return self._swapped(said, pool, _is_name)

    def _number(self, said: Tokens, document: list[Tokens]) -> Tokens:
        digits = [[str(self._chance.randrange(2, 400))]]
        pool = document if self._chance.random() < 0.5 else digits
        return self._swapped(said, pool, str.isdigit)

    def _verb(self, said: Tokens, document: list[Tokens]) -> Tokens:
        pool = document if self._chance.random() < 0.6 else [self._words]
        return self._swapped(said, pool, _is_verb)

    def _swapped(self, said: Tokens, pool: list[Tokens], kind: Callable[[str], bool]) -> Tokens:
        """One word of a kind for another of that kind that the sentence does not have."""
        places = [place for place, word in enumerate(said) if place and kind(word)]
        others = [word for tokens in pool for word in tokens[1:] if kind(word)]
        others = [word for word in others if word not in said] if len(others) < 1000 else others
        if not places or not others:
            return said
        place = self._chance.choice(places)
        return [*said[:place], self._chance.choice(others), *said[place + 1 :]]

    def _tail(self, said: Tokens, document: list[Tokens]) -> Tokens:
        """Where, when or how: that of another sentence."""
        places = [place for place, word in enumerate(said) if word in _PLACES and place > 3]
        tail = self._circumstance(self._chance.choice(document))
        if not places or not tail or " ".join(tail) in " ".join(said):
            return said
        return said[: self._chance.choice(places)] + tail

    def _addition(self, said: Tokens, document: list[Tokens]) -> Tokens:
        other = self._chance.choice(self._documents)
        return said if other is document else said + self._circumstance(self._chance.choice(other))

    def _circumstance(self, said: Tokens) -> Tokens:
        places = [place for place, word in enumerate(said[:-1]) if word in _PLACES and place > 2]
        if not places:
            return []
        place = self._chance.choice(places)
        return said[place : place + self._chance.randrange(3, 9)]

    def _doer(self, said: Tokens, document: list[Tokens]) -> Tokens:
        """What one does, told of another."""
        other = self._chance.choice(document)
        mine, others = _first_verb(said), _first_verb(other)
        same = other[:others] == said[:mine]
        return said if same or not mine or not others else other[:others] + said[mine:]

    def _negated(self, said: Tokens, _document: list[Tokens]) -> Tokens:
        if "not" in said:
            return [word for word in said if word != "not"]
        place = next((place for place, word in enumerate(said) if word in _HELPERS), None)
        return said if place is None else [*said[: place + 1], "not", *said[place + 1 :]]

    def _joined(self, said: Tokens, document: list[Tokens]) -> Tokens:
        other = self._chance.choice(document)
        joined = said[: len(said) // 2] + other[len(other) // 2 :]
        return said if joined == other else joined

    def _foreign(self, said: Tokens, document: list[Tokens]) -> Tokens:
        """A sentence of another text, about somebody of this one."""
        other = self._chance.choice(self._chance.choice(self._documents))
        return said if other in document else self._swapped(other, document, _is_name)


def _plain(word: str) -> bool:
    return word.islower() and word.isalpha() and len(word) > 3 and word not in STOP_WORDS


def _is_name(word: str) -> bool:
    return word[0].isupper() and len(word) > 1


def _is_verb(word: str) -> bool:
    return _plain(word) and word.endswith(("ed", "ing"))


def _first_verb(said: Tokens) -> int:
    """Where the first verb stands; 0 for none."""
    return next((p for p, word in enumerate(said) if p and (word in _HELPERS or _is_verb(word))), 0)
