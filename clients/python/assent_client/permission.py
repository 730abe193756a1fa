"""What an agent asks, and what it makes of the answer: leave to act, only if everything holds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from assent_client.canonical import action_digest
from assent_client.signed import NodeKey, Unsigned

VERDICT_TYPE = "application/vnd.assent.verdict.v1+json"
VerdictKind = Literal["allow", "deny", "expired"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Something the agent had read before it proposed the action, and where it came from."""

    source: str
    text: str
    trusted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What the agent may do: exactly `tool` with `arguments`, and only if it is `allowed`.

    `arguments` are those to act on: the operator's where they changed them (`modified`). `rule`
    says what decided, and is "client" where no verdict of the node's stands behind it. `until` is
    when the leave ends (µs since 1970 UTC).
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


class Denied(Exception):  # noqa: N818 - what the agent is told
    """The action may not be done; `permission` says why."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(permission)
        self.permission = permission

    def __str__(self) -> str:
        denied = self.permission
        return f"{denied.tool}: {denied.verdict}: {'; '.join(denied.reasons)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An action as it was when asked; with a `fault` it cannot be asked about."""

    agent: str
    request_id: str
    tool: str
    arguments: dict[str, Any]
    request: str = ""
    context: Sequence[Piece] = ()
    narrative: str = ""
    node: str = ""
    digest: str = ""
    expires_at: int = 0
    fault: str = ""

    def submission(self, nonce: str, issued_at: int) -> dict[str, Any]:
        """The body that asks it."""
        return {
            "v": 1,
            "kind": "submit",
            "node": self.node,
            "agent": self.agent,
            "request_id": self.request_id,
            "nonce": nonce,
            "issued_at": issued_at,
            "expires_at": self.expires_at,
            "action": {"tool": self.tool, "arguments": self.arguments},
            "action_digest": self.digest,
            "request": self.request,
            "context": [asdict(piece) for piece in self.context],
            "narrative": self.narrative,
        }

    def refused(self, reason: str, verdict: VerdictKind = "deny") -> Permission:
        """The permission that permits nothing, decided here and not by the node."""
        return Permission(
            request_id=self.request_id,
            verdict=verdict,
            reasons=(reason,),
            rule="client",
            tool=self.tool,
            arguments=self.arguments,
            digest=self.digest,
        )

    def weigh(self, envelope: Any, key: NodeKey, now: int) -> Permission:
        """Turn a signed verdict into a permission; whatever does not hold is a denial with why."""
        if now >= self.expires_at:
            return self.refused("the verdict came after the request's own end", "expired")
        try:
            permission = self._granted(key.open(envelope, VERDICT_TYPE))
        except (KeyError, TypeError, ValueError) as error:
            return self.refused(f"the verdict does not hold: {error}")
        if permission.allowed and now >= permission.until:
            return self.refused("the verdict came too late to be acted on", "expired")
        return permission

    def _granted(self, verdict: dict[str, Any]) -> Permission:
        own = {"v": 1, "node": self.node, "agent": self.agent, "request_id": self.request_id}
        for name, value in own.items():
            if type(verdict[name]) is not type(value) or verdict[name] != value:
                raise Unsigned(f"it is for another {name}")
        changed, replaced = verdict.get("arguments"), verdict.get("replaces", "")
        expected, replaces = self.digest, ""
        if changed is not None:
            if not isinstance(changed, dict):
                raise Unsigned("its arguments are no object")
            expected = action_digest(self.node, self.agent, self.tool, changed)
            replaces = self.digest
        if (verdict["action_digest"], replaced) != (expected, replaces):
            raise Unsigned("it is for another action")
        return Permission(
            request_id=self.request_id,
            verdict=_one_of_three(verdict["verdict"]),
            reasons=tuple(map(str, verdict["reasons"])),
            rule=str(verdict["rule"]),
            tool=self.tool,
            arguments=self.arguments if changed is None else changed,
            digest=expected,
            modified=changed is not None,
            until=int(verdict["not_after"]),
            verdict_id=str(verdict["verdict_id"]),
        )


def _one_of_three(kind: Any) -> VerdictKind:
    if kind not in {"allow", "deny", "expired"}:
        raise Unsigned(f"{kind!r} is no verdict")
    found: VerdictKind = kind
    return found
