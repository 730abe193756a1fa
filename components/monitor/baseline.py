"""Baselines: how fast this node was over a span of time, kept to measure later spans against. Pure.

A baseline is about machines, so how long people took (`person.*`) is no part of it.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from components.monitor.figures import Figures

ENOUGH_CALLS = 500
"""Verdicts before a baseline is worth having: a P99 then rests on five slower ones, at least."""

ENOUGH_S = 300.0
"""Seconds a node runs before a first baseline is offered: the start is not like the rest."""

LEADING = "gate.verdict"
"""The operation whose calls say whether enough was seen: every action passes it."""

MEMORY_TOLERANCE = 0.05
"""Memory is the same within this share: kernels keep more or less of it for themselves."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")

_Count = Annotated[int, Meta(ge=0, le=2**62)]
_Rate = Annotated[float, Meta(ge=0, le=1e12)]
_Share = Annotated[float, Meta(ge=0, le=1)]
_Duration = Annotated[float, Meta(ge=0, le=1e15)] | None
_Time = Annotated[int, Meta(ge=-(2**62), le=2**62)]
_Word = Annotated[str, Meta(max_length=200)]
_Operation = Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,40}\.[a-z0-9_]{1,40}\Z")]


class Machine(Struct, frozen=True, forbid_unknown_fields=True):
    """What figures depend on. `node` is the host's name, for display: a renamed one is the same."""

    node: _Word
    system: _Word
    cpu: _Word
    cores: Annotated[int, Meta(ge=0, le=2**31)]
    memory_mb: Annotated[int, Meta(ge=0, le=2**40)]
    python: _Word


class BaselineFigures(Struct, frozen=True, forbid_unknown_fields=True):
    """One operation: calls, calls a second, the share that failed or timed out; latencies in µs."""

    calls: _Count
    per_s: _Rate
    errors: _Share
    p50_us: _Duration
    p95_us: _Duration
    p99_us: _Duration
    p999_us: _Duration


class Baseline(Struct, frozen=True, forbid_unknown_fields=True):
    """Figures by operation, as they were from `since` until `until` (µs since 1970)."""

    name: Annotated[str, Meta(max_length=64)]
    made_at: _Time
    since: _Time
    until: _Time
    machine: Machine
    operations: Annotated[dict[_Operation, BaselineFigures], Meta(max_length=500)]
    note: _Word = ""


def is_name(text: str) -> bool:
    """Whether a baseline may be called so: up to 64 ASCII letters, digits, `_`, `.` and `-`."""
    return _NAME.fullmatch(text) is not None


def make_baseline(
    name: str,
    figures: Mapping[str, Figures],
    machine: Machine,
    *,
    made_at: int,
    since: int,
    until: int,
    note: str = "",
) -> Baseline:
    """A baseline of what was measured from `since` until `until`; what never ran is left out."""
    operations = {
        operation: BaselineFigures(
            seen.calls, seen.per_s, seen.errors, seen.p50_us, seen.p95_us, seen.p99_us, seen.p999_us
        )
        for operation, seen in sorted(figures.items())
        if seen.calls and not operation.startswith("person.")
    }
    return Baseline(name, made_at, since, until, machine, operations, note)


def enough(figures: Mapping[str, Figures], uptime_s: float) -> bool:
    """Whether a first baseline may be offered: `ENOUGH_CALLS` verdicts over `ENOUGH_S` seconds."""
    return uptime_s >= ENOUGH_S and not too_few(figures)


def too_few(figures: Mapping[str, Figures]) -> str:
    """Why a baseline of these figures would say nothing; empty where there is enough."""
    leading = figures.get(LEADING)
    calls = leading.calls if leading else 0
    if calls >= ENOUGH_CALLS:
        return ""
    return f"{calls:,} verdicts were recorded in that time, a baseline takes {ENOUGH_CALLS:,}"


def same_machine(a: Machine, b: Machine) -> tuple[str, ...]:
    """What differs from `a` to `b`, in words; empty where figures of both may be compared.

    Host names do not count, nor do Python's patch releases.
    """
    told = [
        f"{what} {then or 'unknown'}, now {now or 'unknown'}"
        for what, then, now in (
            ("processor", a.cpu, b.cpu),
            ("cores", str(a.cores), str(b.cores)),
            ("system", a.system, b.system),
            ("Python", _minor(a.python), _minor(b.python)),
        )
        if then != now
    ]
    if abs(a.memory_mb - b.memory_mb) > MEMORY_TOLERANCE * max(a.memory_mb, b.memory_mb):
        told.append(f"memory {a.memory_mb:,} MB, now {b.memory_mb:,} MB")
    return tuple(told)


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
