"""Conditions are raised and cleared by their owners, and stand in order."""

from components.clock import ManualClock
from components.monitor import Condition, Conditions


def test_a_condition_holds_from_when_it_was_raised_and_tells_the_newest_text() -> None:
    clock = ManualClock(now=100)
    conditions = Conditions(clock)
    conditions.report("wal", "64 MiB")
    clock.advance(1)
    conditions.report("wal", "65 MiB")
    assert conditions.active() == (Condition("wal", "65 MiB", 100),)
    conditions.report("wal", "")
    conditions.report("wal", "")
    assert conditions.active() == ()


def test_one_that_comes_again_began_again() -> None:
    clock = ManualClock(now=100)
    conditions = Conditions(clock)
    conditions.report("rules", "bad")
    conditions.report("rules", "")
    clock.advance(1)
    conditions.report("rules", "bad")
    assert conditions.active() == (Condition("rules", "bad", 1_000_100),)


def test_they_stand_in_the_order_of_raising() -> None:
    conditions = Conditions(ManualClock())
    for name in ("b", "a", "c"):
        conditions.report(name, name)
    conditions.report("b", "again")
    assert [one.name for one in conditions.active()] == ["b", "a", "c"]
