"""What Codex hears: exactly `{}`, or a bare denial with a reason, and nothing else ever."""

from pathlib import Path
from typing import Any

import pytest

from components.gate import Reported
from tests.hooks.hook import BOMB, PUSH, Ended, answered, asking, event
from tests.support import running_node, until


def codex(**more: Any) -> bytes:
    return event(turn_id="t1", model="m", **more)


def denial(ended: Ended) -> str:
    """The reason of a bare denial."""
    said = ended.said
    assert set(said) == {"hookEventName", "permissionDecision", "permissionDecisionReason"}
    assert (said["hookEventName"], said["permissionDecision"]) == ("PreToolUse", "deny")
    text: str = said["permissionDecisionReason"]
    assert text.strip()
    return text


def ask(home: Path, given: bytes, *words: str) -> Ended:
    return answered(home, given, *words, agent="codex")


def test_allowed_by_rule_and_denied_by_rule(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        assert ask(tmp_path, codex()) == Ended(0, "{}\n", "")
        ended = ask(tmp_path, codex(tool_input=BOMB))
        assert ask(tmp_path, event("PostToolUse")) == Ended(0, "", "")
        until(lambda: [one for one in node.events if isinstance(one, Reported)], "the outcome")
    assert (ended.status, ended.err) == (0, "")
    assert "destroy.fork-bomb" in denial(ended)


@pytest.mark.parametrize("kind", ["approve", "reject", "modify"])
def test_what_a_person_answers(tmp_path: Path, kind: str) -> None:
    changed = {"command": "git push --force-with-lease"}
    more: dict[str, Any] = {"arguments": changed} if kind == "modify" else {}
    with running_node(tmp_path) as node:
        hook = asking(tmp_path, codex(tool_input=PUSH), agent="codex")
        node.answer(node.waiting(), kind, **more)
        ended = hook.ended()
    assert (ended.status, ended.err) == (0, "")
    if kind == "approve":
        assert ended.out == "{}\n"
    elif kind == "reject":
        assert "rejected by" in denial(ended)
    else:
        assert '{"command": "git push --force-with-lease"}' in denial(ended)


@pytest.mark.parametrize(
    "given",
    [codex(), b"", b"{", event("PermissionRequest"), event("Stop")],
    ids=["no node", "empty", "no JSON", "a permission request", "another event"],
)
def test_whatever_goes_wrong_blocks_in_both_ways(tmp_path: Path, given: bytes) -> None:
    ended = ask(tmp_path, given)
    assert ended.status == 2
    assert ended.err.strip() == denial(ended)
