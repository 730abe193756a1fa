"""The contract of Codex's hooks.

The answer is exactly `{}` or a bare denial with a reason. Anything else, an approval or one field
more, counts as a hook that failed, and the tool runs; so what an operator changed is denied, with
what they would allow instead.
"""

import json

from app.hooks.codex_transcript import recollect
from app.hooks.contract import (
    BLOCK,
    PRE_TOOL_USE,
    Contract,
    Reply,
    Setting,
    no_verdict,
    sentence,
    worded,
)
from app.intake.verdicts import Permission


def decided(event: str, leave: Permission) -> Reply:
    """A verdict, worded for the event that asked."""
    if no_verdict(leave):
        return failed(event, "; ".join(leave.reasons))
    if leave.allowed and not leave.modified:
        return Reply(0, "{}")
    if leave.allowed:
        wanted = json.dumps(leave.arguments)
        return Reply(
            0, _denial(sentence(f"allowed only with these arguments; call with them: {wanted}"))
        )
    return Reply(0, _denial(worded(leave)))


def failed(event: str, reason: str) -> Reply:  # noqa: ARG001 - one answer for every event
    """What blocks the call, whatever went wrong: said in both ways that Codex reads."""
    text = sentence(reason)
    return Reply(BLOCK, _denial(text), text)


def _denial(reason: str) -> str:
    body = {
        "hookEventName": PRE_TOOL_USE,
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
    }
    return json.dumps({"hookSpecificOutput": body})


CODEX = Contract(
    name="codex",
    title="Codex",
    asks=frozenset({PRE_TOOL_USE}),
    tells={"PostToolUse": False},
    decided=decided,
    failed=failed,
    recollect=recollect,
    settings=(Setting(PRE_TOOL_USE, blocking=True), Setting("PostToolUse", blocking=False)),
    fails_closed=False,
    folder=".codex",
    folder_variable="CODEX_HOME",
    file="hooks.json",
    after_install="Codex runs a new or changed hook only once you trust it: open /hooks in Codex.",
)
