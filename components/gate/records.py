"""Rows and audit entries of the gate: how its structs are written down."""

from typing import Any

import msgspec

from components.actions import Action, Answer, Decision, Verdict, rules_of
from components.audit_system import Entry
from components.gate.stages import Assessed
from components.gate.submission import Refusal, Submission
from components.hitl import GrantChange
from storage import Tx

_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_verdict = msgspec.json.Decoder(Verdict).decode

KNOWN = (
    "SELECT id, state, digest, verdict, json_extract(CAST(action AS TEXT), '$.tool') "
    "FROM requests WHERE agent=? AND request_id=?"
)


def read_verdict(payload: bytes) -> Verdict:
    """The verdict in its stored bytes."""
    return _verdict(payload)


def judged_entry(
    kind: str, action: Action, digest: str, assessed: Assessed, verdict: str, rule: str, policy: str
) -> Entry:
    """The entry of an action as it was judged, or (without a verdict) asked about."""
    return Entry(
        kind=kind,
        agent=action.agent,
        request_id=action.id,
        tool=action.tool,
        digest=digest,
        verdict=verdict,
        rule=rule,
        policy_version=policy,
        rules=assessed.rules,
        safety=round(assessed.safety.score * 1000),
        ethics=round(assessed.ethics.score * 1000),
    )


def settled_entry(
    decision: Decision, verdict: str, rule: str, digest: str, last: Answer | None
) -> Entry:
    """The entry of a decision that ended, with its last answer."""
    detail: dict[str, Any] = {"decision": decision.id, "tier": decision.tier}
    if last:
        detail |= answer_detail(last)
    if decision.modified and digest != decision.digest:
        detail["replaces"] = decision.digest
    if len(decision.answers) > 1:
        detail["with"] = [answer.operator for answer in decision.answers[:-1]]
    return Entry(
        kind="verdict",
        agent=decision.action.agent,
        request_id=decision.action.id,
        tool=decision.action.tool,
        digest=digest,
        verdict=verdict,
        rule=rule,
        operator=last.operator if last else "",
        policy_version=decision.policy_version,
        rules=rules_of(decision.stages),
        safety=round(decision.safety.score * 1000),
        ethics=round(decision.ethics.score * 1000),
        detail=detail,
    )


def answer_detail(answer: Answer) -> dict[str, Any]:
    """What an answer adds to an entry: all that its signature covers, and the signature."""
    return {
        "answer": answer.answer,
        "key_id": answer.key_id,
        "display_digest": answer.display_digest,
        "shown_at": answer.shown_at,
        "decided_at": answer.decided_at,
        "reason": answer.reason,
        "nonce": answer.nonce,
        "signature": answer.signature,
    }


def decision_detail(decision: Decision) -> dict[str, Any] | None:
    """What a verdict says of the person who answered; None where nobody did."""
    if not decision.answers:
        return None
    last = decision.answers[-1]
    return {"operator": last.operator} | answer_detail(last)


def insert_request(tx: Tx, sub: Submission, received_at: int, state: str, verdict: bytes) -> None:
    """Store a request. The store refuses one that it knows."""
    action = sub.action
    tx.insert(
        "requests",
        (
            None, action.agent, action.id, sub.digest, received_at, sub.expires_at, state,
            _encode(action), verdict, sub.route,
        ),
    )  # fmt: skip


def decision_row(decision: Decision) -> tuple[Any, ...]:
    """The row of a waiting decision."""
    action = decision.action
    return (
        decision.id, action.agent, action.id, decision.state, decision.due, decision.deadline,
        decision.version, _pack(decision),
    )  # fmt: skip


def update_decision(tx: Tx, decision: Decision) -> None:
    """Store a decision as it is now."""
    tx.execute(
        "UPDATE decisions SET state=?, due=?, deadline=?, version=?, body=? WHERE id=?",
        (
            decision.state, decision.due, decision.deadline, decision.version, _pack(decision),
            decision.id,
        ),
    )  # fmt: skip


def store_grant(tx: Tx, change: GrantChange) -> None:
    """Store a grant as it is after a change."""
    grant = change.after
    tx.execute(
        "INSERT INTO grants (id, state, until, body) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET state=excluded.state, body=excluded.body",
        (grant.id, change.state, grant.until, _pack(grant)),
    )


def not_allowed(row: tuple[Any, ...] | None) -> Refusal | None:
    """Why the stored request (a row of `KNOWN`) may not be acted upon; None where it may."""
    # Returned, not raised: a job that raises makes the whole batch start over.
    if row is None:
        return Refusal(404, "no such request")
    if row[1] == "pending" or not row[3]:
        return Refusal(409, "this request is not decided yet")
    if read_verdict(row[3]).verdict != "allow":
        return Refusal(409, "this request was not allowed")
    return None
