"""What a meter says is what happened in the last minute."""

import random
from collections.abc import Callable
from math import ceil
from threading import Thread

import pytest

from components.clock import ManualClock
from components.monitor import Meter, Monitor, meter
from components.views import OperationRow


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def monitor(clock: ManualClock) -> Monitor:
    return Monitor(clock)


@pytest.fixture
def gate(monitor: Monitor) -> Meter:
    return monitor.meter("gate", "Gate")


def after(monitor: Monitor, clock: ManualClock, seconds: float = 1) -> OperationRow:
    clock.advance(seconds)
    monitor.tick()
    return monitor.rows()[0]


def test_an_operation_that_never_ran_is_idle(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    never = OperationRow("gate", "Gate", None, None, None, 0.0, 0.0, (0.0,) * 60, "idle")
    assert monitor.rows() == (never,)
    assert after(monitor, clock) == never
    assert gate.rate() == 0


def test_rows_in_the_order_of_asking_and_one_meter_a_name(monitor: Monitor, gate: Meter) -> None:
    monitor.meter("audit", "Audit")
    assert monitor.meter("gate", "other title") is gate
    assert [(row.name, row.title) for row in monitor.rows()] == [
        ("gate", "Gate"),
        ("audit", "Audit"),
    ]


def draws(kind: str) -> Callable[[], float]:
    dice = random.Random(kind)
    return {
        "lognormal": lambda: dice.lognormvariate(12, 1),
        "bimodal": lambda: dice.gauss(1e5, 5e3) if dice.random() < 0.9 else dice.gauss(5e6, 2e5),
        "heavy tail": lambda: 1e5 * dice.paretovariate(1.5),
    }[kind]


@pytest.mark.parametrize("per_second", [20, 1000])
@pytest.mark.parametrize("kind", ["lognormal", "bimodal", "heavy tail"])
def test_percentiles_of_the_last_minute_are_within_a_percent(
    monitor: Monitor, clock: ManualClock, gate: Meter, kind: str, per_second: int
) -> None:
    draw, last_minute = draws(kind), []
    for second in range(87):
        values = [round(draw()) for _ in range(per_second)]
        for value in values:
            gate.record(value)
        last_minute = [*last_minute[-59 * per_second :], *values]
        row = after(monitor, clock)
        if second in {0, 9, 10, 35, 59, 60, 69, 75, 86}:
            exact = [0, *sorted(last_minute), max(last_minute)]
            for share, found in ((0.5, row.p50_us), (0.95, row.p95_us), (0.99, row.p99_us)):
                rank = ceil(share * len(last_minute))  # sketches interpolate between neighbours
                assert found is not None
                assert 0.99 * exact[rank - 1] <= found * 1000 <= 1.01 * exact[rank + 1], second


def test_what_is_older_than_a_minute_is_forgotten(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    gate.record(5_000_000)
    gate.fail()
    row = after(monitor, clock)
    assert (row.p50_us, row.per_s, row.errors) == (5000, 0.2, 0.5)
    for second in range(2, 61):
        row = after(monitor, clock)
        assert (row.p50_us, row.errors) == (5000, 0.5)
        assert row.per_s == (0.2 if second <= 10 else 0)
        assert row.history == (0.0,) * (60 - second) + (5000,) + (0.0,) * (second - 1)
    assert after(monitor, clock).level == "idle"


@pytest.mark.parametrize("start", range(0, 13, 3))
@pytest.mark.parametrize("age", [1, 9, 10, 11, 49, 50, 51, 59, 60, 61])
def test_each_second_counts_for_exactly_a_minute(
    monitor: Monitor, clock: ManualClock, gate: Meter, start: int, age: int
) -> None:
    for _ in range(start):
        after(monitor, clock)
    gate.record(1000)
    for _ in range(age):
        row = after(monitor, clock)
    assert row.p50_us == (1.0 if age <= 60 else None)


def test_rates_count_failures_too(monitor: Monitor, clock: ManualClock, gate: Meter) -> None:
    for second in range(30):
        for _ in range(second):
            gate.record(1000)
        gate.fail()
        row = after(monitor, clock)
    assert row.per_s == pytest.approx((sum(range(20, 30)) + 10) / 10)
    assert gate.rate() == pytest.approx((sum(range(30)) + 30) / 60)


def test_a_late_tick_lets_all_its_seconds_pass(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    gate.record(1000)
    after(monitor, clock)
    gate.record(2000)
    row = after(monitor, clock, 20)
    assert row.per_s == 0.1
    assert row.history[-21:] == (1.0, *(0.0,) * 19, 2.0)
    gate.record(3000)
    row = after(monitor, clock, 100_000)
    assert row.history[-2:] == (0.0, 3.0)
    assert (row.p50_us, gate.rate()) == (3.0, pytest.approx(1 / 60))


def test_ticks_within_a_second_change_nothing(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    after(monitor, clock)
    rows = monitor.rows()
    gate.record(1000)
    for _ in range(9):
        after(monitor, clock, 0.1)
        assert monitor.rows() is rows
    assert after(monitor, clock, 0.1).p50_us == 1.0


@pytest.mark.parametrize(
    ("calls", "failures", "level"),
    [(1, 0, "ok"), (999, 1, "warn"), (998, 1, "bad"), (1999, 1, "warn"), (0, 1, "bad")],
)
def test_levels(
    monitor: Monitor, clock: ManualClock, gate: Meter, calls: int, failures: int, level: str
) -> None:
    for _ in range(calls):
        gate.record(1000)
    for _ in range(failures):
        gate.fail()
    row = after(monitor, clock)
    assert row.level == level
    assert row.errors == failures / (calls + failures)
    assert (row.p50_us is None) == (calls == 0)


def test_beyond_its_bound_a_meter_counts_without_timing(
    monitor: Monitor, clock: ManualClock, gate: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "MAX_FRESH", 100)
    for value in range(250):
        gate.record(1000 if value < 100 else 9000)
    row = after(monitor, clock)
    assert (row.p99_us, row.per_s) == (pytest.approx(1.0), 25.0)


def test_records_from_other_threads_are_all_counted(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    def work() -> None:
        for _ in range(20_000):
            gate.record(1000)
            gate.fail()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    seconds = 0
    while any(thread.is_alive() for thread in threads) and seconds < 50:
        after(monitor, clock)
        seconds += 1
        threads[0].join(0.005)
    for thread in threads:
        thread.join()
    row = after(monitor, clock)
    assert round(gate.rate() * 60) == 160_000
    assert row.errors == 0.5
