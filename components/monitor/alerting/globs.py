"""Globs over dotted names: `*` any text, `?` one character, `[ab]` one of them."""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate


def matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """Whether a name matches any of the globs, from end to end; case counts."""
    pattern = re.compile("|".join(map(translate, globs)) or r"(?!)")
    return lambda name: pattern.match(name) is not None
