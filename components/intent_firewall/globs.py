"""RE2 patterns, and globs compiled to them, for names and for paths; never sensitive to case."""

import re
from collections.abc import Callable
from typing import Any

import re2

_SHORT_NAME = 64
_INSTRUCTION_BYTES = 16
_COMPILED_BYTES = 3000
_Anchor: Any = re2._Anchor  # noqa: SLF001 - see `search_of`
_ANYWHERE, _WHOLE, FROM_START = _Anchor.UNANCHORED, _Anchor.ANCHOR_BOTH, _Anchor.ANCHOR_START


def program_bytes(compiled: Any) -> int:
    """About what a compiled pattern takes, by the length of its program.

    An estimate, made by measuring some thousands of patterns: between what they took before and
    after their first search. RE2 does not tell what the states that it makes while searching
    take; it bounds them itself (8 MB a pattern at most). To ask for the length of the program
    that searches backwards would compile it, so it is not asked for.
    """
    return _COMPILED_BYTES + _INSTRUCTION_BYTES * int(compiled.programsize) + len(compiled.pattern)


class Pattern:
    """A search pattern, linear in the text. `source` is RE2; `re2.error` where it is not.

    RE2 reads bytes. Of a `str` its wrapper counts every place anew, at twice the cost of the
    search itself; so it is given bytes, and places are counted here where they are asked for.
    Texts must be `normalise.encodable`.
    """

    __slots__ = ("_compiled", "_match")

    def __init__(self, source: str) -> None:
        self._compiled = compiled(source)
        self._match = search_of(self._compiled)

    def found(self, text: str) -> bool:
        """Whether the pattern is found in a text."""
        raw = text.encode()
        return self._match(_ANYWHERE, raw, 0, len(raw))[0][1] >= 0

    def is_all(self, text: str) -> bool:
        """Whether the pattern matches a text from end to end."""
        raw = text.encode()
        return self._match(_WHOLE, raw, 0, len(raw))[0][1] >= 0

    def first(self, text: str) -> tuple[int, int] | None:
        """Where the pattern is found first."""
        raw = text.encode()
        start, end = self._match(_ANYWHERE, raw, 0, len(raw))[0]
        if end < 0:
            return None
        if len(raw) == len(text):
            return start, end
        before = len(raw[:start].decode())
        return before, before + len(raw[start:end].decode())

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the pattern is found, from left to right; it must not match the empty text."""
        raw = text.encode()
        size = len(raw)
        found: list[tuple[int, int]] = []
        end = 0
        while (span := self._match(_ANYWHERE, raw, end, size)[0])[1] >= 0:
            found.append(span)
            end = span[1] + (span[0] == span[1])  # never stands still
        if not found or size == len(text):
            return found
        places: list[tuple[int, int]] = []
        past = count = 0
        for start, end in found:
            count += len(raw[past:start].decode())
            width = len(raw[start:end].decode())
            places.append((count, count + width))
            past, count = end, count + width
        return places


def compiled(source: str) -> Any:
    """A pattern of RE2, never sensitive to case; `re2.error` where it is none."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.dot_nl = True
    options.never_capture = True  # groups are never asked for, and cost a second search
    return re2.compile(source, options)


def search_of(pattern: Any) -> Callable[[Any, bytes, int, int], list[tuple[int, int]]]:
    """How RE2 itself searches: given where it must match, and bytes from one place to another.

    The first of what it gives back is the span of the match, (-1, -1) where there is none. Most
    texts here are short, and the generator and match of the wrapper take as long as the search.
    """
    search: Callable[[Any, bytes, int, int], list[tuple[int, int]]]
    search = pattern._regexp.Match  # noqa: SLF001 - the wrapper has no way to it
    return search


def quoted(text: str) -> str:
    """The source of a pattern that matches just this text."""
    escaped: str = re2.escape(text)
    return escaped


class NameGlobs:
    """Globs on names: `*` is anything, `?` one character. No patterns match nothing."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        sources = [quoted(pattern).replace(r"\*", ".*").replace(r"\?", ".") for pattern in patterns]
        source = "|".join(sources)
        self._any = Pattern(source) if sources else None
        self._short = re.compile(source, re.IGNORECASE | re.DOTALL) if sources else None

    def match(self, name: str) -> bool:
        """Whether a name matches one of the patterns."""
        if self._short is None or self._any is None:
            return False
        if len(name) <= _SHORT_NAME:  # `re` is quicker here, and too short to be slow
            return self._short.fullmatch(name) is not None
        return self._any.is_all(name)


class PathGlobs:
    """Globs on canonical paths: `*` stays within a folder, `**` crosses folders."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._any = Pattern("|".join(map(_path_source, patterns))) if patterns else None

    def match(self, path: str) -> bool:
        """Whether the canonical path matches one of the patterns."""
        return self._any is not None and self._any.is_all(path)


def _path_source(pattern: str) -> str:
    source = ""
    rest = pattern
    while rest:
        if rest.startswith("**/"):
            source, rest = source + "(?:.*/)?", rest[3:]
        elif rest.startswith("**"):
            source, rest = source + ".*", rest[2:]
        elif rest[0] == "*":
            source, rest = source + "[^/]*", rest[1:]
        elif rest[0] == "?":
            source, rest = source + "[^/]", rest[1:]
        else:
            source, rest = source + quoted(rest[0]), rest[1:]
    return f"(?:{source})"
