"""What measuring costs: a record is nothing to speak of, a second costs what was busy in it."""

from components.clock import ManualClock
from components.monitor import OPERATIONS, Meter, Monitor
from components.monitor.sketch import Sketch
from tests.guard.counting import executed
from tests.guard.growth import flat, linear

CALLS, SECONDS = 200, 80
PER_RECORD = 100
"""Bytecodes; it takes about 30."""


def durations(count: int) -> list[int]:
    """Spread over some hundred bins, as many as there ever are in a second."""
    return [100_000 + number * 7919 % 900_000 for number in range(count)]


def test_a_record_costs_the_same_however_many_there_are() -> None:
    meter = Meter("gate.verdict")

    def cost(recorded: int) -> int:
        for ns in durations(recorded):
            meter.record(ns)
        return executed(lambda: meter.record(1))

    flat(cost, CALLS)
    assert cost(1) <= PER_RECORD


def test_a_sketch_is_at_most_linear_in_the_calls() -> None:
    linear(lambda calls: executed(lambda: Sketch.of(durations(calls))), CALLS)


def test_a_second_costs_the_same_however_long_the_node_has_run() -> None:
    """All operations busy, until the windows of a minute and of five have filled."""
    clock = ManualClock()
    monitor = Monitor(clock)
    lived = 0

    def live(seconds: int) -> None:
        nonlocal lived
        for _ in range(seconds):
            lived += 1
            clock.advance(1)
            for operation in OPERATIONS:
                monitor.meter(operation.name).record(100_000 + lived % 7)
            monitor.tick()

    def cost(seconds: int) -> int:
        live(seconds - lived - 1)
        return executed(lambda: live(1))

    flat(cost, SECONDS)
