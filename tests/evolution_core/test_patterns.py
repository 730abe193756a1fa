"""The thresholds of patterns and suggestions, from both sides."""

import pytest

from components.actions import Experience
from components.clock import ManualClock
from components.evolution_core import EvolutionCore, Pattern, Suggestion, suggestion_id
from storage import Store
from tests.evolution_core.making import (
    FailingSeal,
    approved,
    experience,
    log_all,
    ran,
    rejected,
)


def kinds(core: EvolutionCore) -> set[str]:
    return {pattern.kind for pattern in core.recognize_patterns()}


def only(core: EvolutionCore, kind: str) -> Pattern:
    (found,) = (pattern for pattern in core.recognize_patterns() if pattern.kind == kind)
    return found


def ends(ok: int, failed: int) -> list[Experience]:
    return [ran(status="ok")] * ok + [ran(status="failed")] * failed


@pytest.mark.parametrize(
    ("ok", "failed", "kind"),
    [
        (2, 0, None),
        (3, 0, "successful_action"),
        (4, 1, None),
        (9, 2, "successful_action"),
        (0, 2, None),
        (0, 3, "failure_mode"),
        (3, 7, None),
        (2, 5, "failure_mode"),
        (5, 5, None),
    ],
)
def test_success_and_failure(core: EvolutionCore, ok: int, failed: int, kind: str | None) -> None:
    log_all(core, *ends(ok, failed))
    assert kinds(core) == ({kind} if kind else set())
    if kind:
        found = only(core, kind)
        assert (found.count, found.of) == (
            ok if kind == "successful_action" else failed,
            ok + failed,
        )
        assert 0 < found.confidence < found.count / found.of


def test_skipped_and_open_ends_are_no_evidence(core: EvolutionCore) -> None:
    log_all(core, *[ran(status="skipped")] * 9, *[experience()] * 9, ran(), ran())
    assert kinds(core) == set()
    log_all(core, ran())
    assert only(core, "successful_action").of == 3


@pytest.mark.parametrize(
    ("field", "under", "over", "kind"),
    [("ethics", 0.599, 0.6, "ethical_violation"), ("safety", 0.499, 0.5, "safety_issue")],
)
def test_violations_and_issues(
    core: EvolutionCore, field: str, under: float, over: float, kind: str
) -> None:
    low = experience(**{field: under, "verdict": "deny"})
    log_all(core, low, low, *[experience(**{field: over})] * 10)
    assert kinds(core) == set()
    log_all(core, low)
    assert kinds(core) == {kind}
    assert (only(core, kind).count, only(core, kind).of) == (3, 13)
    assert only(core, kind).text.endswith("3 of 13 times")


def test_slow_against_the_median_of_its_own_tool(core: EvolutionCore) -> None:
    slow = [ran(duration_us=21_000, shape="slow", status="ok")] * 2
    log_all(core, *slow, *[ran(duration_us=10_000, shape="usual")] * 20)
    log_all(core, *[ran(duration_us=10, tool="other", shape="other")] * 20)
    assert "performance_candidate" not in kinds(core)
    log_all(core, slow[0])
    found = only(core, "performance_candidate")
    assert (found.shape, found.tool, found.count) == ("slow", "shell", 3)
    assert found.times_slower == pytest.approx(2.1)
    assert found.text == "slow: 2.1 × shell's median, 3 runs"


def test_twice_the_median_is_not_slow_yet(core: EvolutionCore) -> None:
    log_all(core, *[ran(duration_us=10_000, shape="usual")] * 20)
    log_all(core, *[ran(duration_us=20_000, shape="twice")] * 3)
    assert "performance_candidate" not in kinds(core)


def test_more_evidence_is_surer_and_comes_first(core: EvolutionCore) -> None:
    log_all(core, *[ran(shape="few")] * 3, *[ran(shape="many")] * 30)
    first, second = core.recognize_patterns()
    assert (first.shape, second.shape) == ("many", "few")
    assert first.confidence > second.confidence


def rules(core: EvolutionCore) -> list[Suggestion]:
    return [found for found in core.suggest_improvements() if found.kind == "block_rule"]


def test_third_rejection_suggests_a_rule_exactly_once(
    core: EvolutionCore, store: Store, clock: ManualClock
) -> None:
    log_all(core, rejected(1, agent="ann", reason="too risky"), rejected(2, agent="bob"))
    log_all(core, rejected(3, shape="another shape"), experience(4, verdict="deny"))
    assert core.suggest_improvements() == ()
    made = clock.now()
    log_all(core, rejected(5, agent="cid", reason="it deletes the logs"))
    (rule,) = core.suggest_improvements()
    assert rule.id == suggestion_id("block_rule", "shell(command=ls)")
    assert (rule.kind, rule.shape, rule.tool) == ("block_rule", "shell(command=ls)", "shell")
    assert (rule.count, rule.of, rule.time) == (3, 3, made)
    assert rule.agents == ("ann", "bob", "cid")
    assert rule.reasons == ("too risky", "it deletes the logs")
    for part in ("shell(command=ls)", "3 times", "ann, bob, cid", "it deletes the logs"):
        assert part in rule.text
    clock.advance(60)
    log_all(core, rejected(6))
    (again,) = rules(core)
    assert (again.id, again.time, again.count) == (rule.id, made, 4)
    store.writer.run(lambda _: None)
    reader = store.reader()
    kept = reader.execute("SELECT id, state, time FROM suggestions").fetchall()
    reader.close()
    assert [tuple(row) for row in kept] == [(rule.id, "open", made)]


