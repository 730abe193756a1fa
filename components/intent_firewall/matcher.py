"""Text rules, thousands at a time: Aho-Corasick over their literals, RE2 to confirm.

One pass over a text finds every literal in it; only rules whose literal stands there are looked
at further. Time is linear in the text, and nearly free of the number of rules.
"""

from collections.abc import Iterable
from typing import Any

import ahocorasick
import re2
from msgspec import Struct

from components.intent_firewall.globs import Pattern, program_bytes, quoted
from components.intent_firewall.normalise import View, fold
from components.intent_firewall.rules import Rule
from components.monitor.footprint import deep_size

MAX_IN_PATTERN = 1 << 14


def _automaton_bytes(automaton: Any) -> int:
    """What an automaton and its values take; it tells the size of its tree itself."""
    values = deep_size(list(automaton.values()))
    return int(automaton.get_stats()["total_size"]) + values


COMPILED = {ahocorasick.Automaton: _automaton_bytes, type(re2.compile("")): program_bytes}
"""How what is compiled of rules is weighed (see `components.monitor.footprint`)."""


class TextHit(Struct, frozen=True):
    """A text rule that holds in a view, with its place there."""

    index: int
    start: int
    end: int


class _Literal(Struct, frozen=True):
    """What hangs on one literal: rules it settles alone, and rules that RE2 must confirm."""

    plain: tuple[int, ...]
    confirm: tuple[int, ...]
    word_start: bool
    word_end: bool


class TextMatcher:
    """The text rules of a firewall, compiled once. Indexes are positions in `rules`."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._regexes: dict[int, Pattern] = {}
        self._unless: dict[int, Pattern] = {}
        literals: dict[str, tuple[list[int], list[int]]] = {}
        for index, rule in enumerate(rules):
            match = rule.match
            if match.kind != "text":
                continue
            if match.regex:
                self._regexes[index] = Pattern(match.regex)
            if match.unless:
                self._unless[index] = Pattern(match.unless)
            for literal in match.literal:
                plain, confirm = literals.setdefault(fold(literal).text, ([], []))
                (confirm if match.regex else plain).append(index)
        self._automaton = _automaton(literals)
        self._any = _any_of(literals)

    def may_hold(self, text: str) -> bool:
        """Whether a folded text holds any literal; where it holds none, no rule holds in it."""
        if self._any is not None:
            return self._any.found(text)
        return self._automaton is not None and next(self._automaton.iter(text), None) is not None

    def find(self, view: View) -> list[TextHit]:
        """The rules that hold in a view, each once, in order of their literals' places."""
        hits: list[TextHit] = []
        if self._automaton is None:
            return hits
        text = view.text
        settled: set[int] = set()
        asked: set[int] = set()
        for last, (number, literal, size) in self._automaton.iter(text):
            if number in settled:
                continue
            for index in literal.confirm:
                if index not in asked:
                    asked.add(index)
                    found = self._regexes[index].first(text)
                    if found is not None and not self._excused(index, text):
                        hits.append(TextHit(index, *found))
            if literal.plain:
                start = last - size + 1
                if not _stands_alone(text, start, last + 1, literal):
                    continue
                for index in literal.plain:
                    if index not in asked:
                        asked.add(index)
                        if not self._excused(index, text):
                            hits.append(TextHit(index, start, last + 1))
            settled.add(number)
        return hits

    def _excused(self, index: int, text: str) -> bool:
        unless = self._unless.get(index)
        return unless is not None and unless.found(text)


def _any_of(literals: dict[str, Any]) -> Pattern | None:
    """All literals as one pattern: a few times as fast as the automaton while they are few."""
    if not literals or sum(map(len, literals)) > MAX_IN_PATTERN:
        return None
    return Pattern(f"(?-i){'|'.join(map(quoted, literals))}")


def _automaton(literals: dict[str, tuple[list[int], list[int]]]) -> Any:
    if not literals:
        return None
    automaton = ahocorasick.Automaton()
    for number, (text, (plain, confirm)) in enumerate(literals.items()):
        literal = _Literal(tuple(plain), tuple(confirm), _is_word(text[0]), _is_word(text[-1]))
        automaton.add_word(text, (number, literal, len(text)))
    automaton.make_automaton()
    return automaton


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _stands_alone(text: str, start: int, end: int, literal: _Literal) -> bool:
    """Whether a literal is not a mere part of a longer word."""
    if literal.word_start and start > 0 and _is_word(text[start - 1]):
        return False
    return not (literal.word_end and end < len(text) and _is_word(text[end]))
