"""What Claude Code hears of each verdict, from a real node: status, and all of standard output."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.intake.wire import OutcomeReport
from app.settings import Settings
from components.gate import Reported
from tests.client.scripted import ScriptedNode, verdict
from tests.hooks.hook import BOMB, LIST, PUSH, Ended, answered, asking, event
from tests.support import PATIENCE_S, RunningNode, running_node, shown, until


def reason(ended: Ended) -> str:
    said = ended.said
    assert (ended.status, ended.err) == (0, "")
    assert said.pop("hookEventName") == "PreToolUse"
    text = said.pop("permissionDecisionReason")
    assert isinstance(text, str)
    return text


def decide(node: RunningNode, given: bytes, kind: str, **more: Any) -> Ended:
    """Ask, and have the operator answer."""
    hook = asking(node.home, given)
    node.answer(node.waiting(), kind, **more)
    return hook.ended()


def test_where_no_rule_objects_the_agent_decides(tmp_path: Path) -> None:
    with running_node(tmp_path):
        ended = answered(tmp_path, event())
    assert ended == Ended(0, "{}\n", "")


def test_what_a_rule_blocks_is_denied_with_its_reason(tmp_path: Path) -> None:
    with running_node(tmp_path):
        ended = answered(tmp_path, event(tool_input=BOMB))
    assert ended.said["permissionDecision"] == "deny"
    assert "destroy.fork-bomb" in reason(ended)
    assert set(ended.said) == {
        "hookEventName", "permissionDecision", "permissionDecisionReason",
    }  # fmt: skip


def test_what_a_person_approves_is_allowed(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        ended = decide(node, event(tool_input=PUSH), "approve")
    assert ended.said["permissionDecision"] == "allow"
    assert "updatedInput" not in ended.said
    assert "approved by" in reason(ended)


def test_a_rejection_tells_the_reason(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        ended = decide(node, event(tool_input=PUSH), "reject", reason="not on a Friday")
    assert ended.said["permissionDecision"] == "deny"
    assert "not on a Friday" in reason(ended)


def test_changed_arguments_replace_those_of_the_agent(tmp_path: Path) -> None:
    changed = {"command": "git push --force-with-lease", "note": "é"}
    with running_node(tmp_path) as node:
        ended = decide(node, event(tool_input=PUSH), "modify", arguments=changed)
    assert ended.said["permissionDecision"] == "allow"
    assert ended.said["updatedInput"] == changed
    assert "changed and approved by" in reason(ended)


def test_a_standing_grant_speaks_for_its_operator(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        hook = asking(tmp_path, event(tool_input=PUSH))
        view = node.waiting()
        node.desk.answer_similar(shown(view), "approve", minutes=5, count=3).result(PATIENCE_S)
        assert hook.ended().said["permissionDecision"] == "allow"
        ended = answered(tmp_path, event(tool_input=PUSH))
    assert ended.said["permissionDecision"] == "allow"
    assert "grant." in reason(ended)


def test_what_nobody_answers_is_denied(tmp_path: Path) -> None:
    hasty = Settings(hitl={"high": {"wait_s": 0.3, "on_timeout": "deny"}})
    with running_node(tmp_path, hasty):
        ended = answered(tmp_path, event(tool_input=PUSH))
    assert ended.said["permissionDecision"] == "deny"
    assert "nobody answered in time" in reason(ended)


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        (("approve", {}), {"behavior": "allow"}),
        (
            ("modify", {"arguments": LIST}),
            {"behavior": "allow", "updatedInput": LIST},
        ),
    ],
)
def test_a_permission_request_is_answered_in_its_own_form(
    tmp_path: Path, answer: tuple[str, dict[str, Any]], decision: dict[str, Any]
) -> None:
    with running_node(tmp_path) as node:
        given = event("PermissionRequest", tool_input=PUSH)
        ended = decide(node, given, answer[0], **answer[1])
    assert (ended.status, ended.err) == (0, "")
    assert ended.said == {"hookEventName": "PermissionRequest", "decision": decision}


def test_a_permission_request_is_denied_with_a_message(tmp_path: Path) -> None:
    with running_node(tmp_path):
        ended = answered(tmp_path, event("PermissionRequest", tool_input=BOMB))
        silent = answered(tmp_path, event("PermissionRequest"))
    assert ended.said["decision"]["behavior"] == "deny"
    assert "destroy.fork-bomb" in ended.said["decision"]["message"]
    assert silent == Ended(0, "{}\n", "")


async def test_a_rule_of_another_name_is_no_permission(tmp_path: Path) -> None:
    async with ScriptedNode(tmp_path, verdict(rule="gate.something-new")):
        ended = await asyncio.to_thread(answered, tmp_path, event())
    assert ended == Ended(0, "{}\n", "")


def test_the_subagent_and_the_folder_are_shown_to_the_operator(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        hook = asking(tmp_path, event(tool_input=PUSH, agent_type="reviewer"), "--agent", "robot")
        node.waiting()
        (decision,) = node.node.engine.queue.pending(1)
        node.answer(node.waiting(), "reject")
        hook.ended()
    action = decision.action
    assert (action.agent, action.tool, action.arguments) == ("robot", "Bash", PUSH)
    assert action.context[0].text.splitlines() == [
        "event: PreToolUse", "subagent: reviewer", "folder: /work/project",
        "permission mode: default", "session: 5f0c",
    ]  # fmt: skip
    assert not action.context[0].trusted


def reported(node: RunningNode) -> list[Reported]:
    return [event for event in node.events if isinstance(event, Reported)]


@pytest.mark.parametrize(
    ("name", "status"), [("PostToolUse", "ok"), ("PostToolUseFailure", "failed")]
)
def test_the_outcome_of_a_call_is_told_once(tmp_path: Path, name: str, status: str) -> None:
    after = event(name, tool_response={"big": 2**60, "out": "x" * 600_000}, duration_ms=12.5)
    with running_node(tmp_path) as node:
        answered(tmp_path, event())
        assert answered(tmp_path, after) == Ended(0, "", "")
        assert answered(tmp_path, after) == Ended(0, "", "")
        (told,) = until(lambda: reported(node), "the outcome")
    assert (told.outcome.status, told.outcome.duration_us) == (status, 12_500)
    assert list((tmp_path / "hooks").iterdir()) == []
    assert (tmp_path / "hooks").stat().st_mode & 0o77 == 0


def test_a_text_cut_in_the_middle_of_a_character_troubles_nobody(tmp_path: Path) -> None:
    cut = event("PostToolUse", tool_response={"out": "HALF"}).replace(b"HALF", b"\\ud83d")
    with running_node(tmp_path) as node:
        answered(tmp_path, event())
        assert answered(tmp_path, cut) == Ended(0, "", "")
        until(lambda: reported(node), "the outcome")


def test_a_permission_request_with_half_a_character_is_denied_in_its_own_form(
    tmp_path: Path,
) -> None:
    given = event("PermissionRequest", tool_input={"x": "HALF"}).replace(b"HALF", b"\\ud83d")
    assert answered(tmp_path, given).said["decision"]["behavior"] == "deny"


async def test_without_the_agents_own_measurement_the_time_since_the_answer_counts(
    tmp_path: Path,
) -> None:
    async with ScriptedNode(tmp_path) as node:
        await asyncio.to_thread(answered, tmp_path, event())
        await asyncio.to_thread(answered, tmp_path, event("PostToolUse"))
    (told,) = node.of(OutcomeReport)
    assert told.duration_us > 0


@pytest.mark.parametrize("name", ["PostToolUse", "PostToolUseFailure"])
def test_an_outcome_that_cannot_be_told_troubles_nobody(tmp_path: Path, name: str) -> None:
    given = event(name)
    with running_node(tmp_path):
        answered(tmp_path, event())
    assert answered(tmp_path, given) == Ended(0, "", "")
    assert answered(tmp_path / "nowhere", given) == Ended(0, "", "")
