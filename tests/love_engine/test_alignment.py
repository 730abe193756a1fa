"""Kappa and Wilson against values worked out by hand; tables bounded and storable."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.love_engine import LEAST_KAPPA, MIN_OBSERVATIONS, Alignment
from components.love_engine.alignment import Table, report
from components.wilson import wilson


def test_kappa_of_a_worked_example() -> None:
    # 35 of 50 agree; margins 25/50 and 30/50, so chance is 0.5 and kappa (0.7 - 0.5) / 0.5.
    found = report(Table(both=20, engine_only=5, person_only=10, neither=15))
    assert found.n == 50
    assert found.agreement == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert (found.agreement_low, found.agreement_high) == pytest.approx((0.5624, 0.8090), abs=1e-4)
    # Fleiss, Cohen and Everitt's formula, worked out for 20.5, 5.5, 10.5 and 15.5.
    assert (found.low, found.high) == pytest.approx((0.1384, 0.6308), abs=1e-4)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_interval(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-4)


def test_kappa_needs_the_minimum() -> None:
    alignment = Alignment()
    for place in range(MIN_OBSERVATIONS - 1):
        alignment.observe(place % 2 == 0, place % 2 == 0, tool="t", agent="a")
    before = alignment.evaluate()
    assert (before.n, before.agreement, before.kappa) == (MIN_OBSERVATIONS - 1, 1.0, None)
    alignment.observe(True, True, tool="t", agent="a")
    after = alignment.evaluate()
    assert after.kappa == pytest.approx(1.0)
    assert after.low is not None
    assert after.low < 0.9  # agreement of twenty is no certainty


def test_kappa_is_undefined_where_all_answers_are_one() -> None:
    found = report(Table(neither=500))
    assert (found.agreement, found.kappa, found.low, found.high) == (1.0, None, None, None)


def test_opposite_judgement_is_negative() -> None:
    assert report(Table(engine_only=30, person_only=30)).kappa == pytest.approx(-1.0)


def test_tables_for_tool_agent_and_pair() -> None:
    alignment = Alignment()
    for _ in range(3):
        alignment.observe(True, False, tool="shell", agent="coder")
    alignment.observe(True, True, tool="mail", agent="coder")
    counts = {
        (tool, agent): alignment.evaluate(tool, agent).n
        for tool in ("", "shell", "mail", "none")
        for agent in ("", "coder")
    }
    assert counts == {
        ("", ""): 4,
        ("", "coder"): 4,
        ("shell", ""): 3,
        ("shell", "coder"): 3,
        ("mail", ""): 1,
        ("mail", "coder"): 1,
        ("none", ""): 0,
        ("none", "coder"): 0,
    }
    assert alignment.tools() == ("shell", "mail")
    assert alignment.agents() == ("coder",)


def test_the_number_of_tables_is_bounded_and_the_overall_stays() -> None:
    alignment = Alignment(max_tables=10)
    for place in range(200):
        alignment.observe(True, True, tool=f"t{place}", agent=f"a{place}")
    assert alignment.evaluate().n == 200
    assert alignment.evaluate("t199", "a199").n == 1
    assert alignment.evaluate("t0").n == 0
    assert len(msgspec.msgpack.decode(alignment.state())["tables"]) == 10


def test_state_survives() -> None:
    alignment = Alignment()
    for place in range(40):
        alignment.observe(place % 3 == 0, place % 2 == 0, tool="t", agent=f"a{place % 4}")
    other = Alignment()
    other.restore(alignment.state())
    for tool, agent in [("", ""), ("t", ""), ("", "a1"), ("t", "a3")]:
        assert other.evaluate(tool, agent) == alignment.evaluate(tool, agent)
    with pytest.raises(msgspec.DecodeError):
        other.restore(b"\xc1")
    assert other.evaluate().n == 40


@given(cells=st.tuples(*[st.integers(0, 400)] * 4))
def test_reports_stay_in_their_bounds(cells: tuple[int, int, int, int]) -> None:
    found = report(Table(*cells))
    assert 0.0 <= found.agreement_low <= found.agreement_high <= 1.0
    if found.n:
        assert found.agreement_low - 1e-9 <= found.agreement <= found.agreement_high + 1e-9
    if found.kappa is not None and found.low is not None and found.high is not None:
        assert -1.0 <= found.low <= found.kappa + 1e-9
        assert found.kappa <= found.high + 1e-9 <= 1.0 + 2e-9


DAY = 86_400 * 1_000_000
NOW = 20_000 * DAY + 5


def decided(alignment: Alignment, count: int, *, alike: float, days_ago: int, tool: str = "t"):
    """So many decisions on a day, this share of them as the engine would have had it."""
    for place in range(count):
        engine = place % 2 == 0
        agree = place < alike * count
        person = engine if agree else not engine
        alignment.observe(engine, person, tool=tool, agent="a", at=NOW - days_ago * DAY)


def test_a_week_is_held_against_the_week_before() -> None:
    alignment = Alignment()
    decided(alignment, 60, alike=1.0, days_ago=9)
    decided(alignment, 60, alike=0.75, days_ago=2)
    trend = alignment.trend(NOW, tool="t")
    assert (trend.week.n, trend.before.n) == (60, 60)
    assert trend.before.kappa == pytest.approx(1.0)
    assert trend.week.kappa == pytest.approx(0.5)
    assert trend.drift == "moved"


def test_a_week_that_is_surely_too_low_is_told_and_a_doubtful_one_is_not() -> None:
    low, doubtful, steady = Alignment(), Alignment(), Alignment()
    decided(low, 100, alike=0.5, days_ago=0)
    decided(doubtful, MIN_OBSERVATIONS, alike=0.6, days_ago=0)
    decided(steady, 60, alike=0.9, days_ago=1)
    decided(steady, 60, alike=0.85, days_ago=8)
    assert low.trend(NOW).drift == "low"
    found = doubtful.trend(NOW).week
    assert found.kappa is not None
    assert found.kappa < LEAST_KAPPA < (found.high or 0.0)
    assert doubtful.trend(NOW).drift == ""
    assert steady.trend(NOW).drift == ""


def test_what_is_older_than_two_weeks_is_forgotten_by_the_days_alone() -> None:
    alignment = Alignment()
    decided(alignment, 30, alike=1.0, days_ago=14)
    decided(alignment, 30, alike=1.0, days_ago=13)
    decided(alignment, 30, alike=1.0, days_ago=0)
    trend = alignment.trend(NOW)
    assert (trend.week.n, trend.before.n) == (30, 30)
    assert alignment.evaluate().n == 90


def test_a_day_that_a_wrong_clock_put_ahead_makes_no_other_forgotten() -> None:
    alignment = Alignment()
    decided(alignment, 30, alike=1.0, days_ago=-40)
    decided(alignment, 30, alike=1.0, days_ago=8)
    decided(alignment, 30, alike=1.0, days_ago=0)
    trend = alignment.trend(NOW)
    assert (trend.week.n, trend.before.n) == (30, 30)


def test_days_survive_and_an_older_state_has_none() -> None:
    alignment = Alignment()
    decided(alignment, 40, alike=0.8, days_ago=1)
    other = Alignment()
    other.restore(alignment.state())
    assert other.trend(NOW, agent="a") == alignment.trend(NOW, agent="a")
    older = msgspec.msgpack.decode(alignment.state())
    del older["days"]
    other.restore(msgspec.msgpack.encode(older))
    assert other.trend(NOW, agent="a").week.n == 0
    assert other.evaluate(agent="a").n == 40


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    import random

    shares = [0.3, 0.05, 0.05, 0.6]
    chance = 0.35 * 0.35 + 0.65 * 0.65
    truth = (0.9 - chance) / (1 - chance)
    dice, held = random.Random(7), 0
    for _ in range(400):
        cells = [0, 0, 0, 0]
        for cell in dice.choices(range(4), shares, k=60):
            cells[cell] += 1
        found = report(Table(*cells))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert 0.91 < held / 400 < 0.995
