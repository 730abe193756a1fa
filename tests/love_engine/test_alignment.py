"""Kappa and Wilson against values worked out by hand; tables bounded and storable."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.love_engine import MIN_OBSERVATIONS, Alignment
from components.love_engine.alignment import Table, report
from components.wilson import wilson


def test_kappa_of_a_worked_example() -> None:
    # 35 of 50 agree; margins 25/50 and 30/50, so chance is 0.5 and kappa (0.7 - 0.5) / 0.5.
    found = report(Table(both=20, engine_only=5, person_only=10, neither=15))
    assert found.n == 50
    assert found.agreement == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert (found.agreement_low, found.agreement_high) == pytest.approx((0.5624, 0.8090), abs=1e-4)
    assert (found.low, found.high) == pytest.approx((0.1249, 0.6179), abs=2e-4)


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
