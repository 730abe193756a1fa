"""What measuring costs the measured, how true the percentiles are, and what telling them takes.

Each figure stands beside its reference of the same run: `list.append`, or fastdigest's t-digest.
"""

import random
from collections.abc import Callable
from math import ceil
from time import perf_counter_ns
from typing import Any

import pytest
from fastdigest import TDigest, merge_all
from prometheus_client.openmetrics.exposition import generate_latest

from app.metrics.exposition import Exposed, families
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


def best_us(work: Callable[[], Any], rounds: int = 30) -> float:
    """The least time of some rounds: what the work itself takes, without its neighbours."""
    taken = []
    for _ in range(rounds):
        started = perf_counter_ns()
        work()
        taken.append(perf_counter_ns() - started)
    return min(taken) / 1e3


def test_meter_record(benchmark: Any) -> None:
    """On the caller's thread; beside a bare list, and a t-digest that is fed call by call."""
    meter = Meter("gate.verdict")
    record, values, digest = meter.record, list(range(CALLS)), TDigest()
    bare: list[int] = []

    def calls() -> None:
        for value in values:
            record(value)

    def appended() -> None:
        append = bare.append
        for value in values:
            append(value)
        bare.clear()

    def updated() -> None:
        update = digest.update
        for value in values:
            update(value)

    benchmark.pedantic(calls, setup=lambda: meter.take() and None, rounds=50)
    record_us = benchmark.stats.stats.min * 1e6 / CALLS
    append_us = best_us(appended) / CALLS
    benchmark.extra_info |= {
        "record_us": round(record_us, 4),
        "goal_us": 0.5,
        "record_vs_append": round(record_us / append_us, 2),
        "record_vs_tdigest_update": round(record_us / (best_us(updated, 5) / CALLS), 2),
    }
    print(benchmark.extra_info)


@pytest.mark.parametrize("count", [50, 300, 3_000])
def test_digest_of_a_second(benchmark: Any, count: int) -> None:
    """Beside the t-digest of the same values: it is quicker made, but adds up with drift."""
    values = drawn("lognormal", count)
    floats = list(map(float, values))
    benchmark.pedantic(lambda: Sketch.of(values), rounds=200, iterations=5)
    ours = benchmark.stats.stats.min * 1e6
    reference = best_us(lambda: TDigest.from_values(floats), 200)
    benchmark.extra_info |= {
        "us_a_record": round(ours / count, 3),
        "vs_tdigest_from_values": round(ours / reference, 2),
    }
    print(benchmark.extra_info)


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
    median_us = benchmark.stats.stats.median * 1e6
    figures = best_us(lambda: monitor.figures("1m"), 1)
    benchmark.extra_info |= {
        "tick_us": round(median_us),
        "tick_us_an_operation": round(median_us / len(OPERATIONS), 1),
        "figures_of_a_minute_us": round(figures),
    }
    print(benchmark.extra_info)


@pytest.mark.parametrize("kind", KINDS)
def test_accuracy(benchmark: Any, kind: str) -> None:
    """The largest error, at once and after a roll-up over four levels, beside t-digests merged."""
    values = drawn(kind, 100_000)
    exact = [(ordered := sorted(values))[ceil(share * len(ordered)) - 1] for share in SHARES]
    parts = [values[start : start + 50] for start in range(0, len(values), 50)]

    def rolled_up() -> Sketch:
        level = [Sketch.of(part) for part in parts]
        for width in (10, 10, 5, 4):
            level = [summed(level[at : at + width]) for at in range(0, len(level), width)]
        return summed(level)

    found = benchmark.pedantic(rolled_up, rounds=3)
    digests = [TDigest.from_values(list(map(float, part))) for part in parts]
    for width in (10, 10, 5, 4):
        digests = [merge_all(digests[at : at + width]) for at in range(0, len(digests), width)]
    digest = merge_all(digests)
    benchmark.extra_info |= {
        "worst_at_once": worst(Sketch.of(values).quantiles(SHARES), exact),
        "worst_rolled_up": worst(found.quantiles(SHARES), exact),
        "worst_of_tdigest_rolled_up": worst([digest.quantile(one) for one in SHARES], exact),
        "goal": 0.01,
    }
    print(benchmark.extra_info)


def summed(parts: list[Sketch]) -> Sketch:
    total = Sketch()
    for part in parts:
        total.add(part)
    return total


def worst(found: Any, exact: list[int]) -> float:
    return round(max(abs(ours / true - 1) for ours, true in zip(found, exact, strict=True)), 5)


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

    body = benchmark.pedantic(lambda: generate_latest(Told()), rounds=20)  # type: ignore[arg-type]
    benchmark.extra_info |= {
        "scrape_ms": round(benchmark.stats.stats.median * 1e3, 1),
        "kib": round(len(body) / 1024),
    }
    print(benchmark.extra_info)
