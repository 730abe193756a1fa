"""A policy that changes while actions wait: nothing leaves under the old one, none is stuck."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.desk import DeskError
from app.settings import FirewallSettings, Settings
from components.actions import Action
from components.gate import Judged
from components.intent_firewall import Firewall, builtin_packs, load_pack
from tests.gate.test_consume import submission
from tests.gate.test_hang_up import writer_held
from tests.support import PATIENCE_S, RunningNode, running_node, until

DROP = {"tool": "query", "arguments": {"sql": "DROP TABLE t"}}
DELAY_S = 0.5
DELAYED = Settings(
    hitl={name: {"release_delay_s": DELAY_S} for name in ("critical", "high", "medium", "low")}
)
PACK = """
[pack]
name = "strict"
description = "Nothing but a test"

[[rule]]
id = "strict.no-drop"
severity = "critical"
effect = "block"
reason = "Nothing is dropped here"
match.sql.kind = ["drop"]
match.sql.table = ["t"]
for = ["DROP TABLE t"]
against = ["SELECT * FROM t"]
"""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    with running_node(tmp_path, DELAYED) as running:
        yield running


def approved(node: RunningNode) -> bool:
    """Whether an approval is taken; it is not while the screens have not looked again."""
    try:
        node.answer(node.waiting("query"), "approve")
    except DeskError:
        return False
    return True


def asked(node: RunningNode):
    future = node.node.call(node.node.engine.gate.submit(submission(node, **DROP)))
    return future, node.waiting("query")


def test_what_waits_can_be_answered_after_a_restart_under_other_rules(tmp_path: Path) -> None:
    with running_node(tmp_path / "home") as node:
        asking = node.ask(Action(**DROP))
        before = node.waiting("query")
        node.node.stop()
        pack = tmp_path / "own.toml"
        pack.write_text(PACK.replace('"block"', '"ask"'))
        other = Settings(firewall=FirewallSettings(packs=(str(pack),)))
        with running_node(tmp_path / "home", other) as again:
            assert again.node.engine.policy != before.policy_version
            until(lambda: approved(again), "an approval under the new rules")
            assert asking.result().allowed


def test_a_question_on_its_way_when_the_policy_changed_can_be_answered(node: RunningNode) -> None:
    engine = node.node.engine
    with writer_held(node):
        asking = node.node.call(engine.gate.submit(submission(node, **DROP)))
        until(lambda: engine.store.writer.queued() or engine.core.live, "the question on its way")
        engine.policy = "another"
    until(lambda: approved(node), "an approval under the new policy")
    assert asking.result(PATIENCE_S).verdict.policy_version == "another"


def test_an_approval_does_not_leave_under_a_policy_that_came_after_it(node: RunningNode) -> None:
    asking, view = asked(node)
    node.answer(view, "approve")
    node.node.engine.policy = "another"
    restored = node.waiting("query")
    assert restored.version > view.version
    assert not restored.answered_by
    until(lambda: approved(node), "an approval under the new policy")
    assert asking.result(PATIENCE_S).verdict.policy_version == "another"


def test_what_the_new_rules_block_is_denied_and_cannot_be_approved(
    node: RunningNode, tmp_path: Path
) -> None:
    engine = node.node.engine
    pack = tmp_path / "strict.toml"
    pack.write_text(PACK)
    asking, view = asked(node)
    engine.screens.firewall = Firewall((*builtin_packs(), load_pack(pack)))
    engine.policy = "strict"
    verdict = asking.result(PATIENCE_S).verdict
    assert (verdict.verdict, verdict.rule) == ("deny", "strict.no-drop")
    with pytest.raises(DeskError, match="denied by the policy"):
        node.answer(view, "approve")
    judged = next(event for event in node.events if isinstance(event, Judged))
    assert judged.decided_by == "rule"
    assert "Nothing is dropped here" in verdict.reasons


def test_a_stop_takes_back_an_approval_that_has_not_left(node: RunningNode) -> None:
    asking, view = asked(node)
    node.answer(view, "approve")
    node.desk.stop_everything().result(PATIENCE_S)
    back = node.waiting("query")
    assert not back.answered_by
    node.desk.stop_everything().result(PATIENCE_S)
    released = threading.Event()
    asking.add_done_callback(lambda _: released.set())
    assert not released.wait(2 * DELAY_S), "a resume releases nothing by itself"
    node.answer(node.waiting("query"), "reject")
    assert asking.result(PATIENCE_S).verdict.verdict == "deny"
