"""What each operation aims at, and how a P95 stands against it."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec
from msgspec import Struct

Status = Literal["met", "acceptable", "missed", "not run", "no target"]


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """P95 latencies in µs: the aim, and the threshold of what is acceptable; for which size."""

    target_us: float
    acceptable_us: float
    note: str = ""


@lru_cache(maxsize=1)
def targets() -> Mapping[str, Target]:
    """The targets by the operation's name in the catalogue."""
    text = files("components.advisor").joinpath("targets.toml").read_text("utf-8")
    return MappingProxyType(msgspec.convert(tomllib.loads(text), dict[str, Target]))


def judge(calls: int, p95_us: float | None, target: Target | None) -> tuple[Status, float | None]:
    """How an operation stands, and its P95 (µs) over its target where both are known.

    A latency that equals a limit is within it. Where no call succeeded there is no latency, and
    the target is missed.
    """
    if not calls:
        return "not run", None
    if target is None:
        return "no target", None
    if p95_us is None:
        return "missed", None
    factor = p95_us / target.target_us
    if p95_us <= target.target_us:
        return "met", factor
    return ("acceptable" if p95_us <= target.acceptable_us else "missed"), factor
