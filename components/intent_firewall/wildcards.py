"""Paths with wildcards that a shell has yet to expand: what they could stand for."""

import re
from fnmatch import fnmatchcase

_WILD = re.compile(r"[?*\[]")
_LETTERS = 2
"""A name that is hardly more than a wildcard is everything, and so nothing that is named."""

_ANYWHERE = "**/"


def is_wild(path: str) -> bool:
    """Whether a part of a path is a name with a wildcard in it, other than its suffix alone."""
    return _WILD.search(path) is not None and any(
        _WILD.search(part) and sum(map(str.isalnum, part.rpartition(".")[0] or part)) >= _LETTERS
        for part in path.split("/")
    )


def named_in(globs: tuple[str, ...]) -> tuple[str, ...]:
    """Of the globs of a rule those that name one file, in any folder or in one.

    What may stand behind a name is left out: `/etc/shadow*` names `/etc/shadow`.
    """
    plain = (one.lower().removesuffix("*") for one in globs if not one.endswith("**"))
    return tuple(one for one in plain if not _WILD.search(one.removeprefix(_ANYWHERE)))


def could_be(path: str, named: tuple[str, ...]) -> bool:
    """Whether a path with wildcards could be one of the named files."""
    parts = path.lower().split("/")
    for name in named:
        tail = name.removeprefix(_ANYWHERE)
        wanted = "/".join(parts[-1 - tail.count("/") :]) if tail != name else "/".join(parts)
        if wanted.count("/") == tail.count("/") and fnmatchcase(tail, wanted):
            return True
    return False
