"""A day of every operation, read and drawn; and how the store grows by it."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.figures import Limits
from bench.measuring import Beside, Reference
from components.clock import ManualClock
from components.monitor import (
    GAUGES,
    KEEP_S,
    OPERATIONS,
    Bucket,
    History,
    Monitor,
    Sketch,
    level_for,
    read_columns,
)
from components.monitor.buckets import HEARTBEAT, SPAN_S, metric_row
from components.monitor.figures import Total, empty
from components.views import TrendPoint, TrendView
from storage import Store, Tx, open_store
from widgets.plot import dots, plot

DAY_US = 86_400_000_000
NOW = 1_700_006_400_000_000
WIDTH, HEIGHT = 160, 50
BUSY = 14
"""Operations that run for every action."""


def minutes_of(place: int, count: int = 12) -> list[Total]:
    """Some minutes of an operation at 50 calls a second, or of one that seldom runs."""
    dice = random.Random(place)
    calls = 3_000 if place < BUSY else 30
    return [
        Total(Sketch.of([round(dice.lognormvariate(9 + place % 8, 0.4)) for _ in range(calls)]))
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(tmp_path_factory.mktemp("day"))
    opened.writer.run(fill)
    yield opened
    opened.close()


def fill(tx: Tx) -> None:
    """A day before `NOW` in minutes and in five minutes."""
    for place, operation in enumerate(OPERATIONS):
        minutes = minutes_of(place)
        five = empty()
        for minute in minutes[:5]:
            five.add(minute)
        for level, totals in (("minute", minutes), ("five minutes", [five])):
            rows = [metric_row(level, operation.name, 0, total) for total in totals]
            span = SPAN_S[level] * 1_000_000
            for at in range(DAY_US // span):
                start = NOW - DAY_US + at * span
                tx.insert(
                    "metric_buckets",
                    (level, operation.name, start, *rows[at % len(rows)][3:]),
                )


def read(reader: sqlite3.Connection, operation: str, points: int) -> list[Bucket]:
    level = level_for(NOW - DAY_US, NOW, NOW, points)
    return read_columns(reader, operation, level, NOW - DAY_US, NOW, DAY_US // points)


def drawn(operation: str, buckets: list[Bucket]) -> None:
    points = tuple(
        TrendPoint(
            one.start, one.seconds, one.calls, one.errors, one.calls / one.seconds,
            one.p50_us, one.p95_us, one.p99_us,
        )
        for one in buckets
    )  # fmt: skip
    view = TrendView(
        operation=operation, title=operation, since=NOW - DAY_US, until=NOW, level="",
        points=points, whole=None, baseline=None, bands=(),
    )  # fmt: skip
    assert len(plot(view, WIDTH, HEIGHT)) == HEIGHT


@pytest.mark.parametrize("points", [110, dots(WIDTH)])
def test_a_day_of_all_operations(beside: Beside, store: Store, points: int) -> None:
    reader = store.reader()
    names = [operation.name for operation in OPERATIONS]

    def reading(_: Any) -> list[list[Bucket]]:
        return [read(reader, name, points) for name in names]

    def day(_: Any) -> None:
        for name in names:
            drawn(name, read(reader, name, points))

    beside.walk(day, [None], Reference("of it the reading", reading), rounds=10,
                bound=Limits(target=200_000))  # fmt: skip
    reader.close()


def test_rolling_up_a_day(benchmark: Any) -> None:
    """All minutes of an operation to five minutes, hours and the day."""
    minutes = minutes_of(0) * 120

    def roll_up() -> Total:
        level = minutes
        for width in (5, 12, 24):
            level = [summed(level[at : at + width]) for at in range(0, len(level), width)]
        return level[0]

    day = benchmark.pedantic(roll_up, rounds=5)
    assert day.calls == sum(minute.calls for minute in minutes)


def summed(parts: list[Total]) -> Total:
    total = empty()
    for part in parts:
        total.add(part)
    return total


@pytest.mark.parametrize("per_second", [0, 50], ids=["idle", "busy"])
def test_growth(beside: Beside, tmp_path: Path, per_second: int) -> None:
    """Bytes that a day writes at each level, and what is kept of it, from 65 simulated minutes."""
    clock = ManualClock(NOW)
    opened = open_store(tmp_path)
    monitor, history = Monitor(clock), History(opened)
    monitor.on_second(history.hear)
    dice = random.Random(1)
    pools = [
        [round(dice.lognormvariate(9 + place % 8, 0.4)) for _ in range(per_second * 60)]
        for place in range(BUSY)
    ]

    def run() -> None:
        for second in range(3_900):
            monitor.meter(HEARTBEAT).record(dice.randrange(100_000, 900_000))
            for gauge in GAUGES:
                monitor.gauge(gauge.name, dice.random())
            at = second % 60 * per_second
            for operation, pool in zip(OPERATIONS, pools, strict=False):
                for value in pool[at : at + per_second]:
                    monitor.meter(operation.name).record(value)
            clock.advance(1)
            monitor.tick()
        history.flush(clock.now())
        opened.writer.run(lambda _: None)

    beside.benchmark.pedantic(run, rounds=1)
    reader = opened.reader()
    kept_mb, levels = 0.0, {}
    for level, seconds in SPAN_S.items():
        rows = bytes_a_row(reader, level)
        a_day = rows * 86_400 / seconds / 2**20
        bound = rows * KEEP_S[level] / seconds / 2**20
        kept_mb += bound
        levels[level] = f"{a_day:.2f} MiB a day, {bound:.2f} MiB kept"
    reader.close()
    opened.close()
    beside.number(kept_mb, bound=Limits(unit="MiB"), note="Kept at most", extra=levels)


def bytes_a_row(reader: sqlite3.Connection, level: str) -> float:
    """Bytes of all rows that one bucket of a level has; of a day, those of the hour below it."""
    asked = "hour" if level == "day" else level
    (metrics,) = reader.execute(
        "SELECT total(length(sketch) + length(operation) + length(level) + 60) "
        "/ max(count(DISTINCT start), 1) FROM metric_buckets WHERE level=?",
        (asked,),
    ).fetchone()
    (gauges,) = reader.execute(
        "SELECT total(length(name) + length(level) + 45) / max(count(DISTINCT start), 1) "
        "FROM gauge_buckets WHERE level=?",
        (asked,),
    ).fetchone()
    return float(metrics + gauges)
