"""What an agent makes of a verdict: leave to act, only if everything about it holds."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from app.intake.wire import VERDICT_TYPE, Submit
from components.actions import Verdict, VerdictKind
from components.canonical import Malformed, digest, parse
from components.keys import Keyring, TrustedKey, Unauthorised, open_dsse, parse_verifier_key

NO_VERDICT = "client"
"""The rule of a permission that no verdict of the node's stands behind."""

_verdict = msgspec.json.Decoder(Verdict)


class Permission(Struct, frozen=True, kw_only=True):
    """What the agent may do: exactly `tool` with `arguments`, and only if it is `allowed`.

    `arguments` are those to act on: the operator's where they changed them (`modified`).
    `until` is when the leave ends (µs), `verdict_id` is empty where no valid verdict was held.
    """

    request_id: str
    verdict: VerdictKind
    reasons: tuple[str, ...]
    rule: str
    tool: str
    arguments: dict[str, Any]
    digest: str
    modified: bool = False
    until: int = 0
    verdict_id: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the agent may act."""
        return self.verdict == "allow"


def no_leave(asked: Submit, reason: str, verdict: VerdictKind = "deny") -> Permission:
    """The permission that permits nothing, decided here and not by the node."""
    return Permission(
        request_id=asked.request_id,
        verdict=verdict,
        reasons=(reason,),
        rule=NO_VERDICT,
        tool=asked.action.tool,
        arguments=asked.action.arguments,
        digest=asked.action_digest,
    )


class Pin(Struct, frozen=True):
    """The one node whose verdicts count: its name, its key as text, and as a keyring."""

    node: str
    vkey: str
    keys: Keyring


def pinned(path: Path) -> Pin:
    """The node of a public key file.

    Raises `OSError` where the file cannot be read and `KeyProblem` where it holds no key.
    """
    text = path.read_text("utf-8").strip()
    key = parse_verifier_key(text)
    return Pin(key.name, text, Keyring().enrol(TrustedKey(principal="node", public=key.public)))


def weigh(envelope: bytes, asked: Submit, keys: Keyring, now: int) -> Permission:
    """Turn a signed envelope into a permission; whatever does not hold is a denial with why."""
    try:
        payload = open_dsse(envelope, VERDICT_TYPE, keys, now)
        parse(payload)
        verdict = _verdict.decode(payload)
    except (Malformed, msgspec.DecodeError) as error:
        return no_leave(asked, f"the verdict cannot be read: {error}")
    except Unauthorised as error:
        return no_leave(asked, f"the verdict's signature does not hold: {error}")
    if fault := _mismatch(verdict, asked):
        return no_leave(asked, fault)
    if verdict.verdict == "allow" and now >= verdict.not_after:
        return no_leave(asked, "the verdict came too late to be acted on", "expired")
    return _permission(verdict, asked)


def _mismatch(verdict: Verdict, asked: Submit) -> str:
    """What in a genuine verdict does not answer this request, or nothing."""
    for name in ("v", "node", "agent", "request_id"):
        if getattr(verdict, name) != getattr(asked, name):
            return f"the verdict is for another {name}"
    if verdict.arguments is None:
        matches = verdict.action_digest == asked.action_digest and not verdict.replaces
    else:
        tool = asked.action.tool
        changed = digest(asked.node, asked.agent, tool, verdict.arguments)
        matches = verdict.replaces == asked.action_digest and verdict.action_digest == changed
    return "" if matches else "the verdict is for another action"


def _permission(verdict: Verdict, asked: Submit) -> Permission:
    return Permission(
        request_id=asked.request_id,
        verdict=verdict.verdict,
        reasons=verdict.reasons,
        rule=verdict.rule,
        tool=asked.action.tool,
        arguments=asked.action.arguments if verdict.arguments is None else verdict.arguments,
        digest=verdict.action_digest,
        modified=verdict.arguments is not None,
        until=verdict.not_after,
        verdict_id=verdict.verdict_id,
    )
