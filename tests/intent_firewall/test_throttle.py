import pytest

from components.clock import ManualClock
from components.intent_firewall import Throttle


def test_a_burst_passes_then_the_rate_holds() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, rate_per_s=10, burst=5)
    assert [throttle.admit("a") is None for _ in range(7)] == [True] * 5 + [False] * 2
    clock.advance(0.1)
    assert throttle.admit("a") is None
    reason = throttle.admit("a")
    assert reason is not None
    assert (reason.rule, reason.effect) == ("throttle.rate", "block")


def test_agents_do_not_share_a_bucket() -> None:
    throttle = Throttle(ManualClock(), rate_per_s=1, burst=1)
    assert throttle.admit("a") is None
    assert throttle.admit("b") is None
    assert throttle.admit("a") is not None


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, rate_per_s=100, burst=2)
    throttle.admit("a")
    clock.advance(3600)
    assert [throttle.admit("a") is None for _ in range(3)] == [True, True, False]


def test_failures_in_a_row_break_and_one_good_outcome_mends() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, failures=3, cooldown_s=10)
    for failed in (True, True, False, True, True):
        throttle.report("a", failed)
    assert throttle.broken == ()
    throttle.report("a", True)
    assert throttle.broken == ("a",)
    assert throttle.is_broken("a")
    assert not throttle.is_broken("b")
    reason = throttle.admit("a")
    assert reason is not None
    assert reason.rule == "throttle.broken"
    clock.advance(10)
    assert throttle.admit("a") is None  # the trial
    assert throttle.admit("a") is not None  # only one
    throttle.report("a", False)
    assert throttle.admit("a") is None
    assert throttle.broken == ()


def test_a_failed_trial_breaks_again() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, failures=2, cooldown_s=10)
    throttle.report("a", True)
    throttle.report("a", True)
    clock.advance(10)
    assert throttle.admit("a") is None
    throttle.report("a", True)
    assert throttle.admit("a") is not None
    clock.advance(10)
    assert throttle.admit("a") is None


def test_a_trial_whose_outcome_never_comes_is_tried_again() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, failures=1, cooldown_s=10)
    throttle.report("a", True)
    clock.advance(10)
    assert throttle.admit("a") is None
    clock.advance(10)
    assert throttle.admit("a") is None


def test_memory_is_bounded() -> None:
    throttle = Throttle(ManualClock(), burst=1, max_agents=3)
    for name in "abcd":
        throttle.admit(name)
    assert throttle.admit("d") is not None
    assert throttle.admit("a") is None  # forgotten, so its bucket is full again


@pytest.mark.parametrize("bad", [{"rate_per_s": 0}, {"burst": 0}, {"failures": 0}])
def test_senseless_bounds_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Throttle(ManualClock(), **bad)  # type: ignore[arg-type]