def test_a_timeout_is_no_rejection(core: EvolutionCore) -> None:
    timeout = experience(verdict="deny", decided_by="timeout")
    log_all(core, *[timeout] * 5, *[experience(verdict="expired", decided_by="timeout")] * 5)
    assert core.suggest_improvements() == ()


def test_repeated_approvals_propose_a_bounded_grant(core: EvolutionCore) -> None:
    log_all(core, *map(approved, range(4)))
    assert core.suggest_improvements() == ()
    log_all(core, approved(4))
    (grant,) = core.suggest_improvements()
    assert (grant.kind, grant.count) == ("standing_grant", 5)
    assert grant.uses > 0
    assert grant.minutes > 0


@pytest.mark.parametrize(
    "spoiler",
    [
        (rejected(9),),
        (experience(9, ethics=0.1),),
        tuple(ran(number, "failed") for number in range(12)),
    ],
)
def test_no_grant_where_there_is_doubt(
    core: EvolutionCore, spoiler: tuple[Experience, ...]
) -> None:
    log_all(core, *map(approved, range(5)), *spoiler)
    assert "standing_grant" not in {found.kind for found in core.suggest_improvements()}


def test_failing_and_slow_shapes_give_advice(core: EvolutionCore) -> None:
    log_all(core, *[ran(duration_us=10_000, shape="usual")] * 20)
    log_all(core, *[ran(duration_us=50_000, shape="slow")] * 3)
    log_all(core, *[ran(status="failed", shape="broken")] * 4)
    advice = {found.kind: found for found in core.suggest_improvements()}
    assert advice["failure_advice"].shape == "broken"
    assert "4 of 4" in advice["failure_advice"].text
    assert advice["speed_advice"].shape == "slow"
    assert "5.0 times the median of shell" in advice["speed_advice"].text


def test_a_dismissal_holds_for_good(core: EvolutionCore, store: Store, clock: ManualClock) -> None:
    log_all(core, *map(rejected, range(3)))
    (rule,) = rules(core)
    core.dismiss(rule.id).result(10)
    log_all(core, rejected(3))
    assert rules(core) == []
    again = EvolutionCore.open(store, clock)
    assert rules(again) == []
    with pytest.raises(KeyError):
        again.dismiss(rule.id)


def test_a_suggestion_keeps_its_time_over_a_restart(
    core: EvolutionCore, store: Store, clock: ManualClock
) -> None:
    log_all(core, *map(rejected, range(3)))
    (rule,) = rules(core)
    core.flush()
    clock.advance(3600)
    assert rules(EvolutionCore.open(store, clock)) == [rule]


def test_what_could_not_be_stored_is_stored_with_the_next_call(
    core: EvolutionCore, store: Store
) -> None:
    log_all(core, *map(rejected, range(3)))
    seal = FailingSeal()
    store.writer.join(seal)
    seal.error = RuntimeError("spoilt")
    (rule,) = rules(core)
    with pytest.raises(RuntimeError, match="spoilt"):
        core.dismiss(rule.id).result(10)
    seal.error = None
    assert len(rules(core)) == 1
    core.flush()
    reader = store.reader()
    assert reader.execute("SELECT count(*) FROM suggestions").fetchone()[0] == 1
    reader.close()


def test_capability_metrics(core: EvolutionCore) -> None:
    log_all(core, *[ran(duration_us=1000)] * 8, *[ran(status="failed")] * 2)
    log_all(core, approved(), approved(), approved(), rejected(), experience(tool="mail"))
    shell, mail = core.capability_metrics()
    assert (shell.name, mail.name) == ("shell", "mail")
    assert shell.success_rate == pytest.approx(11 / 13)
    assert shell.low < 11 / 13 < shell.high
    assert shell.approval_rate == pytest.approx(3 / 4)
    assert shell.intervention_rate == pytest.approx(4 / 14)
    assert shell.stats.p50_us == 1000
    assert (mail.success_rate, mail.approval_rate, mail.stats.p50_us) == (None, None, None)
    assert (mail.low, mail.high) == (0.0, 1.0)
    assert [found.name for found in core.agent_metrics()] == ["coder"]
