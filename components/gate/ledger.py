"""What the gate makes durable: for each step one job, that is one transaction's worth of rows.

A job runs on the writer thread. It appends to the audit log first, so that the verdict it
builds can name its own receipt, and returns what may be released once the commit is done.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from components.actions import Action, Decision, Outcome, Receipt, Verdict, VerdictKind
from components.audit_system import AuditLog, Entry
from components.clock import Clock
from components.gate.records import (
    KNOWN,
    answer_detail,
    decision_detail,
    decision_row,
    insert_request,
    judged_entry,
    not_allowed,
    read_verdict,
    settled_entry,
    store_grant,
    update_decision,
)
from components.gate.stages import Assessed
from components.gate.submission import Refusal, Released, Submission
from components.hitl import GrantChange
from storage import Job, Tx

_encode = msgspec.json.Encoder().encode
_VERDICTS: dict[str, VerdictKind] = {
    "allowed": "allow",
    "denied": "deny",
    "cancelled": "deny",
    "expired": "expired",
}


OutcomeKind = Literal["first", "late", "known"]
"""An outcome may come in time, after it was given up, or again."""


class Ledger:
    """Builds the jobs. `valid_us` is for how long an allow may be acted upon."""

    def __init__(self, audit: AuditLog, node: str, clock: Clock, valid_us: int) -> None:
        self._audit = audit
        self._node = node
        self._clock = clock
        self._valid_us = valid_us

    def judge(
        self,
        sub: Submission,
        assessed: Assessed,
        verdict: VerdictKind,
        rule: str,
        policy: str,
        grant: GrantChange | None = None,
    ) -> Job[Released | Refusal]:
        """A verdict that needs no person now: request row, audit entry, verdict.

        `grant` is the use of the standing grant that decided. An allow that comes to the disk when
        the request has expired is refused (408), and nothing is written.
        """
        action, ruling = sub.action, assessed.ruling

        def job(tx: Tx) -> Released | Refusal:
            if verdict == "allow" and self._clock.now() >= sub.expires_at:
                return Refusal(408, "too late: the request has expired", field="expires_at")
            entry = judged_entry("verdict", action, sub.digest, assessed, verdict, rule, policy)
            receipt = self._audit.append(tx, entry)
            released = self._release(
                action, sub.digest, verdict, ruling.reasons, rule,
                assessed.stages, policy, receipt,
            )  # fmt: skip
            insert_request(tx, sub, self._clock.now(), "decided", released.payload)
            if grant:
                store_grant(tx, grant)
            return released

        return job

    def ask(self, sub: Submission, decision: Decision, assessed: Assessed) -> Job[Receipt]:
        """A decision that waits: request row, decision row, audit entry."""

        def job(tx: Tx) -> Receipt:
            entry = judged_entry(
                "asked",
                sub.action,
                sub.digest,
                assessed,
                "",
                decision.rule,
                decision.policy_version,
            )
            detail = {"decision": decision.id, "priority": decision.priority, "due": decision.due}
            receipt = self._audit.append(tx, msgspec.structs.replace(entry, detail=detail))
            insert_request(tx, sub, decision.created_at, "pending", b"")
            tx.insert("decisions", decision_row(decision))
            return receipt

        return job

    def settle(
        self, decision: Decision, rule: str, reasons: tuple[str, ...]
    ) -> Job[Released | Refusal]:
        """A decision that ended: decision row, request row, audit entry with the approver.

        An allow that comes to the disk at its deadline or later is refused (408): nothing is
        written, and the deadline ends the decision.
        """

        def job(tx: Tx) -> Released | Refusal:
            verdict = _VERDICTS[decision.state]
            if verdict == "allow" and self._clock.now() >= decision.deadline:
                return Refusal(408, "too late: its deadline has passed")
            last = decision.answers[-1] if decision.answers else None
            action, digest = decision.action, decision.digest
            if verdict == "allow" and decision.modified is not None:
                action, digest = decision.modified, decision.modified_digest
            receipt = self._audit.append(tx, settled_entry(decision, verdict, rule, digest, last))
            released = self._release(
                action, digest, verdict, reasons, rule,
                decision.stages, decision.policy_version, receipt, decision,
            )  # fmt: skip
            self._store_verdict(tx, decision, released)
            return released

        return job

    def change(self, decision: Decision, kind: str, operator: str) -> Job[Receipt]:
        """A decision that goes on waiting, changed.

        What a first person of two made of the action is named by its digest: it is what the next
        answer is bound to, also where that one changes it again.
        """
        answered = kind in {"approve", "modify"}
        modified = answered and decision.modified is not None

        def job(tx: Tx) -> Receipt:
            update_decision(tx, decision)
            return self._audit.append(
                tx,
                Entry(
                    kind=f"decision.{kind}",
                    agent=decision.action.agent,
                    request_id=decision.action.id,
                    tool=decision.action.tool,
                    digest=decision.digest,
                    operator=operator,
                    policy_version=decision.policy_version,
                    detail={"decision": decision.id, "version": decision.version}
                    | (answer_detail(decision.answers[-1]) if answered else {})
                    | ({"changed_to": decision.modified_digest} if modified else {}),
                ),
            )

        return job

    def note(self, entry: Entry) -> Job[Receipt]:
        """Something that is recorded and changes no row: started, stopped, policy."""
        return lambda tx: self._audit.append(tx, entry)

    def pause(self, agent: str, paused: bool, kind: str, operator: str) -> Job[Receipt]:
        """An agent (or, with an empty name, all intake) is paused or resumed."""

        def job(tx: Tx) -> Receipt:
            tx.execute(
                "INSERT INTO agents (name, paused, body) VALUES (?, ?, x'') "
                "ON CONFLICT (name) DO UPDATE SET paused=excluded.paused",
                (agent, int(paused)),
            )
            return self._audit.append(tx, Entry(kind=kind, agent=agent, operator=operator))

        return job

    def grant(self, change: GrantChange, operator: str) -> Job[Receipt]:
        """A standing grant is made, revoked, or has ended."""

        def job(tx: Tx) -> Receipt:
            grant = change.after
            store_grant(tx, change)
            return self._audit.append(
                tx,
                Entry(
                    kind=f"grant.{change.kind}",
                    agent=grant.agent,
                    tool=grant.tool,
                    verdict=grant.verdict,
                    operator=operator,
                    detail={
                        "grant": grant.id,
                        "shape": grant.shape,
                        "count": grant.left,
                        "until": grant.until,
                        "reason": grant.reason,
                    },
                ),
            )

        return job

    def outcome(self, outcome: Outcome) -> "Job[OutcomeKind | Refusal]":
        """What became of an allowed action: whether it is told for the first time, or known."""

        def job(tx: Tx) -> OutcomeKind | Refusal:
            row = tx.execute(KNOWN, (outcome.agent, outcome.request_id)).fetchone()
            if refusal := not_allowed(row):
                return refusal
            if row[1] == "reported":
                return "known"
            tx.execute("UPDATE requests SET state='reported' WHERE id=?", (row[0],))
            self._audit.append(
                tx,
                Entry(
                    kind="outcome",
                    agent=outcome.agent,
                    request_id=outcome.request_id,
                    tool=row[4],
                    digest=row[2],
                    detail={
                        "status": outcome.status,
                        "duration_us": outcome.duration_us,
                        "detail": outcome.detail[:500],
                    },
                ),
            )
            return "late" if row[1] == "unreported" else "first"

        return job

    def unreported(self, keys: Sequence[tuple[str, str]]) -> Job[None]:
        """Nobody reported these (agent and request id) in time: what comes now comes late."""

        def job(tx: Tx) -> None:
            for key in keys:
                tx.execute(
                    "UPDATE requests SET state='unreported' WHERE agent=? AND request_id=? "
                    "AND state IN ('decided', 'consumed')",
                    key,
                )

        return job

    def consume(self, agent: str, request_id: str, digest: str, policy: str) -> Job[int | Refusal]:
        """Mark a verdict as used; the result is when. Only one of two at once succeeds."""

        def job(tx: Tx) -> int | Refusal:
            row = tx.execute(KNOWN, (agent, request_id)).fetchone()
            if refusal := not_allowed(row):
                return refusal
            verdict = read_verdict(row[3])
            now = self._clock.now()
            if row[1] != "decided":
                return Refusal(410, "this verdict was used already")
            if digest != verdict.action_digest:
                return Refusal(409, "the verdict is for another action")
            if now >= verdict.not_after:
                return Refusal(408, "the verdict is no longer valid")
            if policy != verdict.policy_version:
                return Refusal(403, "the policy changed since the verdict; ask again")
            tx.execute("UPDATE requests SET state='consumed' WHERE id=?", (row[0],))
            self._audit.append(
                tx,
                Entry(
                    kind="consumed",
                    agent=agent,
                    request_id=request_id,
                    tool=row[4],
                    digest=digest,
                ),
            )
            return now

        return job

    def _release(
        self, action: Action, digest: str, verdict: VerdictKind,
        reasons: tuple[str, ...], rule: str, stages: tuple[Any, ...], policy: str,
        receipt: Receipt, decision: Decision | None = None,
    ) -> Released:  # fmt: skip
        now = self._clock.now()
        changed = decision is not None and decision.modified is not None and verdict == "allow"
        made = Verdict(
            verdict_id=f"{self._node}-{receipt.seq}",
            node=self._node,
            request_id=action.id,
            agent=action.agent,
            action_digest=digest,
            verdict=verdict,
            reasons=reasons,
            rule=rule,
            stages=stages,
            policy_version=policy,
            issued_at=now,
            not_after=now + self._valid_us,
            audit=receipt,
            decision=decision_detail(decision) if decision else None,
            arguments=action.arguments if changed else None,
            replaces=decision.digest if changed and decision else "",
        )
        return Released(made, _encode(made))

    def _store_verdict(self, tx: Tx, decision: Decision, released: Released) -> None:
        update_decision(tx, decision)
        tx.execute(
            "UPDATE requests SET state='decided', verdict=? WHERE agent=? AND request_id=?",
            (released.payload, decision.action.agent, decision.action.id),
        )
