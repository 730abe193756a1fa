"""Text as a rule should see it: one spelling for look-alikes, and what encodings hide.

A `View` is a folded text with the way back: every place in it answers to a span of the original.
Folding is lower case, NFKC, look-alikes of Latin letters made Latin, invisible characters dropped.
Decoding is bounded in depth, in number and in size, and linear in the length of the text.
"""

import binascii
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_plus

import confusable_homoglyphs
import msgspec
from msgspec import Struct

from components.intent_firewall.globs import Pattern
from components.intent_firewall.joined import joined

MAX_DEPTH = 3
MAX_DECODED = 1 << 17
MAX_VIEWS = 64

_ESCAPES = re.compile(r"(?:\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[0-3][0-7]{2}){2,}")
_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\([0-3][0-7]{2})")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY = re.compile(r"&(?:#x?[0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?((?:[0-9A-Fa-f]{2}){10,})(?![0-9A-Za-z])")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{16,}={0,2}(?![A-Za-z0-9+/=_-])")
_DISGUISE = re.compile("[\u202d\u202e\U000e0020-\U000e007f]+")
# Every match of `_BASE64` begins such a run, and every match of `_HEX` lies within one: their
# letters are letters of the run, and a run is as long as it can be. RE2 finds it eight times as
# fast as `re` would try either at each place.
_RUN = Pattern(r"(?-i)[A-Za-z0-9+/_-]{16,}")
_SHORT_RUN = 16
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_NON_ASCII_RUN = re.compile(r"[^\x00-\x7f]+")
_SPACED = str.maketrans("\t\r\n", "   ")
_URL_SAFE = str.maketrans("-_", "+/")
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cs", "Cn"})
_HANGUL_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


class View(Struct, frozen=True):
    """One reading of a field. `origin` is the span of the original that a decoding came from.

    `offsets[i]` is where character `i` of `text` stands in the original; None where places are
    the same (or where all of the view answers to `origin`).
    """

    text: str
    how: str = "plain"
    origin: tuple[int, int] | None = None
    offsets: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original field that characters `start:end` of this view answer to."""
        if self.origin is not None:
            return self.origin
        if self.offsets is None:
            return start, end
        last = self.offsets[min(end, len(self.offsets)) - 1] + 1 if self.offsets else 0
        return (self.offsets[start] if start < len(self.offsets) else last), last

    def place(self, position: int) -> int:
        """Where in `text` the character stands that is at `position` in the original."""
        if self.offsets is None:
            return position
        return bisect_left(self.offsets, position)


class Decoded(Struct, frozen=True):
    """What an encoded run of a text says, how it was encoded, and where it stands."""

    text: str
    how: str
    origin: tuple[int, int]


def fold(text: str) -> View:
    """The folded reading of a text."""
    return View(text.lower()) if text.isascii() else _fold_unicode(text, _fold_character)


def folded_text(text: str) -> str:
    """The text of the folded reading, without the way back."""
    if text.isascii():
        return text.lower()
    # Bytes lower ASCII alone; what else there is has rules of its own, and is mostly little.
    lowered = text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    return _NON_ASCII_RUN.sub(_fold_run, lowered)


def _fold_run(run: re.Match[str]) -> str:
    return "".join(map(_fold_character, run.group()))


def clean(text: str) -> View:
    """The text with look-alikes made plain and invisible characters dropped; case is kept."""
    return View(text) if text.isascii() else _fold_unicode(text, _clean_character)


def encodable(text: str) -> str:
    """The text with lone surrogates replaced, so that it can be encoded; its length is kept."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def disguised(text: str) -> tuple[int, int] | None:
    """Where a text overrides its own direction or holds invisible tag letters, if it does."""
    found = None if text.isascii() else _DISGUISE.search(text)
    return found.span() if found else None


def _fold_unicode(text: str, one: Callable[[str], str]) -> View:
    folds = {ord(character): one(character) for character in set(text)}
    if all(len(folded) == 1 for folded in folds.values()):
        return View(text.translate(folds))
    parts: list[str] = []
    offsets: list[int] = []
    past = 0
    for match in _NON_ASCII.finditer(text):
        position = match.start()
        folded = folds[ord(match.group())]
        # Each ASCII letter is folded to one letter, so whole stretches keep their places.
        parts += (text[past:position].translate(folds), folded)
        offsets.extend(range(past, position))
        offsets.extend([position] * len(folded))
        past = position + 1
    parts.append(text[past:].translate(folds))
    offsets.extend(range(past, len(text)))
    return View("".join(parts), offsets=tuple(offsets))


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    lowered = _clean_character(character).lower()
    return lowered if lowered.isascii() else "".join(map(_latin, lowered))


@lru_cache(maxsize=8192)
def _clean_character(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.category(character) in _INVISIBLE or character in _HANGUL_FILLERS:
        return ""
    if unicodedata.category(character) in {"Zs", "Zl", "Zp"}:
        return " "
    return "".join(map(_latin, unicodedata.normalize("NFKC", character)))


def _latin(character: str) -> str:
    """The ASCII letter that a character of another script looks like, else itself."""
    if character.isascii() or unicodedata.name(character, "").startswith("LATIN SMALL LETTER"):
        return character
    return _look_alikes().get(character, character)


class _Alike(Struct):
    """A character or more that another looks like."""

    c: str


@cache
def _look_alikes() -> dict[str, str]:
    """By character, the ASCII letter or digit it looks like; read when the first is looked up.

    Of the table, most is about other scripts' letters among themselves: that is not kept.
    """
    table = Path(confusable_homoglyphs.__file__).with_name("confusables.json").read_bytes()
    return {
        character: letters[0]
        for character, alikes in msgspec.json.decode(table, type=dict[str, list[_Alike]]).items()
        if (letters := [one.c for one in alikes if _is_plain(one.c)])
    }


def _is_plain(letter: str) -> bool:
    return len(letter) == 1 and letter.isascii() and letter.isalnum()


class Decodings(NamedTuple):
    """What the encoded runs of a text say; `cut` is whether some were left undecoded."""

    found: tuple[Decoded, ...] = ()
    cut: bool = False


_NOTHING_ENCODED = Decodings()


def decodings(text: str) -> Decodings:
    """What the encoded runs of a text say, layer under layer; spans are in the original text.

    The text must be `encodable`.
    """
    if len(text) < _SHORT_RUN and text.isalnum():  # too short for a run, and without any sign
        return _NOTHING_ENCODED
    layer = [(decoded, decoded.origin) for decoded in _decode(text)]
    if not layer:
        return _NOTHING_ENCODED
    found: list[Decoded] = []
    seen, cut = {text}, False
    left = MAX_DECODED
    for depth in range(1, MAX_DEPTH + 1):
        kept: list[Decoded] = []
        for decoded, place in layer:
            if decoded.text in seen:
                continue
            if len(found) >= MAX_VIEWS or len(decoded.text) > left:
                cut = True
                continue
            seen.add(decoded.text)
            left -= len(decoded.text)
            kept.append(Decoded(decoded.text, decoded.how, place))
            found.append(kept[-1])
        if not kept or depth == MAX_DEPTH:
            break
        layer = [(deeper, outer.origin) for outer in kept for deeper in _decode(outer.text)]
    return Decodings(tuple(found), cut)


def _decode(text: str) -> list[Decoded]:
    """What the encoded runs of a text say, one layer deep."""
    whole = (0, len(text))
    found: list[Decoded] = []
    if "%" in text and _PERCENT.search(text):
        found.append(Decoded(unquote_plus(text, errors="replace"), "url", whole))
    if "&" in text and _ENTITY.search(text):
        from html import unescape  # with a table of all entities

        found.append(Decoded(unescape(text), "html", whole))
    if "\\" in text and _ESCAPES.search(text):
        found.append(Decoded(_ESCAPES.sub(_unescape_run, text), "escapes", whole))
    if (together := joined(text)) != text:
        found.append(Decoded(together, "joined", whole))
    runs = _RUN.spans(text) if len(text) >= _SHORT_RUN else []
    for start, _ in runs:
        # Where this does not match, no later place of the run can: a run stands before it.
        match = _BASE64.match(text, start)
        if match and (plain := from_base64(match.group())):
            found.append(Decoded(plain, "base64", match.span()))
    for start, end in runs:
        if end - start < 20:  # the least that `_HEX` matches
            continue
        found += [
            Decoded(plain, "hex", match.span())
            for match in _HEX.finditer(text, start, end)
            if (plain := _readable(bytes.fromhex(match.group(1))))
        ]
    return found


def _unescape_run(match: re.Match[str]) -> str:
    return _ESCAPE.sub(_unescape, match.group())


def _unescape(match: re.Match[str]) -> str:
    hexadecimal = match.group(1) or match.group(2)
    code = int(hexadecimal, 16) if hexadecimal else int(match.group(3), 8)
    return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"


def from_base64(run: str) -> str:
    """What a run of base64 says, or nothing where that does not read as text."""
    body = run.rstrip("=").translate(_URL_SAFE)
    body = body[: len(body) - 1] if len(body) % 4 == 1 else body
    try:
        return _readable(binascii.a2b_base64(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError):
        return ""


def _readable(raw: bytes) -> str:
    """The bytes as text, or nothing where they do not read as text (UTF-8 or UTF-16)."""
    wide = len(raw) >= 8 and raw[1::2].count(0) > len(raw) * 0.4
    try:
        text = raw.decode("utf-16-le" if wide else "utf-8")
    except UnicodeDecodeError:
        return ""
    head = text[:4096]
    ordinary = len(head.encode("ascii", "ignore")) >= len(head) * 0.7
    return text if head and ordinary and head.translate(_SPACED).isprintable() else ""
