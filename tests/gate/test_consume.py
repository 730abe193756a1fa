"""A verdict is used once, by the agent it was given to, under the policy it was given under."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.intake.client import new_request_id
from components.actions import Action, Outcome
from components.canonical import digest
from components.gate import Refusal, Submission
from tests.support import PATIENCE_S, RunningNode, running_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    with running_node(tmp_path) as running:
        yield running


def submission(node: RunningNode, **changes: object) -> Submission:
    now = time.time_ns() // 1000
    fields = {"tool": "read_file", "arguments": {"path": "a.txt"}} | changes
    action = Action(id=new_request_id(now), agent="tester", **fields)  # type: ignore[arg-type]
    return Submission(
        action=action,
        digest=digest(node.node.identity.node, "tester", action.tool, action.arguments),
        expires_at=now + 30_000_000,
    )


def call(node: RunningNode, work):
    return node.node.call(work).result(PATIENCE_S)


def refused(node: RunningNode, work) -> int:
    with pytest.raises(Refusal) as caught:
        call(node, work)
    return caught.value.code


def allowed(node: RunningNode) -> Submission:
    sub = submission(node)
    assert call(node, node.node.engine.gate.submit(sub)).verdict.verdict == "allow"
    return sub


def test_a_verdict_is_consumed_once(node: RunningNode) -> None:
    gate, sub = node.node.engine.gate, allowed(node)
    assert call(node, gate.consume("tester", sub.action.id, sub.digest)) > 0
    assert refused(node, gate.consume("tester", sub.action.id, sub.digest)) == 410


def test_of_two_consumes_at_once_one_wins(node: RunningNode) -> None:
    gate, sub = node.node.engine.gate, allowed(node)

    async def both() -> list[object]:
        return await asyncio.gather(
            *(gate.consume("tester", sub.action.id, sub.digest) for _ in range(2)),
            return_exceptions=True,
        )

    results = call(node, both())
    assert sorted(type(result).__name__ for result in results) == ["Refusal", "int"]


@pytest.mark.fault(70)
def test_fault_70_policy_changed_between_approval_and_consume(node: RunningNode) -> None:
    engine, sub = node.node.engine, allowed(node)
    engine.policy = "another"
    assert refused(node, engine.gate.consume("tester", sub.action.id, sub.digest)) == 403


def test_a_verdict_is_consumed_only_for_its_own_action_and_agent(node: RunningNode) -> None:
    gate, sub = node.node.engine.gate, allowed(node)
    assert refused(node, gate.consume("tester", sub.action.id, "0" * 64)) == 409
    assert refused(node, gate.consume("other", sub.action.id, sub.digest)) == 404


def test_a_denied_action_is_neither_consumed_nor_reported(node: RunningNode) -> None:
    gate = node.node.engine.gate
    sub = submission(node, tool="shell", arguments={"command": ":(){ :|:& };:"})
    assert call(node, gate.submit(sub)).verdict.verdict == "deny"
    assert refused(node, gate.consume("tester", sub.action.id, sub.digest)) == 409
    report = Outcome(request_id=sub.action.id, agent="tester", status="ok")
    assert refused(node, gate.outcome(report)) == 409


def test_an_outcome_told_twice_counts_once(node: RunningNode) -> None:
    engine, sub = node.node.engine, allowed(node)
    report = Outcome(request_id=sub.action.id, agent="tester", status="ok", duration_us=5)
    for _ in range(2):
        call(node, engine.gate.outcome(report))
    engine.evolution.flush()
    assert engine.evolution.metrics.totals().ok == 1


def test_the_same_id_with_another_action_is_refused_and_alerted(node: RunningNode) -> None:
    gate, sub = node.node.engine.gate, allowed(node)
    other = submission(node, arguments={"path": "b.txt"})
    conflicting = Submission(
        action=Action(
            id=sub.action.id, agent="tester", tool="read_file", arguments={"path": "b.txt"}
        ),
        digest=other.digest,
        expires_at=sub.expires_at,
    )
    assert refused(node, gate.submit(conflicting)) == 409
    assert any(alert.name == "id-conflict" for alert in node.node.engine.conditions.active())


def test_the_same_submission_again_gets_the_same_bytes(node: RunningNode) -> None:
    gate, sub = node.node.engine.gate, submission(node)
    first = call(node, gate.submit(sub))
    for attempt in (1, 2):
        again = Submission(
            action=sub.action, digest=sub.digest, expires_at=sub.expires_at, attempt=attempt
        )
        assert call(node, gate.submit(again)).payload == first.payload


def test_what_has_expired_is_refused(node: RunningNode) -> None:
    sub = submission(node)
    late = Submission(action=sub.action, digest=sub.digest, expires_at=1)
    assert refused(node, node.node.engine.gate.submit(late)) == 408


def test_a_frozen_store_denies_and_opens_again_after_verification(node: RunningNode) -> None:
    engine = node.node.engine
    node.node.store.writer.freeze("a test says so")
    assert refused(node, engine.gate.submit(submission(node))) == 423
    said = node.desk.audit_verify(lambda done, total: True)
    assert "takes records again" in said
    assert call(node, engine.gate.submit(submission(node))).verdict.verdict == "allow"
