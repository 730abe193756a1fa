"""What a component holds in memory, by its own accounting.

Each part that holds something tells how many items, and estimates their bytes. Most do so with
`Scale`, which walks Python objects, and of large containers weighs a sample. What extension
modules keep outside Python's objects is invisible to it: whoever holds such things says how they
are counted (`extra`), and what remains an estimate.
"""

import asyncio
import gc
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Protocol

from msgspec import Struct

from components.monitor.breath import breathe

SAMPLE = 128
"""So many items of a container are weighed; of larger ones the rest is inferred."""

MOST = 60_000
"""A scale weighs so many objects at most, some 60 ms; beyond, contents are left out."""

_AT_ONCE = 250
_BREATHS = 4
"""After so many objects weighed, so many breaths: it is seldom done, and in no hurry."""

_ATTEMPTS = 5
_GOLDEN = 0.6180339887498949
_SMALL = range(-5, 257)  # integers of which Python keeps one each, for all
_SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType)
_PLAIN = (str, bytes, bytearray, int, float, MethodType, asyncio.Future, asyncio.AbstractEventLoop)

Extra = Mapping[type, Callable[[Any], int]]
"""The bytes of an object, all in all, for types of which `sys.getsizeof` does not know enough."""


class Held(Struct, frozen=True):
    """How many items are held, and about how many bytes they take."""

    items: int = 0
    bytes: int = 0

    def __add__(self, other: "Held") -> "Held":
        return Held(self.items + other.items, self.bytes + other.bytes)


class Footprint(Struct, frozen=True):
    """What one component holds."""

    component: str
    title: str
    items: int
    bytes: int


class HasFootprint(Protocol):
    """A part of a component that accounts for what it holds."""

    def footprint(self) -> Held:
        """What is held now. Callable from any thread while the owner's goes on changing it."""
        ...


def footprint(name: str, title: str, parts: Iterable[HasFootprint]) -> Footprint:
    """What the parts of a component hold. Takes milliseconds: not for the gate's thread."""
    held = sum((part.footprint() for part in parts), Held())
    return Footprint(name, title, held.items, held.bytes)


def caches_of(*modules: ModuleType) -> Held:
    """What the `lru_cache`s at the top of some modules hold."""
    found = [one for module in modules for one in vars(module).values() if isinstance(one, _CACHE)]
    return Held(sum(one.cache_info().currsize for one in found), deep_size(*found))


def deep_size(*things: object, extra: Extra | None = None, sample: int = SAMPLE) -> int:
    """About how many bytes some objects take with all they hold, each object counted once."""
    scale = Scale(extra or {}, sample)
    return sum(scale.weigh(thing) for thing in things)


class Scale:
    """Weighs objects; what was weighed before weighs nothing again.

    Of a container with more than `sample` items as many are weighed, evenly spread, and the others
    taken to weigh what those of the second half did: what all of them share is in the first half.
    Classes, functions, modules, and what runs (futures, loops) are not followed. Safe while
    another thread changes what is weighed: a container that keeps changing is counted without its
    contents.
    """

    def __init__(self, extra: Extra, sample: int = SAMPLE) -> None:
        self._extra = extra
        self._sample = sample
        self._seen: dict[int, object] = {}  # holds them, so that no id is given to another
        self._left = MOST

    def weigh(self, thing: object) -> int:
        """The bytes of an object with all it holds."""
        total = 0
        waiting = [thing]
        while waiting:
            one = waiting.pop()
            if self._is_free(one):
                continue
            self._seen[id(one)] = one
            self._left -= 1
            if self._left % _AT_ONCE == 0:
                breathe(_BREATHS)
            if (known := self._extra.get(type(one))) is not None:
                total += known(one)
                continue
            total += sys.getsizeof(one)
            for parts in _contents(one):
                if len(parts) > self._sample:
                    total += self._sampled(parts)
                else:
                    waiting += parts
        return total

    def _is_free(self, thing: object) -> bool:
        if id(thing) in self._seen or self._left <= 0 or isinstance(thing, _SHARED):
            return True
        if isinstance(thing, int):
            return thing in _SMALL
        return thing is None or (isinstance(thing, str | bytes | tuple) and not thing)

    def _sampled(self, parts: Sequence[object]) -> int:
        step = len(parts) / self._sample
        # One of each stretch, at a place that varies: keys and values may take turns in there.
        chosen = [parts[int((n + n * _GOLDEN % 1) * step)] for n in range(self._sample)]
        half = self._sample // 2
        first = sum(map(self.weigh, chosen[:half]))
        second = sum(map(self.weigh, chosen[half:]))
        return first + round(second / (self._sample - half) * (len(parts) - half))


def _contents(thing: object) -> Iterator[Sequence[object]]:
    """What an object refers to, as far as it counts as held by it."""
    if isinstance(thing, _PLAIN):
        return
    if isinstance(thing, dict):
        yield _copied(thing.keys())
        yield _copied(thing.values())
    elif isinstance(thing, list | tuple | set | frozenset | deque):
        yield _copied(thing)
    elif isinstance(thing, _CACHE):
        yield gc.get_referents(thing)
    else:
        yield list(_attributes(thing))


def _attributes(thing: object) -> Iterator[object]:
    names: list[str] = list(getattr(type(thing), "__struct_fields__", ()))
    for base in () if names else type(thing).__mro__:
        slots = vars(base).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    for name in names:
        if not name.startswith("__"):
            yield getattr(thing, name, None)
    yield getattr(thing, "__dict__", None)


def _copied(things: Iterable[object]) -> list[object]:
    """A copy that holds still; nothing of what never holds still."""
    for _ in range(_ATTEMPTS):
        try:
            return list(things)
        except (RuntimeError, KeyError):  # changed by its owner in the middle
            continue
    return []


def _nothing() -> None: ...


_CACHE = type(lru_cache(_nothing))
