"""What was said once counts once: a signed answer, an approval in advance, a leave, an outcome."""

import time
from pathlib import Path

import pytest

from app.deeds import AnswerSimilar
from app.desk import DeskError
from app.settings import Settings
from components.actions import Answer
from components.gate import Refusal, sign_answer
from tests.gate.test_consume import allowed, call, refused, submission
from tests.support import PATIENCE_S, RunningNode, running_node, shown

DROP = {"tool": "query", "arguments": {"sql": "DROP TABLE t"}}
DELAYED = Settings(hitl={name: {"release_delay_s": 60} for name in ("critical", "high", "medium")})


def signed(node: RunningNode, decision_id: str, digest: str) -> bytes:
    identity = node.node.identity
    answer = Answer(
        decision_id=decision_id,
        digest=digest,
        answer="approve",
        operator=identity.operator,
        policy_version=node.node.engine.policy,
        decided_at=time.time_ns() // 1000,
        nonce="once-and-never-again",
    )
    return sign_answer(answer, identity.operator_key)


@pytest.mark.fault(56)
def test_fault_56_a_replayed_answer_is_refused_also_after_undo_and_restart(tmp_path: Path) -> None:
    with running_node(tmp_path, DELAYED) as node:
        operators, sub = node.node.engine.operators, submission(node, **DROP)
        node.node.call(node.node.engine.gate.submit(sub))
        view = node.waiting("query")
        envelope = signed(node, view.id, sub.digest)
        call(node, operators.answer(envelope))
        node.desk.undo(view.id).result(PATIENCE_S)
        assert refused(node, operators.answer(envelope)) == 410
    with running_node(tmp_path, DELAYED) as again:
        assert again.waiting("query").id == view.id
        assert refused(again, again.node.engine.operators.answer(envelope)) == 410
        again.answer(again.waiting("query"), "reject")


def test_what_two_people_decide_is_not_allowed_in_advance_by_one(tmp_path: Path) -> None:
    with running_node(tmp_path, Settings(hitl={"two_person_tier": 1})) as node:
        asking = node.node.call(node.node.engine.gate.submit(submission(node, **DROP)))
        view = node.waiting("query")
        with pytest.raises(DeskError, match="two people"):
            node.desk.answer_similar(shown(view), "approve", minutes=5, count=9).result(PATIENCE_S)
        assert not node.node.engine.grants.in_force()
        assert not node.waiting("query").answered_by
        node.desk.answer_similar(shown(view), "reject", minutes=5, count=9).result(PATIENCE_S)
        assert asking.result(PATIENCE_S).verdict.verdict == "deny"
        assert len(node.node.engine.grants.in_force()) == 1


def test_no_leave_is_used_while_everything_or_its_agent_is_stopped(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        gate, sub = node.node.engine.gate, allowed(node)
        for press in (node.desk.stop_everything, lambda: node.desk.pause_agent("tester")):
            press().result(PATIENCE_S)
            assert refused(node, gate.consume("tester", sub.action.id, sub.digest)) == 429
            press().result(PATIENCE_S)
        assert call(node, gate.consume("tester", sub.action.id, sub.digest)) > 0


def test_changed_arguments_without_a_digest_are_refused_in_words(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        asking = node.node.call(node.node.engine.gate.submit(submission(node, **DROP)))
        view = node.waiting("query")
        with pytest.raises(DeskError, match="no digest"):
            node.answer(view, "modify", arguments={"sql": "SELECT 1", "limit": 2**60})
        node.answer(view, "reject")
        assert asking.result(PATIENCE_S).verdict.verdict == "deny"


def test_a_known_request_sent_anew_is_no_error_of_the_audit_system(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        engine, sub = node.node.engine, allowed(node)
        assert call(node, engine.gate.submit(sub)).verdict.verdict == "allow"
        call(node, engine.look())
        totals = engine.monitor.totals().values()
        assert not any(total.failed or total.timeouts for total in totals)


def test_a_question_that_expires_while_it_is_screened_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_node(tmp_path) as node:
        engine, sub = node.node.engine, submission(node, **DROP)
        assess = engine.screens.assess_all

        def slow(actions):
            monkeypatch.setattr(node.node.clock, "now", lambda: sub.expires_at, raising=False)
            return assess(actions)

        monkeypatch.setattr(engine.screens, "assess_all", slow)
        with pytest.raises(Refusal) as caught:
            call(node, engine.gate.submit(sub))
        assert caught.value.code == 408
        monkeypatch.undo()


def test_a_changed_action_allows_nothing_in_advance(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        asking = node.node.call(node.node.engine.gate.submit(submission(node, **DROP)))
        view = node.waiting("query")
        signed = node.desk._signed(shown(view), "modify", "", {"sql": "SELECT 1"})
        with pytest.raises(DeskError, match="of one action"):
            node.desk.do(AnswerSimilar(signed, 5, 9)).result(PATIENCE_S)
        assert not node.node.engine.grants.in_force()
        node.answer(node.waiting("query"), "reject")
        assert asking.result(PATIENCE_S).verdict.verdict == "deny"
