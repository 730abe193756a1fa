"""The love metric over states worked out by hand, and the window against a recount."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.actions import Experience
from components.love_engine import LiveState, LiveWindow, compute_love_metric

UNEVENTFUL = LiveState(actions=100, entropy=0.0, order=1.0, wellbeing=1.0)
WORST = LiveState(actions=100, entropy=1.0, order=0.0, wellbeing=0.0)


def experience(outcome: str, shape: str = "s", by: str = "rule") -> Experience:
    verdict = {"denied": "deny", "expired": "expired"}.get(outcome, "allow")
    status = outcome if outcome in {"ok", "failed", "skipped"} else ""
    return Experience(
        time=0,
        request_id="r",
        agent="a",
        tool="t",
        shape=shape,
        intent="read",
        verdict=verdict,  # type: ignore[arg-type]
        decided_by=by,  # type: ignore[arg-type]
        safety=1.0,
        ethics=1.0,
        disposition="allow",
        status=status,  # type: ignore[arg-type]
    )


def state(*experiences: Experience) -> LiveState:
    window = LiveWindow(max(1, len(experiences)))
    for one in experiences:
        window.observe(one)
    return window.halves()[1]


def test_the_metric_runs_from_minus_one_to_one() -> None:
    assert compute_love_metric(WORST, UNEVENTFUL).value == pytest.approx(1.0)
    assert compute_love_metric(UNEVENTFUL, WORST).value == pytest.approx(-1.0)
    assert compute_love_metric(WORST, WORST).value == pytest.approx(0.0)


def test_the_parts_are_weighted() -> None:
    before = LiveState(actions=50, entropy=0.5, order=0.4, wellbeing=0.6)
    after = LiveState(actions=50, entropy=0.3, order=0.9, wellbeing=0.5)
    found = compute_love_metric(before, after)
    assert found.entropy_reduction == pytest.approx(0.2)
    assert found.order_gained == pytest.approx(0.5)
    assert found.wellbeing_gained == pytest.approx(-0.1)
    assert found.value == pytest.approx(0.4 * 0.2 + 0.3 * 0.5 - 0.3 * 0.1)


def test_too_few_actions_give_no_value() -> None:
    few = LiveState(actions=9, entropy=0.1)
    assert compute_love_metric(few, UNEVENTFUL).value is None
    assert compute_love_metric(UNEVENTFUL, few).value is None


def test_entropy_is_normalised() -> None:
    classes = ["ok", "failed", "skipped", "denied", "expired", "open"]
    assert state(*map(experience, classes)).entropy == pytest.approx(1.0)
    assert state(*[experience("ok")] * 5).entropy == 0.0
    half = state(experience("ok"), experience("failed"))
    assert half.entropy == pytest.approx(math.log(2) / math.log(6))


def test_order_is_the_share_inside_known_good_patterns() -> None:
    good = [experience("ok", "good")] * 4 + [experience("failed", "good")]
    poor = [experience("ok", "poor")] * 3 + [experience("failed", "poor")]
    rare = [experience("ok", "rare")] * 2
    assert state(*good, *poor, *rare).order == pytest.approx(5 / 11)


def test_wellbeing_falls_with_interventions_and_failures() -> None:
    experiences = [experience("ok"), experience("failed"), experience("denied", by="operator")]
    found = state(*experiences, experience("expired", by="timeout"))
    assert (found.intervention_rate, found.failure_rate) == (0.5, 0.5)
    assert found.wellbeing == pytest.approx(0.25)


def test_an_empty_state_is_neutral() -> None:
    assert LiveWindow(3).halves() == (LiveState(), LiveState())
    with pytest.raises(ValueError, match="at least one"):
        LiveWindow(0)


OUTCOMES = st.sampled_from(["ok", "ok", "ok", "failed", "denied", "expired", "open", "skipped"])


@given(
    st.lists(
        st.tuples(OUTCOMES, st.sampled_from("ab"), st.sampled_from(["rule", "operator"])),
        max_size=60,
    ),
    st.integers(1, 12),
)
def test_the_window_counts_as_a_recount_would(rows: list[tuple[str, str, str]], half: int) -> None:
    window = LiveWindow(half)
    experiences = [experience(*row) for row in rows]
    for one in experiences:
        window.observe(one)
    newer = experiences[-half:]
    older = experiences[-2 * half : -half]
    assert window.halves() == (_recount(older), _recount(newer))


def _recount(experiences: list[Experience]) -> LiveState:
    n = len(experiences)
    if not n:
        return LiveState()
    outcomes = Counter((one.verdict, one.status) for one in experiences)
    good = {
        shape
        for shape in "ab"
        if (ok := sum(one.shape == shape and one.status == "ok" for one in experiences)) >= 3
        and ok
        >= 0.8 * sum(one.shape == shape and one.status in {"ok", "failed"} for one in experiences)
    }
    failed = sum(one.status == "failed" for one in experiences)
    finished = failed + sum(one.status == "ok" for one in experiences)
    interventions = sum(one.decided_by != "rule" for one in experiences) / n
    failures = failed / finished if finished else 0.0
    entropy = -sum(c / n * math.log(c / n) for c in outcomes.values()) / math.log(6)
    return LiveState(
        actions=n,
        entropy=pytest.approx(entropy, abs=1e-9),
        order=sum(one.shape in good for one in experiences) / n,
        wellbeing=pytest.approx((1 - interventions) * (1 - failures)),
        intervention_rate=interventions,
        failure_rate=failures,
    )
