"""Which operations need something: those that miss their target, and those that drift."""

from collections.abc import Mapping

from components.advisor.gathered import Gathered
from components.advisor.judging import operations
from components.advisor.needs import needs
from components.advisor.recommend import Need
from components.advisor.report import (
    ActionFigures,
    AuditFigures,
    DecisionFigures,
    GaugePoint,
    GaugeTrend,
    Point,
    ResourceFigures,
    Trend,
)
from components.advisor.targets import targets
from components.monitor.baseline import Baseline, Machine, make_baseline
from components.monitor.figures import Figures
from tests.advisor.advising import figures

MACHINE = Machine("", "", "", 2, 100, "3.11")


def gathered(
    now: Mapping[str, Figures], before: Mapping[str, Figures] | None = None, points: int = 0
) -> Gathered:
    trend = tuple(Point(at, 60, 10, 0.0, float(at), 1.0, float(at), 9.0) for at in range(points))
    queue = tuple(GaugePoint(at, 60, 0.0, float(at), 9.0) for at in range(points))
    return Gathered(
        since=0,
        until=60_000_000,
        covered_s=60.0,
        figures=now,
        before=before or {},
        alerts=(),
        actions=ActionFigures(),
        decisions=DecisionFigures(),
        resources=(ResourceFigures("resource.cpu", 0.1, 0.85, 0.9),),
        audit=AuditFigures(),
        trends=tuple(Trend(name, name, trend) for name in now),
        gauges=(GaugeTrend("storage.queued", queue),),
    )


def found(seen: Gathered, baseline: Baseline | None = None) -> tuple[Need, ...]:
    return needs(seen, operations(seen.figures, seen.before, targets()), baseline)


def baseline(seen: Mapping[str, Figures]) -> Baseline:
    return make_baseline("may", seen, MACHINE, made_at=0, since=0, until=1)


def test_what_meets_its_target_needs_nothing() -> None:
    assert found(gathered({"love_engine.check_ethics": figures(1000, 50)})) == ()


def test_what_misses_its_target_says_by_how_much() -> None:
    (need,) = found(gathered({"love_engine.check_ethics": figures(1000, 3000)}))
    assert (need.status, need.factor) == ("missed", 15.0)
    assert need.said == "P95 3 ms, 15× its target of 200 µs"


def test_what_is_acceptable_is_not_what_was_aimed_at() -> None:
    (need,) = found(gathered({"love_engine.check_ethics": figures(1000, 400)}))
    assert need.status == "acceptable"
    assert need.said.endswith("still acceptable")


def test_a_few_calls_are_not_judged() -> None:
    assert found(gathered({"love_engine.check_ethics": figures(99, 3000)})) == ()


def test_calls_that_never_succeed_miss_their_target() -> None:
    failing = Figures(1000, 1000, 0, 16.0, None, None, None, None, None)
    (need,) = found(gathered({"love_engine.check_ethics": failing}))
    assert need.status == "missed"
    assert need.said == "none of 1,000 calls succeeded"


def test_what_became_slower_than_before_drifts() -> None:
    name = "love_engine.check_ethics"
    (need,) = found(gathered({name: figures(1000, 60)}, {name: figures(1000, 20)}))
    assert (need.status, need.factor) == ("drifted", 3.0)
    assert need.said == "P95 60 µs, 3× that of the period before"


def test_a_tail_that_grew_drifts_too() -> None:
    name = "love_engine.check_ethics"
    now = Figures(100_000, 0, 0, 1.0, 20, 30, 150, 200, 20)
    then = Figures(100_000, 0, 0, 1.0, 20, 30, 40, 200, 20)
    (need,) = found(gathered({name: now}, {name: then}))
    assert need.said.startswith("P99 150 µs, 3.75×")


def test_a_baseline_is_what_counts_where_there_is_one() -> None:
    name = "love_engine.check_ethics"
    slow = {name: figures(1000, 60)}
    (need,) = found(gathered(slow, slow), baseline({name: figures(1000, 20)}))
    assert need.said.endswith("that of the baseline may")
    assert found(gathered(slow, {name: figures(1000, 20)}), baseline(slow)) == ()


def test_differences_within_the_noise_are_no_drift() -> None:
    name = "love_engine.check_ethics"
    assert found(gathered({name: figures(1000, 21)}, {name: figures(1000, 20)})) == ()


def test_people_and_pauses_are_not_optimised() -> None:
    names = ("person.wait", "runtime.gc_pause")
    slow = {name: figures(1000, 9_000_000) for name in names}
    quick = {name: figures(1000, 10) for name in names}
    assert found(gathered(slow, quick)) == ()


def test_the_evidence_is_what_the_period_has_to_say() -> None:
    (need,) = found(gathered({"love_engine.check_ethics": figures(1000, 3000)}, points=12))
    evidence = need.evidence
    assert evidence.gauges == {"resource.cpu": 0.85}
    assert len(evidence.moments) == 12
    assert evidence.moments[3].queued == 3.0
    assert evidence.seconds == 60.0
