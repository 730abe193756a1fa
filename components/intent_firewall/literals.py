"""Many literals at once: where any may stand is found first, and the automaton reads only there.

An Aho-Corasick automaton finds every literal in one pass, but its states lie all over the memory.
Few literals RE2 finds several times as fast. Of thousands its states would lie as far apart, and
each is made when it is first met; so words are looked up instead, which texts have in common:
those that were met before and hold no part of a literal are known. Linear in the text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import ahocorasick

from components.intent_firewall.globs import (
    FROM_START,
    compiled,
    program_bytes,
    quoted,
    search_of,
)
from components.monitor.footprint import deep_size

MAX_IN_PATTERN = 1 << 14
"""Characters of literals that RE2 is given."""

MAX_PLACES = 64
"""So many places in a text are looked at one by one; from there on it is read to its end."""

MAX_WORDS = 1 << 14
"""Words that are known at most to hold nothing; then all are forgotten."""

_LONGEST_WORD = 24

Stretches = Sequence[tuple[int, int]]
"""Stretches of a text, apart and in order."""


def _automaton_bytes(automaton: Any) -> int:
    """What an automaton and its values take; it tells the size of its tree itself."""
    values = deep_size(list(automaton.values()))
    return int(automaton.get_stats()["total_size"]) + values


COMPILED = {ahocorasick.Automaton: _automaton_bytes, type(compiled("")): program_bytes}
"""How what is compiled of rules is weighed (see `components.monitor.footprint`)."""


class Literals:
    """Literals, at least one of them and none empty, each with a value."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._longest = max(map(len, values))
        self._automaton = _automaton(values)
        few = sum(map(len, values)) <= MAX_IN_PATTERN
        self._near: _ByPattern | _ByWords = _ByPattern(values) if few else _ByWords(values)

    def stretches(self, text: str) -> list[tuple[int, int]]:
        """Stretches of a text that hold all literals in it; none where there are none."""
        found: list[tuple[int, int]] = []
        for count, (first, last) in enumerate(self._near.places(text)):
            start = max(0, first - self._longest)
            end = min(len(text), last + self._longest) if count < MAX_PLACES else len(text)
            if found and start <= found[-1][1]:
                start = found.pop()[0]
            if start < end:
                found.append((start, end))
            if end == len(text):
                break
        return found

    def iter(self, text: str, stretches: Stretches | None = None) -> Iterator[tuple[int, Any]]:
        """The value of every literal in a text, and where its last character stands, in order.

        `stretches` are those of this text, where they are known.
        """
        for start, end in self.stretches(text) if stretches is None else stretches:
            yield from self._automaton.iter(text, start, end)


class _ByPattern:
    """Literals found by RE2."""

    def __init__(self, literals: Iterable[str]) -> None:
        # Anchored at the start and with all that is before the literal, RE2 tells where that ends
        # after one pass; for its start it would go back by a second program.
        self._compiled = compiled(rf"(?-i)\C*?(?:{'|'.join(map(quoted, sorted(literals)))})")
        self._match = search_of(self._compiled)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where literals end, each the first that begins behind the last.

        Others begin within these, so they end at most a literal's length behind them.
        """
        raw = text.encode()
        size, plain = len(raw), len(raw) == len(text)
        at = place = 0
        while (end := self._match(FROM_START, raw, at, size)[0][1]) >= 0:
            place += end - at if plain else len(raw[at:end].decode())
            at = end
            yield place, place


class _ByWords:
    """Words that hold a part of a literal: its longest one between spaces."""

    def __init__(self, literals: Iterable[str]) -> None:
        parts = [max(literal.split(), key=len, default="") for literal in literals]
        self._all = not all(parts)
        self._parts = _automaton(dict.fromkeys(filter(None, parts)))
        self._clean: set[str] = set()

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where words stand that hold a part of a literal; or all of a text with many of them."""
        if self._all:
            return [(0, len(text))]
        words = set(text.split()).difference(self._clean)
        if not words:
            return []
        found = self._holding(words)
        self._know(words - found)
        if len(found) > MAX_PLACES:
            return [(0, len(text))]
        places: list[tuple[int, int]] = []
        for word in found:
            at = text.find(word)
            while at >= 0 and len(places) <= MAX_PLACES:
                places.append((at, at + len(word)))
                at = text.find(word, at + len(word))
        return sorted(places) if len(places) <= MAX_PLACES else [(0, len(text))]

    def _know(self, words: set[str]) -> None:
        """Remember words that hold nothing, as many as there may be, and none that is long."""
        if len(self._clean) + len(words) > MAX_WORDS:
            self._clean.clear()
        short = (word for word in words if len(word) <= _LONGEST_WORD)
        self._clean.update(islice(short, MAX_WORDS))

    def _holding(self, words: Iterable[str]) -> set[str]:
        """Those of some words that hold a part."""
        together = "\n".join(words)
        found: set[str] = set()
        past = 0
        for last, _ in self._parts.iter(together):
            if last >= past:
                past = together.find("\n", last) % (len(together) + 1)
                found.add(together[together.rfind("\n", 0, last) + 1 : past])
        return found


def _automaton(values: Mapping[str, object]) -> Any:
    automaton = ahocorasick.Automaton()
    for text, value in values.items():
        automaton.add_word(text, value)
    automaton.make_automaton()
    return automaton
