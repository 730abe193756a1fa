"""Reports: what a store holds comes out in exact figures, and doubt is told."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from components.advisor import Gathered, Report, build, gather
from components.advisor.report import AuditFigures, OperationFigures
from storage import open_reader
from tests.advisor.period import DAY, HOUR, NOON, SECOND, Period, answer

SINCE, UNTIL = NOON - 12 * HOUR, NOON + 12 * HOUR


@pytest.fixture
def period(tmp_path: Path) -> Iterator[Period]:
    made = Period(tmp_path)
    yield made
    made.close()


def gathered(period: Period, since: int = SINCE, until: int = UNTIL) -> Gathered:
    period.write(UNTIL)
    with closing(open_reader(period.folder)) as reader:
        return gather(reader, since, until, now=UNTIL)


def report(period: Period, since: int = SINCE, until: int = UNTIL) -> Report:
    return build("daily", "node-1", UNTIL, gathered(period, since, until))


def row(made: Report, operation: str) -> OperationFigures:
    (found,) = (one for one in made.operations if one.operation == operation)
    return found


def close(value: float | None, exact: float) -> bool:
    return value is not None and abs(value - exact) <= 0.01 * exact


def test_an_empty_store_says_that_nothing_was_measured(period: Period) -> None:
    made = report(period)
    assert made.summary == "Nothing was measured in this period (24 h): no node ran."
    assert made.covered_s == 0
    assert made.decisions.asked == made.actions.received == made.audit.entries == 0
    assert {one.status for one in made.operations} == {"not run"}
    assert made.resources == made.alerts == made.recommendations == ()


def test_operations_stand_against_their_targets(period: Period) -> None:
    period.measured("gate.verdict", 0, [900.0] * 200)
    period.measured("intent_firewall.validate_safe", 0, [300.0] * 200)
    period.measured("audit_system.log_action", 60, [8000.0] * 200, failed=30, timeouts=20)
    period.measured("storage.commit", 60, [250.0] * 10)
    made = report(period)
    gate = row(made, "gate.verdict")
    assert (gate.status, gate.calls, gate.few) == ("met", 200, False)
    assert close(gate.p95_us, 900)
    assert close(gate.factor, 0.45)
    assert row(made, "intent_firewall.validate_safe").status == "acceptable"
    missed = row(made, "audit_system.log_action")
    assert (missed.status, missed.failed, missed.timeouts) == ("missed", 30, 20)
    assert missed.errors == pytest.approx(0.2)
    assert close(missed.factor, 16)
    store = row(made, "storage.commit")
    assert (store.status, store.factor, store.few) == ("no target", None, True)
    assert row(made, "hitl.concurrent_requests").status == "not run"
    assert "Beyond what is acceptable: audit_system.log_action." in made.summary
    assert any("1 met, 1 acceptable, 1 missed" in fact for fact in made.facts)
    assert any("50 calls failed or timed out; most in audit_system" in fact for fact in made.facts)


def test_where_every_call_fails_the_target_is_missed(period: Period) -> None:
    period.measured("gate.verdict", 0, [], failed=5)
    gate = row(report(period), "gate.verdict")
    assert (gate.status, gate.p95_us, gate.factor) == ("missed", None, None)


def test_little_is_called_little(period: Period) -> None:
    period.measured("gate.verdict", 0, [900.0] * 12)
    said = report(period).summary
    assert "Little was measured: only" in said
    assert "fewer than 100 verdicts" in said


def test_the_period_before_is_compared_where_calls_bear_it_out(period: Period) -> None:
    for at, us, calls in ((-86_400, 500.0, 2000), (0, 1500.0, 1000)):
        period.measured("gate.verdict", at, [us + number % 7 for number in range(calls)])
    period.measured("gate.parse", -86_400, [10.0] * 50)
    period.measured("gate.parse", 0, [90.0] * 50)
    made = report(period)
    change = row(made, "gate.verdict").p95_change
    assert change is not None
    assert change.verdict == "slower"
    assert change.ratio == pytest.approx(3, rel=0.02)
    rate = row(made, "gate.verdict").per_s_change
    assert rate is not None
    assert rate.ratio == pytest.approx(0.5)
    few = row(made, "gate.parse").p95_change
    assert few is not None
    assert few.verdict == "too few"
    assert row(made, "gate.commit").p95_change is None
    assert any("slower: gate.verdict" in fact for fact in made.facts)


def test_decisions_of_the_period_alone_are_counted(period: Period) -> None:
    period.decided(-13 * 3600, "allowed", answers=(answer(-13 * 3600 + 5),))
    period.decided(0, "allowed", answers=(answer(10),))
    period.decided(1, "allowed", answers=(answer(31, "modify"),), modified="bb")
    period.decided(2, "denied", answers=(answer(42, "reject", operator="berta"),))
    period.decided(3, "denied")
    period.decided(4, "expired", escalations=1)
    period.decided(5, "cancelled")
    period.decided(6, "pending")
    period.decided(7, "releasing", answers=(answer(17),))
    period.decided(12 * 3600, "pending")
    seen = report(period).decisions
    assert (seen.asked, seen.approved, seen.modified, seen.rejected) == (8, 2, 1, 1)
    assert (seen.denied_by_node, seen.expired, seen.cancelled, seen.waiting) == (1, 1, 1, 2)
    assert seen.escalated == 1
    assert close(seen.waited_p50_us, 30 * SECOND)
    assert seen.waited_longest_us == 40 * SECOND
    assert [(one.name, one.answers) for one in seen.operators] == [("anna", 3), ("berta", 1)]
    assert (seen.step_s, len(seen.counts), seen.counts[0].asked) == (3600, 1, 8)


def test_a_damaged_decision_is_told_and_hides_no_other(period: Period) -> None:
    period.decided(0, "allowed", answers=(answer(10),))
    period.decided(1, "allowed", answers=(answer(10),))
    period.store.writer.run(
        lambda tx: tx.execute("UPDATE decisions SET body = x'c1' WHERE id = 'd1'") and None
    )
    seen = report(period).decisions
    assert (seen.asked, seen.unreadable) == (1, 1)


def test_actions_agents_gauges_and_the_log_are_counted(period: Period) -> None:
    for at in (-13 * 3600, 0, 1, 2, 13 * 3600):
        period.received(at)
        period.learned(at, agent="ada", status="ok")
    period.learned(3, agent="bob", verdict="deny", decided_by="operator")
    period.learned(4, agent="ada", status="failed")
    for at, count in ((-13 * 3600, 3), (10, 5), (11 * 3600, 2), (13 * 3600, 1)):
        period.audited(at, count)
    for at, value in ((-13 * 3600, 0.99), (0, 0.1), (1, 0.3), (3600, 0.5), (3601, 0.3)):
        period.gauge("resource.cpu", at, value)
    made = report(period)
    actions = made.actions
    assert (actions.received, actions.allowed, actions.denied) == (3, 4, 1)
    assert (actions.by_operator, actions.failed) == (1, 1)
    assert [(one.name, one.actions) for one in actions.agents] == [("ada", 4), ("bob", 1)]
    assert made.audit == AuditFigures(entries=7, checkpoints=1, size=11, checkpoint_size=11)
    (cpu,) = made.resources
    assert (cpu.low, cpu.high) == (0.1, 0.5)
    assert cpu.mean == pytest.approx(0.3)
    assert made.covered_s == 4


def test_history_is_drawn_only_of_the_period(period: Period) -> None:
    for at in (-13 * 3600, 0, 3600):
        period.measured("gate.verdict", at, [900.0] * 100)
    (gate,) = (one for one in report(period).trends if one.operation == "gate.verdict")
    assert sum(point.calls for point in gate.points) == 200
    assert all(SINCE <= point.start < UNTIL for point in gate.points)


def test_reading_changes_nothing_and_loads_in_steps(period: Period) -> None:
    for number in range(50):
        period.decided(number, "expired")
    told: list[str] = []
    with closing(open_reader(period.folder)) as reader:
        gather(reader, SINCE, UNTIL, now=UNTIL, progress=lambda what, *_: told.append(what))
        with pytest.raises(sqlite3.OperationalError):
            reader.execute("DELETE FROM decisions")
    assert set(told) == {"history", "decisions"}


def test_a_long_period_counts_by_days(period: Period) -> None:
    for day in range(4):
        for number in range(day + 1):
            period.decided(day * 86_400 + number, "expired")
    counts = report(period, NOON - DAY, NOON + 10 * DAY).decisions.counts
    assert [one.expired for one in counts] == [1, 2, 3, 4]
