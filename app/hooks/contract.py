"""What an agent expects of its hook: which events it answers, and in which words."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from app.hooks.transcript import Recollection
from app.intake.verdicts import NO_VERDICT, Permission
from components.text import safe_text

BLOCK = 2
"""The exit status that blocks a tool call; any other that is not 0 lets it run."""

PRE_TOOL_USE = "PreToolUse"

_BY_PERSON = "hitl.operator"
_BY_GRANT = "grant."
_LONGEST = 4_000  # characters of a reason


class Reply(Struct, frozen=True):
    """How a hook ends: its exit status, and what it says on standard output and error."""

    status: int
    out: str = ""
    err: str = ""


class Setting(Struct, frozen=True):
    """One event to be installed: `blocking` where a hook that breaks must stop the tool."""

    event: str
    blocking: bool


class Contract(Struct, frozen=True):
    """One agent's contract.

    `asks` are the events that wait for a verdict, `tells` those that say what came of a call, by
    whether it failed. `decided` words a verdict for an event, `failed` whatever went wrong instead;
    an event that is not known yet is "". `recollect` reads lines of the agent's transcript.
    `fails_closed`: the agent has a setting for hooks that break.
    """

    name: str
    title: str
    asks: frozenset[str]
    tells: dict[str, bool]
    decided: Callable[[str, Permission], Reply]
    failed: Callable[[str, str], Reply]
    recollect: Callable[[Sequence[bytes]], Recollection]
    settings: tuple[Setting, ...]
    fails_closed: bool
    folder: str
    folder_variable: str
    file: str
    after_install: str = ""


def no_verdict(leave: Permission) -> bool:
    """Whether the node gave no verdict that holds."""
    return leave.rule == NO_VERDICT


def spoken_for(leave: Permission) -> bool:
    """Whether a person allowed this, now or by a standing grant.

    That no rule objects is no permission: the agent's own rules have a say yet.
    """
    return leave.allowed and (leave.rule == _BY_PERSON or leave.rule.startswith(_BY_GRANT))


def worded(leave: Permission) -> str:
    """A verdict in one sentence, safe to show."""
    head = {"allow": "allowed", "deny": "denied", "expired": "not allowed in time"}[leave.verdict]
    return sentence(f"{head} (rule {leave.rule}): {'; '.join(leave.reasons) or 'no reason given'}")


def sentence(text: str) -> str:
    """What a hook says, with who says it; safe to show and never empty."""
    return f"Assent: {safe_text(text, limit=_LONGEST)}"
