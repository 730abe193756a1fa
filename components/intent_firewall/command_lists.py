"""Commands that arguments hold as lists of words: at any depth, and beside their program's name."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

MOST = 64
"""So many are read of one action."""

_MAX_PLACES = 4_000
_LISTS = frozenset({"argv", "command", "cmd"})
_OPERANDS = frozenset({"args", "arguments", "argv"})
_PROGRAMS = ("command", "cmd", "program", "executable")


class Listed(Struct, frozen=True):
    """A command as its words, and where the list of them stands."""

    where: str
    name: str
    words: list[str]


def listed_commands(arguments: Any, shell_like: bool) -> list[Listed]:
    """The commands, in their order, one more than `MOST` at most.

    `{"command": "rm", "args": ["-r", "x"]}` is one, too; a list called `args` alone only where the
    tool is `shell_like`.
    """
    found: list[Listed] = []
    for where, mapping in _mappings(arguments):
        programs = (_program(mapping.get(name)) for name in _PROGRAMS)
        program: list[str] = next(filter(None, programs), [])
        for key, value in mapping.items():
            name = str(key)
            operands = name in _OPERANDS and (program or shell_like)
            if (name in _LISTS or operands) and _is_words(value):
                words = [*(program if operands else ()), *map(str, value)]
                found.append(Listed(f"{where}.{name}", name, words))
                if len(found) > MOST:
                    return found
    return found


def _mappings(arguments: Any) -> Iterator[tuple[str, dict[Any, Any]]]:
    """All that has names in the arguments, with where it stands; without recursion."""
    waiting: list[tuple[str, Any]] = [("arguments", arguments)]
    for _ in range(_MAX_PLACES):
        if not waiting:
            return
        where, value = waiting.pop()
        if isinstance(value, dict):
            yield where, value
            inner = [(f"{where}.{key}", item) for key, item in value.items() if _holds(item)]
        else:
            inner = [(f"{where}[{at}]", item) for at, item in enumerate(value) if _holds(item)]
        waiting += reversed(inner)


def _holds(value: Any) -> bool:
    return isinstance(value, dict | list | tuple)


def _program(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else []


def _is_words(value: Any) -> bool:
    listed = isinstance(value, list | tuple) and len(value) > 0
    return listed and all(isinstance(one, str | int | float) for one in value)
