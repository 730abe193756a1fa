"""What comes to the disk after its deadline is no allow, whoever decided it."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from components.gate import Refusal
from tests.gate.test_consume import call, refused, submission
from tests.gate.test_hang_up import writer_held
from tests.support import PATIENCE_S, RunningNode, running_node, shown, until

DROP = {"tool": "query", "arguments": {"sql": "DROP TABLE t"}}
SOON_US = 300_000


def overtaken(node: RunningNode, **changes: object) -> str:
    """Submit what expires before the disk takes it: its request id, refused as late."""
    gate = node.node.engine.gate
    expires_at = time.time_ns() // 1000 + SOON_US
    sub = replace(submission(node, **changes), expires_at=expires_at)
    with writer_held(node):
        asking = node.node.call(gate.submit(sub))
        until(lambda: time.time_ns() // 1000 > expires_at, "the deadline")
    with pytest.raises(Refusal) as caught:
        asking.result(PATIENCE_S)
    assert caught.value.code == 408
    return sub.action.id


@pytest.mark.fault(42)
def test_fault_42_an_allow_of_the_rules_is_not_released_after_its_deadline(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        engine = node.node.engine
        request_id = overtaken(node)
        assert refused(node, engine.gate.query("tester", request_id)) == 404
        assert not engine.core.live
        found = until(lambda: engine.monitor.totals().get("gate.verdict"), "its figures")
        assert (found.failed, found.timeouts) == (0, 1)


def test_a_grant_is_not_used_by_an_allow_that_came_too_late(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        asking = node.node.call(node.node.engine.gate.submit(submission(node, **DROP)))
        view = node.waiting("query")
        node.desk.answer_similar(shown(view), "approve", minutes=5, count=2).result(PATIENCE_S)
        assert asking.result(PATIENCE_S).verdict.verdict == "allow"
        overtaken(node, **DROP)
        (grant,) = node.node.engine.grants.in_force()
        assert grant.left == 2
        verdict = call(node, node.node.engine.gate.submit(submission(node, **DROP))).verdict
        assert verdict.rule == f"grant.{grant.id}"
