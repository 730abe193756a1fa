"""Values as TOML that a person can read and edit, on one line each."""

import json
import re
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_value(value: Any) -> str:
    """A string, number, boolean, list or dictionary as TOML. Raises `ValueError` for all else."""
    match value:
        case str():
            return toml_string(value)
        case bool() | int() | float():
            return json.dumps(value, allow_nan=False)
        case list() | tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case dict():
            pairs = (f"{_key(key)} = {toml_value(item)}" for key, item in value.items())
            return f"{{ {', '.join(pairs)} }}" if value else "{}"
    raise ValueError(f"TOML has nothing for {type(value).__name__}")


def toml_string(text: str) -> str:
    """A string in quotes. What cannot be seen is escaped: agents wrote some of it."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"  # as it is: a pattern is hard enough to read
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else toml_string(name)
