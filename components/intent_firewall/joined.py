"""Text that a script puts together from pieces, put together: `'a' + 'b'`, `i``e``x`, `[char]105`.

Nothing is run; what is not plainly there is left as it is. Linear in the text, and bounded.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from components.intent_firewall.globs import Pattern

MAX_TEXT = 1 << 16
_ROUNDS = 3
_MAX_ITEMS = 64

_STRING = r"(?:'[^'\n]{0,400}'|\"[^\"\n$]{0,400}\")"
_NUMBER = r"(?:0x[0-9a-f]{1,4}|[0-9]{1,5})"
_CHARACTER = rf"\[char\]\s*+(?:\(\s*+)?{_NUMBER}(?:\s*+\))?"
_PIECE = rf"(?:{_STRING}|\(?{_CHARACTER})"
# Where none of this stands, nothing is put together.
_MAYBE = Pattern(
    r"['\")]\s*\+\s*['\"(\[]|\[char|['\")]\s*-(?:f|c?replace)\s|\.replace\(|['\"]\s*\)?\[-1\.\."
    r"|\w(?:[`^]|''|\"\")\w|\[-1::?-|::-1\]"
)
_CHAIN = re.compile(rf"{_PIECE}(?:\s*+\+\s*+{_PIECE})+|{_CHARACTER}", re.IGNORECASE)
_IN_CHAIN = re.compile(
    rf"'([^'\n]*)'|\"([^\"\n]*)\"|\[char\]\s*+(?:\(\s*+)?({_NUMBER})", re.IGNORECASE
)
_NUMBERS = re.compile(
    rf"\[char\[\]\]\s*+@?(?:\(\s*+)?({_NUMBER}(?:\s*+,\s*+{_NUMBER}){{1,2000}})(?:\s*+\))?",
    re.IGNORECASE,
)
_FORMAT = re.compile(
    rf"(['\"])([^'\"\n]{{0,200}}\{{\d\}}[^'\"\n]{{0,200}})\1\s*+(?:\)\s*+)?-f\s*+"
    rf"(?:\(\s*+)?({_STRING}(?:\s*+,\s*+{_STRING}){{0,64}})",
    re.IGNORECASE,
)
_REPLACE = re.compile(
    r"(['\"])([^'\"\n]{0,2000})\1\s*+(?:\)\s*+)?(?:\.replace\(|-c?replace\s)\s*+"
    r"(['\"])([^'\"\n]{1,40})\3\s*+,\s*+(['\"])([^'\"\n]{0,40})\5(?:\s*+\))?",
    re.IGNORECASE,
)
_BACKWARDS = re.compile(
    r"(['\"])([^'\"\n]{1,2000})\1\s*\)?\[\s*(?:-\s*1\s*\.\.[^\]\n]{1,40}|::-1)\]"
)
_INSIDE = re.compile(r"(?<=\w)(?:[`^]|''|\"\")(?=\w)")
_CALLED = re.compile(rf"([&.])\s*\(\s*({_STRING})\s*(?:-join\s*(?:''|\"\")\s*)?\)", re.IGNORECASE)
_WRAPPED = re.compile(rf"(\+\s*)\(\s*({_STRING})\s*\)")
_ITEM = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"")
_PLACE = re.compile(r"\{(\d)\}")


def joined(text: str) -> str:
    """The text with its pieces put together; the same text where nothing in it is in pieces."""
    if len(text) > MAX_TEXT or not _has_sign(text) or not _MAYBE.found(text):
        return text
    return _joined(text)


def _has_sign(text: str) -> bool:
    """Whether a text holds what each alternative of `_MAYBE` needs, one way or another."""
    quoted = "'" in text or '"' in text or "`" in text or "^" in text
    return quoted or "(" in text or ")" in text or "[" in text or "]" in text


@lru_cache(maxsize=16)
def _joined(text: str) -> str:
    for _ in range(_ROUNDS):
        before = text
        for signs, pattern, together in _STEPS:
            if any(sign in text for sign in signs):
                text = pattern.sub(together, text)
        if len(text) > MAX_TEXT:
            return before
        if text == before:
            break
    return text


def _quoted(text: str) -> str:
    return f"'{text}'"


def _character(number: str) -> str:
    code = int(number.strip(), 0) if number.strip().lower().startswith("0x") else int(number)
    return chr(code) if code < 0xD800 else "\ufffd"


def _chained(match: re.Match[str]) -> str:
    pieces = [
        _character(number) if number else single or double
        for single, double, number in _IN_CHAIN.findall(match.group())
    ]
    return _quoted("".join(pieces))


def _formatted(match: re.Match[str]) -> str:
    items = [single or double for single, double in _ITEM.findall(match[3])][:_MAX_ITEMS]

    def item(place: re.Match[str]) -> str:
        number = int(place[1])
        return items[number] if number < len(items) else place[0]

    return _quoted(_PLACE.sub(item, match[2]))


# What is put together, how, and signs one of which stands in any text where there is such a thing.
_STEPS: tuple[tuple[tuple[str, ...], re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (("`", "^", "''", '""'), _INSIDE, lambda _: ""),
    (("[",), _NUMBERS, lambda m: _quoted("".join(map(_character, m[1].split(","))))),
    (("+",), _WRAPPED, lambda m: f"{m[1]}{m[2]}"),
    (("+", "]"), _CHAIN, _chained),
    (("-f", "-F"), _FORMAT, _formatted),
    (("eplace", "EPLACE"), _REPLACE, lambda m: _quoted(m[2].replace(m[4], m[6]))),
    (("-1", "- 1"), _BACKWARDS, lambda m: _quoted(m[2][::-1])),
    (("&", "."), _CALLED, lambda m: f"{m[1]} {m[2]}"),
)
