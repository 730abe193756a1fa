"""Globs compiled to RE2, for names and for paths; never sensitive to case."""

import re

import re2

_SHORT_NAME = 64


def compile_re2(pattern: str) -> "re2._Regexp[str]":
    """A search pattern that ignores case; errors are raised, not printed."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.dot_nl = True
    return re2.compile(pattern, options)


class NameGlobs:
    """Globs on names: `*` is anything, `?` one character. No patterns match nothing."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        sources = [
            re2.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") for pattern in patterns
        ]
        source = "|".join(sources)
        self._any = compile_re2(source) if sources else None
        self._short = re.compile(source, re.IGNORECASE | re.DOTALL) if sources else None

    def match(self, name: str) -> bool:
        """Whether a name matches one of the patterns."""
        if self._short is None or self._any is None:
            return False
        if len(name) <= _SHORT_NAME:  # `re` is quicker here, and too short to be slow
            return self._short.fullmatch(name) is not None
        return self._any.fullmatch(name) is not None


class PathGlobs:
    """Globs on canonical paths: `*` stays within a folder, `**` crosses folders."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._any = compile_re2("|".join(map(_path_source, patterns))) if patterns else None

    def match(self, path: str) -> bool:
        """Whether the canonical path matches one of the patterns."""
        return self._any is not None and self._any.fullmatch(path) is not None


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
            source, rest = source + re2.escape(rest[0]), rest[1:]
    return f"(?:{source})"
