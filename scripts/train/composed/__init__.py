"""Sentences composed from templates: the registers that recorded rows do not hold."""

import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

_SLOT = re.compile(r"\{(\w+)\}")
_FOLDER = Path(__file__).parent


def sentences(name: str, each: int = 4, seed: int = 11) -> Iterator[tuple[str, str]]:
    """The sentences of a file of templates, each with its template, which is its group."""
    slots = _read("slots")
    chance = random.Random(seed)
    for templates in _read(name).values():
        for template in templates:
            count = each if "{" in template else 1
            for filled in dict.fromkeys(_fill(template, slots, chance) for _ in range(count)):
                yield filled, template


def _read(name: str) -> dict[str, list[str]]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


def _fill(template: str, slots: dict[str, list[str]], chance: random.Random) -> str:
    """A template with its slots filled; what fills one may have slots of its own."""
    while found := _SLOT.search(template):
        value = chance.choice(slots[found.group(1)])
        template = template[: found.start()] + value + template[found.end() :]
    return template
