import pytest

from bench.stress.timeline import (
    KEPT_S,
    Tick,
    Timeline,
    failed_percent,
    in_any,
    normal_p95,
    recovery_s,
    tick,
    windows,
)


def calm(at, **more):
    return Tick(at, **({"calls": 10, "failed": 0, "p95_ms": 2.0} | more))


def test_calls_are_counted_by_when_they_were_due():
    line = Timeline(1.0)
    for due, heard in ((0.1, 3.0), (1.2, "full"), (0.9, 5.0), (1.4, 7.0)):
        line.hear(due, heard)
    first, second = line.ticks()
    assert (first.at, first.calls, first.failed, first.p95_ms) == (0.0, 2, 0, 5.0)
    assert (second.at, second.calls, second.failed, second.p95_ms) == (1.0, 2, 1, 7.0)
    assert line.why == "full"


def test_what_comes_very_late_is_counted_in_its_stretch():
    line = Timeline(1.0)
    line.hear(0.0, 1.0)
    line.hear(KEPT_S + 2, 1.0)
    line.hear(0.5, 9_000.0)
    first = line.ticks()[0]
    assert (first.calls, first.p95_ms) == (2, 9_000.0)


def test_a_stretch_in_which_all_failed_has_no_time():
    found = tick(3.0, ["refused", "refused"])
    assert found.failed == found.calls == 2
    assert found.p95_ms == float("inf")
    assert normal_p95([found, calm(4.0)], until=9.0) == 2.0


def test_bursts_have_a_normal_stretch_before_them():
    spans = windows(300, 60, 2)
    assert spans == [(300, 360), (660, 720)]
    assert [in_any(at, spans) for at in (0, 300, 359.9, 360, 700)] == [
        False, True, True, False, True,
    ]  # fmt: skip


def test_recovery_counts_from_the_end_of_the_burst():
    ticks = [calm(at) for at in range(5)]
    ticks += [calm(5, p95_ms=80.0), calm(6, p95_ms=50.0), calm(7), calm(8), calm(9)]
    assert recovery_s(ticks, end=5, until=10, calm_ms=4.0) == 2
    assert recovery_s(ticks, end=7, until=10, calm_ms=4.0) == 0


def test_calm_that_does_not_last_is_no_recovery():
    ticks = [calm(0), calm(1), calm(2, failed=1), calm(3), calm(4)]
    assert recovery_s(ticks, end=0, until=5, calm_ms=4.0) is None
    assert recovery_s([*ticks, calm(5)], end=0, until=6, calm_ms=4.0) == 3
    assert recovery_s([*ticks, calm(5)], end=0, until=5, calm_ms=4.0) is None


def test_nothing_before_a_burst_is_an_error():
    with pytest.raises(ValueError, match="before the first burst"):
        normal_p95([calm(5)], until=5)


def test_failures_are_told_in_percent():
    assert failed_percent([calm(0), calm(1, failed=1)]) == 5.0
    assert failed_percent([]) == 0.0
