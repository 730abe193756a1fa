"""What a run of the benchmarks found: figures, charts, what was skipped, on which machine. Pure.

A figure's times are in its `unit`; all that is compared within one figure is in that unit.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from bench.machine import Surroundings, told

SAMPLE = 400
"""At most so many values stand for a distribution: every one of its four-hundredths."""

Kind = Literal["operation", "workflow", "goal", "stress", "scale", "peer", "other"]
Met = Literal["met", "acceptable", "missed", "no target"]


class Limits(Struct, frozen=True, kw_only=True):
    """What a figure is held against, in its unit; where `at_least` is set, more is better.

    Where there is a goal, it is what has to be met, and not the target.
    """

    kind: Kind = "other"
    unit: str = "µs"
    target: float | None = None
    acceptable: float | None = None
    predecessor: float | None = None
    goal: float | None = None
    at_least: bool = False
    note: str = ""


class Figure(Struct, frozen=True, kw_only=True):
    """One figure beside its reference of the same run.

    `value` is what is held against the limits: of an operation its P95. `reference_value` is the
    reference's median and `ratio` our median over it, medians since the two were interleaved.
    `earlier` is the value that an earlier run found (`compared`). What follows is from `Limits`,
    and how the value stands against them.
    """

    name: str
    kind: Kind
    unit: str
    value: float
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    count: int = 0
    sample: tuple[float, ...] = ()
    reference: str = ""
    reference_value: float | None = None
    reference_sample: tuple[float, ...] = ()
    ratio: float | None = None
    earlier: float | None = None
    target: float | None = None
    acceptable: float | None = None
    predecessor: float | None = None
    goal: float | None = None
    at_least: bool = False
    met: Met = "no target"
    note: str = ""
    extra: dict[str, float | str] = field(default_factory=dict)


class Skipped(Struct, frozen=True):
    """What was not measured, and why."""

    name: str
    why: str


class Line(Struct, frozen=True):
    """A line of a chart: (x, y) points; dashed where it is a limit or a fitted curve."""

    name: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


class Mark(Struct, frozen=True):
    """A stretch of the x axis that is marked, such as a burst."""

    name: str
    since: float
    until: float


class Chart(Struct, frozen=True, kw_only=True):
    """Lines over sizes or over time. A scaling plot has logarithmic axes."""

    name: str
    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    log: bool = False
    note: str = ""


class Run(Struct, frozen=True, kw_only=True):
    """All of one run: `started` in µs since 1970, `complete` is false where it was interrupted."""

    title: str
    surroundings: Surroundings
    started: int
    seconds: float
    figures: tuple[Figure, ...]
    skipped: tuple[Skipped, ...] = ()
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True


def compared(run: Run, earlier: Run) -> Run:
    """A run with the values of an earlier one beside its own, where both have the figure."""
    known = {(one.name, one.unit): one.value for one in earlier.figures}
    figures = (replace(one, earlier=known.get((one.name, one.unit))) for one in run.figures)
    day = datetime.fromtimestamp(earlier.started / 1e6, UTC)
    note = f"Earlier: a run of {day:%Y-%m-%d %H:%M} UTC on {told(earlier.surroundings)}"
    return replace(run, figures=tuple(figures), notes=(*run.notes, note))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value at a share (0–1) of sorted values, by nearest rank.

    Raises `IndexError` where there are no values.
    """
    return ordered[min(max(ceil(share * len(ordered)) - 1, 0), len(ordered) - 1)]


def thinned(ordered: Sequence[float], most: int = SAMPLE) -> tuple[float, ...]:
    """At most `most` of sorted values, evenly by rank, the least and the greatest among them.

    Four digits are kept: they are to be drawn.
    """
    last, count = len(ordered) - 1, min(len(ordered), most)
    places = (round(at * last / (count - 1)) if count > 1 else 0 for at in range(count))
    return tuple(float(f"{ordered[place]:.4g}") for place in places)


def to_meet(held: Limits | Figure) -> float | None:
    """What has to be met: the goal where there is one, else the target."""
    return held.target if held.goal is None else held.goal


def judged(value: float, limits: Limits) -> Met:
    """How a value stands; one that equals a limit is within it."""
    aim = to_meet(limits)
    sign = -1 if limits.at_least else 1
    if aim is not None and sign * value <= sign * aim:
        return "met"
    if limits.acceptable is not None and sign * value <= sign * limits.acceptable:
        return "acceptable"
    return "no target" if aim is None and limits.acceptable is None else "missed"


def measured(
    name: str,
    values: Iterable[float],
    limits: Limits,
    *,
    value: float | None = None,
    reference: str = "",
    reference_values: Iterable[float] = (),
    note: str = "",
    extra: dict[str, float | str] | None = None,
) -> Figure:
    """A figure from raw values in the unit of its limits: percentiles, ratio of medians.

    `value` is the P95 where none is given. Raises `ValueError` where there are no values.
    """
    ordered, theirs = sorted(values), sorted(reference_values)
    if not ordered:
        raise ValueError(f"{name}: nothing was measured")
    p50, p95, p99 = (percentile(ordered, share) for share in (0.5, 0.95, 0.99))
    middle = percentile(theirs, 0.5) if theirs else None
    figure = single(
        name, p95 if value is None else value, limits, reference=reference,
        reference_value=middle, ratio=p50 / middle if middle else None, note=note, extra=extra,
    )  # fmt: skip
    return replace(
        figure, p50=p50, p95=p95, p99=p99, count=len(ordered), sample=thinned(ordered),
        reference_sample=thinned(theirs),
    )  # fmt: skip


def single(
    name: str,
    value: float,
    limits: Limits,
    *,
    reference: str = "",
    reference_value: float | None = None,
    ratio: float | None = None,
    note: str = "",
    extra: dict[str, float | str] | None = None,
) -> Figure:
    """A figure that is one number, such as a rate, a share or megabytes."""
    if ratio is None and reference_value:
        ratio = value / reference_value
    return Figure(
        name=name, kind=limits.kind, unit=limits.unit, value=value, reference=reference,
        reference_value=reference_value, ratio=ratio, target=limits.target,
        acceptable=limits.acceptable, predecessor=limits.predecessor, goal=limits.goal,
        at_least=limits.at_least, met=judged(value, limits), note=note or limits.note,
        extra=extra or {},
    )  # fmt: skip
