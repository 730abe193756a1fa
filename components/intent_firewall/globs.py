"""RE2 patterns, and globs compiled to them, for names and for paths; never sensitive to case."""

import re
from typing import Any

import re2

_SHORT_NAME = 64
_INSTRUCTION_BYTES = 16
_COMPILED_BYTES = 3000


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
    search itself; so it is given bytes wherever places are not asked for, or are the same in
    both, as in ASCII. Texts must be `normalise.encodable`.
    """

    __slots__ = ("_compiled",)

    def __init__(self, source: str) -> None:
        options = re2.Options()
        options.case_sensitive = False
        options.log_errors = False
        options.dot_nl = True
        options.never_capture = True  # groups are never asked for, and cost a second search
        self._compiled = re2.compile(source, options)

    def found(self, text: str) -> bool:
        """Whether the pattern is found in a text."""
        return self._compiled.search(text.encode()) is not None

    def is_all(self, text: str) -> bool:
        """Whether the pattern matches a text from end to end."""
        return self._compiled.fullmatch(text.encode()) is not None

    def first(self, text: str) -> tuple[int, int] | None:
        """Where the pattern is found first."""
        found = self._compiled.search(text.encode() if text.isascii() else text)
        return None if found is None else found.span()

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the pattern is found, from left to right; it must not match the empty text."""
        raw = text.encode()
        found = [one.span() for one in self._compiled.finditer(raw)]
        if not found or len(raw) == len(text):
            return found
        places: list[tuple[int, int]] = []
        past = count = 0
        for start, end in found:
            count += len(raw[past:start].decode())
            size = len(raw[start:end].decode())
            places.append((count, count + size))
            past, count = end, count + size
        return places


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
