"""What measuring costs the measured, and the gate thread once a second."""

import random
from typing import Any

import pytest

from components.clock import ManualClock
from components.monitor import OPERATIONS, Monitor

CALLS = 10_000


def test_meter_record(benchmark: Any) -> None:
    monitor = Monitor(ManualClock())
    meter = monitor.meter("gate.verdict")
    record = meter.record

    def calls() -> None:
        for value in range(CALLS):
            record(value)

    def forget() -> None:
        meter.take()

    benchmark.pedantic(calls, setup=forget, rounds=50)
    benchmark.extra_info |= {
        "meter_record_us": benchmark.stats.stats.mean * 1e6 / CALLS,
        "goal_us": 0.5,
    }


@pytest.mark.parametrize("per_second", [10, 1000, 5000])
def test_tick_of_ten_meters(benchmark: Any, per_second: int) -> None:
    """A tick with a full minute behind it; every meter was busy in the last second."""
    clock = ManualClock()
    monitor = Monitor(clock)
    meters = [monitor.meter(operation.name) for operation in OPERATIONS[:10]]
    dice = random.Random(1)
    durations = [round(dice.lognormvariate(11, 1)) for _ in range(per_second)]

    def second() -> None:
        clock.advance(1)
        for meter in meters:
            for value in durations:
                meter.record(value)

    for _ in range(60):
        second()
        monitor.tick()
    benchmark.pedantic(monitor.tick, setup=second, rounds=30)
    benchmark.extra_info["tick_us_a_meter"] = benchmark.stats.stats.mean * 1e6 / len(meters)
