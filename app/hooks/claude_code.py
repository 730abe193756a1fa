"""The contract of Claude Code's hooks.

Exit status 2 blocks a tool call, every other but 0 lets it run. Where a permission is requested,
exit status 2 counts for nothing: what goes wrong there is answered with a denial.
"""

import json
from typing import Any

from app.hooks.claude_transcript import recollect
from app.hooks.contract import (
    BLOCK,
    PRE_TOOL_USE,
    Contract,
    Reply,
    Setting,
    no_verdict,
    sentence,
    spoken_for,
    worded,
)
from app.intake.verdicts import Permission

PERMISSION_REQUEST = "PermissionRequest"


def decided(event: str, leave: Permission) -> Reply:
    """A verdict, worded for the event that asked."""
    if no_verdict(leave):
        return failed(event, "; ".join(leave.reasons))
    if leave.allowed and not spoken_for(leave):
        return Reply(0, "{}")
    changed = {"updatedInput": leave.arguments} if leave.modified else {}
    if event == PERMISSION_REQUEST:
        return _requested(leave.allowed, worded(leave), changed)
    answer = "allow" if leave.allowed else "deny"
    return _said(
        event,
        {"permissionDecision": answer, "permissionDecisionReason": worded(leave), **changed},
    )


def failed(event: str, reason: str) -> Reply:
    """What blocks the call, whatever went wrong."""
    if event == PERMISSION_REQUEST:
        return _requested(False, sentence(reason), {})
    return Reply(BLOCK, err=sentence(reason))


def _requested(allowed: bool, text: str, changed: dict[str, Any]) -> Reply:
    decision = (
        {"behavior": "allow", **changed} if allowed else {"behavior": "deny", "message": text}
    )
    return _said(PERMISSION_REQUEST, {"decision": decision})


def _said(event: str, body: dict[str, Any]) -> Reply:
    return Reply(0, json.dumps({"hookSpecificOutput": {"hookEventName": event, **body}}))


CLAUDE_CODE = Contract(
    name="claude-code",
    title="Claude Code",
    asks=frozenset({PRE_TOOL_USE, PERMISSION_REQUEST}),
    tells={"PostToolUse": False, "PostToolUseFailure": True},
    decided=decided,
    failed=failed,
    recollect=recollect,
    settings=(
        Setting(PRE_TOOL_USE, blocking=True),
        Setting(PERMISSION_REQUEST, blocking=True),
        Setting("PostToolUse", blocking=False),
        Setting("PostToolUseFailure", blocking=False),
    ),
    fails_closed=True,
    folder=".claude",
    folder_variable="CLAUDE_CONFIG_DIR",
    file="settings.json",
)
