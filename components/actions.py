"""The words of Assent as frozen structs: what is proposed, found, asked, answered and learned.

Times are integers: microseconds since 1970-01-01 UTC, unless a name ends in a unit.
Scores run from 0 (bad) to 1 (good).

What a waiting decision holds is no business of Python's garbage collector (`gc=False`): it is made
of JSON, which has no cycles, and there may be 100,000 of them.
"""

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import Struct

Severity = Literal["info", "low", "medium", "high", "critical"]
Effect = Literal["flag", "ask", "block"]
Disposition = Literal["allow", "ask", "block"]
Intent = Literal["read", "write", "delete", "execute", "send", "pay", "grant", "other"]
Priority = Literal["critical", "high", "medium", "low"]
VerdictKind = Literal["allow", "deny", "expired"]
AnswerKind = Literal["approve", "reject", "modify"]
DecisionState = Literal["pending", "releasing", "allowed", "denied", "expired", "cancelled"]
OutcomeStatus = Literal["ok", "failed", "skipped"]
Dimension = Literal[
    "harm_prevention", "autonomy_respect", "fairness", "transparency", "beneficence"
]

NODE_AGENT = "assent"
"""The agent that a node is to itself when it proposes to change its settings; no other is."""

SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
PRIORITIES: tuple[Priority, ...] = ("critical", "high", "medium", "low")


class ContextPiece(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Something the agent had read before it proposed the action, and where it came from."""

    source: str
    trusted: bool
    text: str


class Action(Struct, frozen=True, kw_only=True, gc=False):
    """What an agent proposes: a tool call, with what led to it."""

    tool: str
    arguments: dict[str, Any] = {}
    id: str = ""
    agent: str = ""
    request: str = ""
    context: tuple[ContextPiece, ...] = ()
    narrative: str = ""


class Reason(Struct, frozen=True, omit_defaults=True, gc=False):
    """Why a screen objects: the rule, and the place in the action that it objects to.

    `where` is a path such as `arguments.command` or `context[2].text`; `span` counts characters
    in that field; `excerpt` is what stands there, raw (it is agent text: pass it through
    `safe_text` before it is shown).
    """

    rule: str
    severity: Severity
    text: str
    effect: Effect = "flag"
    where: str = ""
    span: tuple[int, int] | None = None
    excerpt: str = ""


class SafetyAssessment(Struct, frozen=True, gc=False):
    """What the Intent Firewall found in one action."""

    score: float
    intent: Intent
    disposition: Disposition
    reasons: tuple[Reason, ...] = ()


class Concern(Struct, frozen=True, omit_defaults=True, gc=False):
    """An ethical objection: the dimension, the measured feature, and its place (see `Reason`)."""

    dimension: Dimension
    feature: str
    severity: Severity
    text: str
    where: str = ""
    span: tuple[int, int] | None = None
    excerpt: str = ""


class Dimensions(Struct, frozen=True, gc=False):
    """The five ethical dimensions, each 0–1."""

    harm_prevention: float = 1.0
    autonomy_respect: float = 1.0
    fairness: float = 1.0
    transparency: float = 1.0
    beneficence: float = 1.0


class EthicsAssessment(Struct, frozen=True, gc=False):
    """What the Love Engine found in one action: weighted score, dimensions, concerns."""

    score: float
    dimensions: Dimensions
    concerns: tuple[Concern, ...] = ()


class Stage(Struct, frozen=True, gc=False):
    """One stage that looked at an action on its way to the verdict."""

    name: str
    version: str
    score: float
    reasons: tuple[str, ...] = ()


def rules_of(stages: Iterable[Stage]) -> tuple[str, ...]:
    """The rules and the features that these stages found, in order."""
    return tuple(name for stage in stages for name in stage.reasons)


class Decision(Struct, frozen=True, kw_only=True, gc=False):
    """What a person is asked, and, once answered, what they answered.

    `deadline` is when the request expires whatever happens; `due` is when the timeout policy of
    its class acts (`due <= deadline`). `version` grows with every change, so that an answer can
    be compared and set. `spent` holds the nonces of answers that were taken back or fell away.
    """

    id: str
    action: Action
    digest: str
    safety: SafetyAssessment
    ethics: EthicsAssessment
    priority: Priority
    tier: int
    created_at: int
    due: int
    deadline: int
    policy_version: str
    rule: str = ""
    reasons: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    state: DecisionState = "pending"
    version: int = 0
    claimed_by: str = ""
    snoozed_until: int = 0
    escalations: int = 0
    answers: tuple["Answer", ...] = ()
    release_at: int = 0
    modified: Action | None = None
    modified_digest: str = ""
    spent: tuple[str, ...] = ()


class Answer(Struct, frozen=True, kw_only=True, gc=False):
    """What an operator answered to one decision, bound to what they were shown.

    `digest` is the action digest that was on the screen, `display_digest` the SHA-256 of the
    text that showed it. `key_id` names the key that signed the answer, `signature` (base64) is
    its DSSE signature over all the other fields.
    """

    decision_id: str
    digest: str
    answer: AnswerKind
    operator: str
    tier: int = 1
    key_id: str = ""
    display_digest: str = ""
    policy_version: str = ""
    shown_at: int = 0
    decided_at: int = 0
    reason: str = ""
    arguments: dict[str, Any] | None = None
    nonce: str = ""
    signature: str = ""


class Receipt(Struct, frozen=True):
    """Where a record stands in the audit log: sequence number and leaf hash (hex)."""

    seq: int
    leaf_hash: str


class Verdict(Struct, frozen=True, kw_only=True):
    """The answer to an action: always with reasons and the rule that decided.

    With `arguments` the operator changed the action: `action_digest` is then that of the changed
    action, and `replaces` the digest of what was asked.
    """

    verdict_id: str
    node: str
    request_id: str
    agent: str
    action_digest: str
    verdict: VerdictKind
    reasons: tuple[str, ...]
    rule: str
    stages: tuple[Stage, ...]
    policy_version: str
    issued_at: int
    not_after: int
    audit: Receipt
    single_use: bool = True
    decision: dict[str, Any] | None = None
    arguments: dict[str, Any] | None = None
    replaces: str = ""
    v: int = 1


class Outcome(Struct, frozen=True, kw_only=True):
    """What happened after the verdict: `duration_us` is the agent's own measurement."""

    request_id: str
    agent: str
    status: OutcomeStatus
    duration_us: int = 0
    detail: str = ""


class Experience(Struct, frozen=True, kw_only=True):
    """Action, verdict, outcome and scores: what the Evolution Core learns from.

    `shape` is the similarity key of the action (`components.shape`). `decided_by` is `rule`,
    `operator` or `timeout`. `status` is empty while no outcome is known.
    """

    time: int
    request_id: str
    agent: str
    tool: str
    shape: str
    intent: Intent
    verdict: VerdictKind
    decided_by: Literal["rule", "operator", "timeout"]
    safety: float
    ethics: float
    disposition: Disposition
    rules: tuple[str, ...] = ()
    status: OutcomeStatus | Literal[""] = ""
    duration_us: int = 0
    gate_us: int = 0
    wait_us: int = 0
    reason: str = ""
