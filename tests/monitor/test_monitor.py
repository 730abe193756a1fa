"""What the monitor says is what happened in its windows."""

import random
from math import ceil
from threading import Thread

import pytest

from components.clock import ManualClock
from components.monitor import Meter, Monitor, Second

GATE = "gate.verdict"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def monitor(clock: ManualClock) -> Monitor:
    return Monitor(clock)


@pytest.fixture
def gate(monitor: Monitor) -> Meter:
    return monitor.meter(GATE)


def after(monitor: Monitor, clock: ManualClock, seconds: float = 1) -> None:
    clock.advance(seconds)
    monitor.tick()


def test_an_operation_that_never_ran_has_no_figures(monitor: Monitor, clock: ManualClock) -> None:
    after(monitor, clock)
    assert all(monitor.figures(window) == {} for window in ("10s", "1m", "5m", "1h"))
    assert monitor.over([GATE], "1m") is None
    assert monitor.totals() == {}
    assert monitor.history(GATE) == (0.0,) * 60


def test_only_what_the_catalogue_names_is_measured(monitor: Monitor) -> None:
    with pytest.raises(KeyError):
        monitor.meter("gate.nothing")
    assert monitor.meter(GATE) is monitor.meter(GATE)


def test_windows_forget_what_is_older(monitor: Monitor, clock: ManualClock, gate: Meter) -> None:
    dice = random.Random(7)
    seconds: list[list[int]] = []
    for second in range(4_000):
        values = [dice.randrange(1_000, 1_000_000) for _ in range(second % 4)]
        for value in values:
            gate.record(value)
        seconds.append(values)
        after(monitor, clock)
        if second in {0, 9, 10, 59, 60, 61, 299, 305, 3_599, 3_605, 3_999}:
            for window, length, slack in (("10s", 10, 0), ("1m", 60, 0), ("5m", 300, 10),
                                          ("1h", 3600, 10)):  # fmt: skip
                found = monitor.figures(window).get(GATE)
                exact = [value for one in seconds[-length:] for value in one]
                least = [value for one in seconds[-(length - slack) :] for value in one]
                most = [value for one in seconds[-(length + slack) :] for value in one]
                assert found is not None or not exact
                if found is not None:
                    assert len(least) <= found.calls <= len(most)
                    if not slack:
                        p99 = sorted(exact)[ceil(0.99 * len(exact)) - 1] / 1000
                        assert found.p99_us == pytest.approx(p99, rel=0.01)


def test_rates_errors_and_timeouts(monitor: Monitor, clock: ManualClock, gate: Meter) -> None:
    for _ in range(10):
        for _ in range(7):
            gate.record(1_000)
        gate.fail()
        gate.timeout()
        gate.timeout()
        after(monitor, clock)
    found = monitor.figures("10s")[GATE]
    assert (found.calls, found.failed, found.timeouts, found.per_s) == (100, 10, 20, 10.0)
    assert found.errors == 0.3
    assert [monitor.per_s(GATE, window) for window in ("10s", "1m", "5m", "1h")] == [10.0] * 4
    assert found.p50_us == found.p999_us == pytest.approx(1.0, rel=0.01)


def test_ten_seconds_are_the_newest_of_the_minute(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    for second in range(1, 41):
        gate.record(second * 1_000)
        after(monitor, clock)
    found = monitor.figures("10s")[GATE]
    assert (found.calls, found.mean_us, found.per_s) == (10, 35.5, 1.0)
    assert found.p50_us == pytest.approx(35, rel=0.01)


def test_figures_hold_as_long_as_nothing_comes_or_falls_out(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    for _ in range(60):
        after(monitor, clock)
    gate.record(1_000)
    after(monitor, clock)
    found = monitor.figures("1m")[GATE]
    after(monitor, clock)
    assert monitor.figures("1m")[GATE] is found
    gate.fail()
    after(monitor, clock)
    assert monitor.figures("1m")[GATE].calls == 2


def test_several_operations_together_are_as_one(monitor: Monitor, clock: ManualClock) -> None:
    safe, unsafe = "intent_firewall.validate_safe", "intent_firewall.validate_unsafe"
    for value in range(1, 100):
        monitor.meter(safe).record(value * 1_000)
    monitor.meter(unsafe).record(1_000_000)
    after(monitor, clock)
    found = monitor.over([safe, unsafe], "1m")
    assert found is not None
    assert found.calls == 100
    assert found.p50_us == pytest.approx(50, rel=0.01)
    assert found.p999_us == pytest.approx(1_000, rel=0.01)


def test_a_late_tick_counts_the_seconds_that_passed(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    gate.record(1_000)
    after(monitor, clock)
    gate.record(2_000)
    after(monitor, clock, 20)
    assert monitor.figures("10s")[GATE].calls == 1
    assert monitor.figures("1m")[GATE].calls == 2
    after(monitor, clock, 100_000)
    assert all(GATE not in monitor.figures(window) for window in ("10s", "1m", "5m", "1h"))
    assert monitor.totals()[GATE].calls == 2


def test_a_second_tick_within_a_second_does_nothing(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    heard: list[Second] = []
    monitor.on_second(heard.append)
    gate.record(1_000)
    after(monitor, clock)
    found = monitor.figures("1m")
    gate.record(2_000)
    after(monitor, clock, 0.5)
    assert monitor.figures("1m") is found
    assert [second.totals[GATE].calls for second in heard] == [1]


def test_nothing_is_lost_between_threads(monitor: Monitor, clock: ManualClock, gate: Meter) -> None:
    each, threads = 5_000, 4

    def work() -> None:
        for _ in range(each):
            gate.record(1_000)
            gate.fail()

    workers = [Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        after(monitor, clock)
    after(monitor, clock)
    total = monitor.totals()[GATE]
    assert (total.sketch.count, total.failed) == (each * threads, each * threads)


def test_a_gauge_that_is_unknown_is_not_there(monitor: Monitor) -> None:
    monitor.gauge("resource.cpu", 0.5)
    monitor.gauge("resource.memory", 0.25)
    monitor.gauge("resource.cpu", None)
    assert monitor.gauges() == {"resource.memory": 0.25}


def test_the_last_minute_is_one_p99_a_second(
    monitor: Monitor, clock: ManualClock, gate: Meter
) -> None:
    gate.record(1_000_000)
    after(monitor, clock)
    after(monitor, clock)
    assert monitor.history(GATE)[-2:] == (pytest.approx(1_000, rel=0.01), 0.0)
