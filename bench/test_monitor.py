"""What measuring costs the measured, how true the percentiles are, and what telling them takes.

Each figure stands beside its reference of the same run: `list.append`, or fastdigest's t-digest.
"""

import random
import statistics
from collections.abc import Callable
from math import ceil
from time import perf_counter_ns
from typing import Any

import pytest
from fastdigest import TDigest, merge_all
from prometheus_client.openmetrics.exposition import generate_latest

from app.metrics.exposition import Exposed, families
from bench.figures import Limits
from bench.measuring import Beside, Reference
from components.clock import ManualClock
from components.monitor import OPERATIONS, Meter, Monitor, Sketch

CALLS = 10_000
SHARES = (0.5, 0.95, 0.99, 0.999)
KINDS: dict[str, Callable[[random.Random], float]] = {
    "lognormal": lambda dice: dice.lognormvariate(12, 1),
    "bimodal": lambda dice: dice.gauss(1e5, 5e3) if dice.random() < 0.9 else dice.gauss(5e6, 2e5),
    "heavy tail": lambda dice: 1e5 * dice.paretovariate(1.2),
}


def drawn(kind: str, count: int) -> list[int]:
    dice = random.Random(kind)
    return [round(KINDS[kind](dice)) for _ in range(count)]


@pytest.mark.figure("other.monitor.record")
def test_meter_record(beside: Beside) -> None:
    """On the caller's thread; also beside a t-digest that is fed call by call."""
    meter = Meter("gate.verdict")
    values, digest = list(range(CALLS)), TDigest()
    bare: list[int] = []
    record, append, update = meter.record, bare.append, digest.update
    found: dict[str, list[float]] = {"ours": [], "bare": [], "digest": []}

    def turn() -> None:
        meter.take()
        bare.clear()
        for name, call in (("ours", record), ("bare", append), ("digest", update)):
            found[name].append(_each_us(call, values))

    beside.benchmark.pedantic(turn, rounds=beside.rounds(50))
    beside.values(
        found["ours"], found["bare"], "list.append", bound=Limits(goal=0.5),
        value=statistics.median(found["ours"]),
    )  # fmt: skip
    beside.extra("a t-digest fed call by call (µs)", statistics.median(found["digest"]))


def _each_us(call: Callable[[int], object], values: list[int]) -> float:
    started = perf_counter_ns()
    for value in values:
        call(value)
    return (perf_counter_ns() - started) / 1e3 / len(values)


@pytest.mark.parametrize("count", [50, 300, 3_000])
def test_digest_of_a_second(beside: Beside, count: int) -> None:
    """Beside the t-digest of the same values: it is quicker made, but adds up with drift."""
    values = drawn("lognormal", count)
    floats = list(map(float, values))
    reference = Reference("TDigest.from_values", lambda _: TDigest.from_values(floats))
    beside.walk(lambda _: Sketch.of(values), [None], reference, rounds=400)


@pytest.mark.parametrize("per_second", [0, 50, 300])
def test_tick(benchmark: Any, per_second: int) -> None:
    """A whole second of the monitor with a minute behind it and every operation busy."""
    clock = ManualClock()
    monitor = Monitor(clock)
    seconds = [drawn("lognormal", per_second) for _ in range(10)]
    turn = 0

    def second() -> None:
        nonlocal turn
        turn += 1
        clock.advance(1)
        for operation in OPERATIONS:
            record = monitor.meter(operation.name).record
            for value in seconds[turn % 10]:
                record(value)

    for _ in range(70):
        second()
        monitor.tick()
    benchmark.pedantic(monitor.tick, setup=second, rounds=60)


@pytest.mark.parametrize("kind", KINDS)
def test_accuracy(beside: Beside, kind: str) -> None:
    """The largest error after a roll-up over four levels, beside t-digests merged."""
    values = drawn(kind, 20_000 if beside.quick else 100_000)
    exact = [(ordered := sorted(values))[ceil(share * len(ordered)) - 1] for share in SHARES]
    parts = [values[start : start + 50] for start in range(0, len(values), 50)]

    def rolled_up() -> Sketch:
        level = [Sketch.of(part) for part in parts]
        for width in (10, 10, 5, 4):
            level = [summed(level[at : at + width]) for at in range(0, len(level), width)]
        return summed(level)

    found = beside.benchmark.pedantic(rolled_up, rounds=1)
    digests = [TDigest.from_values(list(map(float, part))) for part in parts]
    for width in (10, 10, 5, 4):
        digests = [merge_all(digests[at : at + width]) for at in range(0, len(digests), width)]
    digest = merge_all(digests)
    beside.number(
        worst(found.quantiles(SHARES), exact), bound=Limits(unit="share", goal=0.01),
        reference="t-digests merged",
        reference_value=worst([digest.quantile(one) for one in SHARES], exact),
    )  # fmt: skip
    beside.extra("at once", worst(Sketch.of(values).quantiles(SHARES), exact))


def summed(parts: list[Sketch]) -> Sketch:
    total = Sketch()
    for part in parts:
        total.add(part)
    return total


def worst(found: Any, exact: list[int]) -> float:
    apart = max(abs(ours / true - 1) for ours, true in zip(found, exact, strict=True))
    return round(float(apart), 5)


def test_scrape(benchmark: Any) -> None:
    """One answer to Prometheus with every operation busy."""
    clock = ManualClock()
    monitor = Monitor(clock)
    for operation in OPERATIONS:
        for value in drawn("lognormal", 3_000):
            monitor.meter(operation.name).record(value)
    clock.advance(1)
    monitor.tick()

    class Told:
        def collect(self) -> Any:
            return families(
                Exposed(monitor.totals(), monitor.gauges(), (), None, "bench", "0", 0, 1)
            )

    benchmark.pedantic(lambda: generate_latest(Told()), rounds=20)  # type: ignore[no-untyped-call]
