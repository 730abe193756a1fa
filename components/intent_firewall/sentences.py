"""Texts cut into what can be read alone: sentences, list items, cells, values of records.

Lines that were only wrapped are joined, so a sentence is whole however it was laid out. Linear.
"""

import re

from msgspec import Struct

LONGEST = 600
SHORTEST = 6
_CUT = re.compile(
    r"(?<![.!?…。！？])[.!?…。！？]++[\"'”’)\]*_]*+(?=\s|<|$)"  # a sentence ends
    r"|\n[ \t\r]*(?:\n[ \t\r]*)+|\n[ \t\r]*"  # a paragraph, a line
    r"|[\"'][ \t]*[,:}\]]|[|\t<>{}\[\]]+|[ ]{3,}"  # a value, a cell, a tag, a column
    r"|,[ ]+(?=(?:Please|Kindly) )"
)
_ABBREVIATED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|etc|e\.g|i\.e|cf|Inc|Ltd|Co|Jr|Sr|approx|[A-Z])\.\Z"
)
_NEW_LINE = re.compile(r"[-*•>|#=+]|\d{1,3}[.)]|(?:[a-z_][\w-]{0,30}|[A-Z][\w -]{0,30}):(?:\s|$)")
_EDGE = " \t\r\n\"'“”‘’`*_-•>#=,;([·"
_ESCAPED_END = re.compile(r"\\\n[ \t]*\\? ?|\\r?\\n|\\n|\\t")
_LABEL = re.compile(r"(?:[a-z_]\w{0,30}|[A-Z][a-z]{1,15}(?: [A-Z][a-z]{1,15}){0,2})\??:\s+(?=\S)")
_WRAPPED = 45


def unwrapped(text: str) -> str:
    """The text with the line ends that strings of records write as escapes; places are kept."""
    return _ESCAPED_END.sub(_line_end, text) if "\\" in text else text


def _line_end(found: re.Match[str]) -> str:
    return "\n" + " " * (found.end() - found.start() - 1)


class Sentence(Struct, frozen=True):
    """A stretch of a text that reads alone."""

    start: int
    end: int


def sentences_in(text: str) -> list[Sentence]:
    """The sentences of a text, in order, each of `LONGEST` characters at most."""
    found: list[Sentence] = []
    start = line = turn = 0  # `turn`: the last wrapped line that could begin a sentence
    for cut in _CUT.finditer(text):
        mark = cut.group()
        first = mark[0]
        end = cut.start()
        if first == "\n":
            wrapped = mark.count("\n") == 1 and _is_wrapped(text, line, end, cut.end())
            line = cut.end()
            if wrapped:
                turn = line if text[line].isupper() else turn
                continue
        elif first in ".!?…。！？":
            if first == "." and _is_abbreviation(text, start, end + 1):
                continue
            end = cut.end()
        _add(found, text, start, end)
        if turn > start:
            _add(found, text, turn, end)
        start = cut.end()
    _add(found, text, start, len(text))
    if turn > start:
        _add(found, text, turn, len(text))
    return found


def _is_abbreviation(text: str, start: int, end: int) -> bool:
    """Whether the full stop before `end` only shortens a word."""
    return end - start > 2 and _ABBREVIATED.search(text, max(start, end - 9), end) is not None


def _is_wrapped(text: str, line: int, end: int, following: int) -> bool:
    """Whether a line was broken for its length alone, and goes on in the next."""
    if end - line < _WRAPPED or following >= len(text) or text[end - 1] in ".!?:;":
        return False
    return _NEW_LINE.match(text, following) is None


def _add(found: list[Sentence], text: str, start: int, end: int) -> None:
    """Add what stands between two cuts, without its dress; long stretches in pieces."""
    if end - start < SHORTEST:
        return
    start = _undressed(text, start, end)
    label = _LABEL.match(text, start, min(end, start + 40))
    if label:
        start = _undressed(text, label.end(), end)
    while end - start > LONGEST:
        place = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        middle = place if place > 0 else start + LONGEST
        found.append(Sentence(start, middle))
        start = middle
    if end - start >= SHORTEST:
        found.append(Sentence(start, end))


def _undressed(text: str, start: int, end: int) -> int:
    while start < end and text[start] in _EDGE:
        start += 1
    return start
