"""Agent text made safe to show: nothing invisible, nothing that a terminal would obey.

Every character that is not plainly visible becomes `\\u{hex}`. Words that mix scripts (a Cyrillic
letter in a Latin host name) are marked. Columns hold, because no zero-width character is left but
a few combining marks.
"""

import re
import unicodedata
from functools import lru_cache

ESCAPE = re.compile(r"\\u\{[0-9a-f]+\}")
"""Finds the escapes that `safe_text` wrote, for widgets that colour them."""

MARK = re.compile(r"⟨mixed: [A-Za-z+]+⟩")
"""Finds the marks behind words of mixed script."""

_MAX_COMBINING = 2
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_WORD = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?")
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
_SCRIPT_FREE = frozenset({"FULLWIDTH", "HALFWIDTH", "MATHEMATICAL", "MODIFIER", "MICRO", "OHM"})


def safe_text(text: str, *, limit: int | None = None, lines: bool = False) -> str:
    """Make agent text visible and harmless.

    `limit` caps the characters taken from `text`; what was cut is told in its place. `lines`
    keeps newlines, for places that draw a box around several lines; elsewhere they become
    escapes, so that no text can fake a field.
    """
    if limit is not None and len(text) > limit:
        text, tail, cut = text[: limit - limit // 3], text[len(text) - limit // 3 :], len(text)
        shown = _make_visible(text, lines), _make_visible(tail, lines)
        return f"{shown[0]} …[{cut - limit:,} characters cut]… {shown[1]}"
    return _make_visible(text, lines)


def is_plain(text: str) -> bool:
    """Whether `safe_text` would change nothing in this single line of text."""
    return text.isascii() and text.isprintable() and "\\u{" not in text


def _make_visible(text: str, lines: bool) -> str:
    if is_plain(text):
        return text
    text = text.replace("\\u{", "\\u{5c}u{")
    if lines:
        parts = [part.replace("\t", "    ") for part in text.replace("\r\n", "\n").split("\n")]
        return "\n".join(_visible_line(part) for part in parts)
    return _visible_line(text)


def _visible_line(text: str) -> str:
    if text.isascii():
        return text if text.isprintable() else "".join(map(_visible, text))
    return _limit_combining(_mark_mixed(text))


def _limit_combining(text: str) -> str:
    result: list[str] = []
    run = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me"}:
            run += 1
            visible = _visible(character) if run <= _MAX_COMBINING else _escape(character)
        else:
            run = 0
            visible = _visible(character)
        result.append(visible)
    return "".join(result)


@lru_cache(maxsize=8192)
def _visible(character: str) -> str:
    code = ord(character)
    if unicodedata.category(character) in _INVISIBLE_CATEGORIES and character != " ":
        return _escape(character)
    variation = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x180B <= code <= 0x180F
    if variation or character in _INVISIBLE_LETTERS:
        return _escape(character)
    return character


def _escape(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


def _mark_mixed(text: str) -> str:
    return _WORD.sub(_mark_word, text)


def _mark_word(match: re.Match[str]) -> str:
    word = match.group()
    if word.isascii():
        return word
    scripts = mixed_scripts(word)
    return f"{word}⟨mixed: {'+'.join(scripts)}⟩" if scripts else word


def mixed_scripts(word: str) -> tuple[str, ...]:
    """The scripts of a word that mixes them suspiciously, sorted; empty where it does not.

    Latin beside East Asian scripts is ordinary and passes.
    """
    scripts = {_script(character) for character in word} - {""}
    if len(scripts) < 2 or not scripts - _EAST_ASIAN - {"LATIN"}:
        return ()
    return tuple(sorted(script.title() for script in scripts))


@lru_cache(maxsize=8192)
def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    first = unicodedata.name(character, "").split(" ")[0]
    return "" if first in _SCRIPT_FREE else first
