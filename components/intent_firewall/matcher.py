"""Text rules, thousands at a time: one search for all their literals, RE2 to confirm.

One pass over a text finds every literal in it; only rules whose literal stands there are looked
at further. Time is linear in the text, and nearly free of the number of rules.
"""

from collections.abc import Iterable

from msgspec import Struct

from components.intent_firewall.globs import Pattern
from components.intent_firewall.literals import Literals, Stretches
from components.intent_firewall.normalise import View, fold
from components.intent_firewall.rules import Rule


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
        self._literals = _compiled(literals)

    def stretches(self, text: str) -> Stretches:
        """Stretches of a folded text that hold all literals in it; where none, no rule holds."""
        return self._literals.stretches(text) if self._literals is not None else ()

    def find(self, view: View, stretches: Stretches | None = None) -> list[TextHit]:
        """The rules that hold in a view, each once, in order of their literals' places.

        `stretches` are those of its text, where they are known.
        """
        hits: list[TextHit] = []
        if self._literals is None:
            return hits
        text = view.text
        settled: set[int] = set()
        asked: set[int] = set()
        for last, (number, literal, size) in self._literals.iter(text, stretches):
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


def _compiled(literals: dict[str, tuple[list[int], list[int]]]) -> Literals | None:
    if not literals:
        return None
    values = {
        text: (
            number,
            _Literal(tuple(plain), tuple(confirm), _is_word(text[0]), _is_word(text[-1])),
            len(text),
        )
        for number, (text, (plain, confirm)) in enumerate(literals.items())
    }
    return Literals(values)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _stands_alone(text: str, start: int, end: int, literal: _Literal) -> bool:
    """Whether a literal is not a mere part of a longer word."""
    if literal.word_start and start > 0 and _is_word(text[start - 1]):
        return False
    return not (literal.word_end and end < len(text) and _is_word(text[end]))
