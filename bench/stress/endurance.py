"""A node at work for long, and one that is met by bursts: times, errors, memory, recovery."""

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import psutil
from msgspec import Struct
from msgspec.structs import replace

from bench.figures import Chart, Limits, Line, Mark, single
from bench.load import AllFailed, tasks_at
from bench.places import scratch
from bench.stress import limits
from bench.stress.leak import CRITERION, STANDS, leak
from bench.stress.options import Options
from bench.stress.pipeline import Pipeline, approvers, results, running
from bench.stress.running import Section, Work
from bench.stress.timeline import (
    CALM,
    STEADY,
    Tick,
    Timeline,
    failed_percent,
    in_any,
    normal_p95,
    p95s,
    recovery_s,
    windows,
)

POINTS = 720
"""At most so many stretches are kept of a run, however long it is."""

TOLD_FROM_S = 2 * 3600.0
"""Shorter runs say nothing of leaks over time: the monitor's windows take an hour to fill."""

LEAK_MB_H = 1.0
_KB, _MB = 1e3, 1e6


class Held(Struct, frozen=True):
    """Bytes at a time (s): of the process, and of the store with its log; and live `blocks`.

    Resident memory keeps the mark of every moment at which much was in flight, for a page goes
    back only when nothing of it is in use. The blocks that Python has given out and not had back
    do not: what leaks is among them.
    """

    at: float
    rss: int
    store: int
    blocks: int


class Endured(Struct, frozen=True):
    """What became of a load over time."""

    ticks: list[Tick]
    held: list[Held]
    unrecorded: int
    entries: int
    why: str


def sections(options: Options) -> list[Section]:
    """Two runs of a node of its own."""
    endurance = [f"stress.endurance.{one}" for one in ("p95", "errors", "unrecorded", "leak")]
    burst = [f"stress.burst.{one}" for one in ("recovery", "errors_in_burst", "errors_else", "p95")]
    return [
        Section("endurance", tuple(endurance), options.endure_s + 4, partial(_endure, options)),
        Section("burst", tuple(burst), _burst_s(options) + 4, partial(_bursts, options)),
    ]


def _burst_s(options: Options) -> float:
    return options.cycles * (options.normal_s + options.burst_s) + options.normal_s


def _endure(options: Options, work: Work) -> None:
    timeline = Timeline(max(options.endure_s / POINTS, 1.0))
    rate, seconds = options.normal_per_s, options.endure_s
    with scratch("stress") as folder:
        found = _loaded(folder, lambda _: rate, seconds, timeline, work, "endurance", ())
    p95 = p95s(found.ticks)
    fourth = max(len(p95) // 4, 1)
    early, late = median(p95[:fourth]), median(p95[-fourth:])
    calls = sum(one.calls for one in found.ticks)
    grown = (found.held[-1].store - found.held[0].store) / _KB / max(calls, 1)
    row = "stress.endurance"
    work.add(
        single(f"{row}.p95", median(p95), limits.P95, reference="its first quarter",
               reference_value=early, ratio=late / early,
               note=f"{rate:,.0f} actions a second for {seconds / 3600:.3g} h, the hundredth part "
               "of them answered by a person; the median of P95s, and the last quarter over the "
               "first", extra={"worst (ms)": max(p95), "store an action (kB)": round(grown, 2)}),
        single(f"{row}.errors", failed_percent(found.ticks), limits.percent(limits.ERRORS_ELSE),
               note=f"Of {calls:,} actions. {found.why}".strip()),
        single(f"{row}.unrecorded", float(found.unrecorded), limits.NOTHING_LOST,
               note=f"Of {found.entries:,} audit entries, counted in the store"),
    )  # fmt: skip
    _leak_over_time(work, found.held, seconds)


def _leak_over_time(work: Work, held: Sequence[Held], seconds: float) -> None:
    """The slope of memory over time; a verdict only where the run is long enough for one."""
    found = leak([(one.at / 3600, one.rss / _MB) for one in held], LEAK_MB_H)
    telling = seconds >= TOLD_FROM_S
    said = f"{found.verdict.capitalize()}" if telling else "Too short for a verdict"
    figure = single(
        "stress.endurance.leak", found.slope,
        Limits(kind="stress", unit="MB/h", target=LEAK_MB_H if telling else None),
        note=f"{said}: 95% interval {found.low:.3g} to {found.high:.3g} MB/h, limit "
        f"{LEAK_MB_H:g}; a verdict takes {TOLD_FROM_S / 3600:g} h. {CRITERION}",
        extra={"live blocks, the middle of the run": held[len(held) // 2].blocks,
               "live blocks, its end": held[-1].blocks},
    )  # fmt: skip
    work.add(replace(figure, met=STANDS[found.verdict] if telling else "no target"))


def _bursts(options: Options, work: Work) -> None:
    spans = windows(options.normal_s, options.burst_s, options.cycles)
    whole, rate = _burst_s(options), options.normal_per_s
    timeline = Timeline(max(whole / POINTS / 4, min(1.0, options.burst_s / 5)))

    def offered(at: float) -> float:
        return 2 * rate if in_any(at, spans) else rate

    with scratch("stress") as folder:
        found = _loaded(folder, offered, whole, timeline, work, "burst", spans)
    ticks, row = found.ticks, "stress.burst"
    normal = normal_p95(ticks, spans[0][0])
    inside = [one for one in ticks if in_any(one.at, spans)]
    outside = [one for one in ticks if not in_any(one.at, spans)]
    worst = max(p95s(inside), default=normal)
    work.add(
        single(f"{row}.errors_in_burst", failed_percent(inside),
               limits.percent(limits.ERRORS_IN_BURST),
               note=f"{options.cycles} × {options.burst_s:g} s at {2 * rate:,.0f} a second, with "
               f"{options.normal_s:g} s at {rate:,.0f} around. {found.why}".strip()),
        single(f"{row}.errors_else", failed_percent(outside),
               limits.percent(limits.ERRORS_ELSE)),
        single(f"{row}.p95", worst, limits.P95, reference="the normal one before",
               reference_value=normal, note="The worst stretch of all bursts"),
    )  # fmt: skip
    ends = [until for _, until in spans]
    took = [recovery_s(ticks, end, end + options.normal_s, CALM * normal) for end in ends]
    _tell_recovery(work, took, options.normal_s)


def _tell_recovery(work: Work, took: Sequence[float | None], looked_s: float) -> None:
    """The slowest recovery; one that did not come was not within what was looked at."""
    row, known = "stress.burst.recovery", [one for one in took if one is not None]
    if len(known) < len(took) and looked_s <= limits.RECOVERED_S:
        work.skip(row, f"not recovered within {looked_s:g} s, and no longer was looked at")
        return
    slowest = max(known) if len(known) == len(took) else looked_s
    work.add(
        single(row, slowest, limits.seconds(limits.RECOVERED_S),
               note=f"The slowest of {len(took)}: until P95 is within {CALM:g} times the normal "
               f"one for {STEADY} stretches on end, and nothing fails"
               + ("" if len(known) == len(took) else "; some never were")),
    )  # fmt: skip


def _loaded(
    folder: Path, rate: Callable[[float], float], seconds: float, timeline: Timeline, work: Work,
    name: str, spans: Sequence[tuple[float, float]],
) -> Endured:  # fmt: skip
    """Load a node for so long, looking at its memory meanwhile; drawn even if interrupted."""
    held: list[Held] = []
    with running(folder / "home") as pipeline, approvers(pipeline):
        driven = pipeline.node.call(tasks_at(rate, seconds, pipeline.judge, timeline.hear))
        process, started = psutil.Process(), time.monotonic()
        try:
            while not driven.done():
                at = time.monotonic() - started
                rss, blocks = process.memory_info().rss, sys.getallocatedblocks()
                held.append(Held(at, rss, _store_bytes(pipeline), blocks))
                work.tell(at / seconds)
                time.sleep(min(timeline.width, max(seconds - at, 0.05)))
            driven.result()
            results(pipeline.node, [pipeline.answered(), pipeline.settle()])
        finally:
            driven.cancel()
            _draw(work, name, timeline.ticks(), held, spans)
        ticks = timeline.ticks()
        if all(one.calls == one.failed for one in ticks):
            raise AllFailed(timeline.why)
        why = timeline.why or next(iter(pipeline.failures), "")
        entries = pipeline.expected.total()
        return Endured(ticks, held, pipeline.unrecorded(), entries, why and f"The first: {why}")


def _store_bytes(pipeline: Pipeline) -> int:
    store = pipeline.node.store
    return store.path.stat().st_size + store.wal_bytes()


def _draw(
    work: Work, name: str, ticks: Sequence[Tick], held: Sequence[Held],
    spans: Sequence[tuple[float, float]],
) -> None:  # fmt: skip
    marks = tuple(Mark("burst", since, until) for since, until in spans)
    drawn = [one for one in ticks if one.failed < one.calls]
    work.chart(
        Chart(
            name=f"{name}.p95", title=f"{name}: P95 over time", x="s", y="ms", marks=marks,
            lines=(Line("P95", tuple((one.at, one.p95_ms) for one in drawn)),),
        ),
        Chart(
            name=f"{name}.failed", title=f"{name}: actions, and those that failed", x="s",
            y="in each stretch", marks=marks,
            lines=(Line("actions", tuple((one.at, float(one.calls)) for one in ticks)),
                   Line("failed", tuple((one.at, float(one.failed)) for one in ticks))),
        ),
        Chart(
            name=f"{name}.memory", title=f"{name}: memory of the process, and the store", x="s",
            y="MB", marks=marks,
            lines=(Line("resident", tuple((one.at, one.rss / _MB) for one in held)),
                   Line("store", tuple((one.at, one.store / _MB) for one in held))),
        ),
        Chart(
            name=f"{name}.blocks", title=f"{name}: live blocks of Python's memory", x="s",
            y="thousands", marks=marks,
            lines=(Line("live", tuple((one.at, one.blocks / 1e3) for one in held)),),
        ),
    )  # fmt: skip
