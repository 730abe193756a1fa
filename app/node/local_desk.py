"""The desk of a console in the node's own process."""

import secrets
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from app.desk import AuditFilter, Cadence, DeskError, Person, Progress, Shown
from app.node.audit_desk import AuditDesk
from app.node.monitor_desk import MonitorDesk
from app.node.node import Node
from app.node.seats import Seats
from app.presenter.decision import CODE_LENGTH, decision_view
from components.actions import Answer, AnswerKind
from components.gate import Refusal, sign_answer
from components.views import (
    AlertHistoryRow,
    AuditDetail,
    AuditRow,
    DecisionView,
    ReportView,
    Snapshot,
    TrendView,
)


class LocalDesk:
    """Implements `app.desk.Desk` over a running node; answers are signed by whoever sits there."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._engine = node.engine
        self._operators = node.engine.operators
        self._audit = AuditDesk(node)
        self._monitor = MonitorDesk(node)
        self._seats = Seats(node)

    @property
    def operator(self) -> str:
        """Who answers now."""
        return self._seats.taken.name

    def operators(self) -> Sequence[Person]:
        """Who may answer here, as the keyring says now."""
        return self._seats.people()

    def switch_operator(self, name: str, passphrase: str) -> "Future[str]":
        """Seat another person: from then on answers are signed with their key."""
        return self._call(self._seats.switch(name, passphrase))

    def snapshot(self) -> Snapshot:
        """The newest snapshot; never blocks."""
        return self._node.snapshot()

    def decision(self, decision_id: str) -> DecisionView | None:
        """One waiting decision in full, or None when it no longer waits; never blocks."""
        decision = self._engine.queue.get(decision_id)
        if decision is None:
            return None
        return decision_view(decision, self._engine.policy, self._engine.policies.two_person_tier)

    def answer(
        self,
        shown: Shown,
        kind: AnswerKind,
        *,
        reason: str = "",
        arguments: dict[str, Any] | None = None,
        code: str = "",
    ) -> "Future[str]":
        """Answer one decision. `code` is the four characters a critical approval asks for."""
        if problem := self._code_problem(shown, kind, code):
            return _failed(problem)
        envelope = self._signed(shown, kind, reason, arguments)
        return self._call(self._operators.answer(envelope, shown.version))

    def answer_similar(
        self, shown: Shown, kind: AnswerKind, *, minutes: int, count: int, reason: str = ""
    ) -> "Future[str]":
        """Answer, and grant (or refuse) similar ones for a bounded time and number."""
        envelope = self._signed(shown, kind, reason, None)
        return self._call(self._operators.answer_similar(envelope, minutes, count))

    def answer_many(self, shown: Sequence[Shown], kind: AnswerKind, reason: str) -> "Future[str]":
        """Answer a batch of frozen ids; each is still checked alone."""
        envelopes = [(self._signed(item, kind, reason, None), item.version) for item in shown]
        critical = [item for item in shown if self._code_problem(item, kind, "")]
        if critical:
            return _failed("critical decisions are approved one by one, with their code")
        return self._call(self._operators.answer_many(envelopes))

    def undo(self, decision_id: str) -> "Future[str]":
        """Take an answer back while its release delay runs."""
        return self._call(self._operators.undo(decision_id, self.operator))

    def escalate(self, decision_id: str) -> "Future[str]":
        """Hand a decision to the next tier."""
        return self._as_seated(lambda name, _: self._operators.escalate(decision_id, name))

    def claim(self, decision_id: str) -> "Future[str]":
        """Claim a decision, or give it back when it is the operator's own."""
        return self._as_seated(lambda name, tier: self._operators.claim(decision_id, name, tier))

    def snooze(self, decision_id: str, seconds: int) -> "Future[str]":
        """Put a decision aside; never beyond its deadline."""
        return self._as_seated(
            lambda name, tier: self._operators.snooze(decision_id, seconds, name, tier)
        )

    def revoke_grant(self, grant_id: str) -> "Future[str]":
        """End a standing grant now."""
        return self._as_seated(lambda name, _: self._operators.revoke_grant(grant_id, name))

    def pause_agent(self, agent: str) -> "Future[str]":
        """Pause one agent, or resume it when it is paused."""
        return self._as_seated(lambda name, _: self._operators.pause_agent(agent, name))

    def stop_everything(self) -> "Future[str]":
        """Pause all intake, or resume it when it is paused."""
        return self._call(self._operators.stop_everything(self.operator))

    def audit_page(self, wanted: AuditFilter, before: int | None, limit: int) -> Sequence[AuditRow]:
        """Entries below `before`, newest first. Blocks: call it from a worker thread."""
        return self._audit.page(wanted, before, limit)

    def audit_detail(self, seq: int) -> AuditDetail:
        """One entry in full. Blocks: call it from a worker thread."""
        return self._audit.detail(seq)

    def audit_verify(self, progress: Progress) -> str:
        """Verify the whole log; a store that was frozen opens again when it holds."""
        return self._audit.verify(progress)

    def audit_export(self, wanted: AuditFilter, target: Path, progress: Progress) -> str:
        """Write the matching entries as JSONL."""
        return self._audit.export(wanted, target, progress)

    def acknowledge(self, alert_id: str, why: str) -> "Future[str]":
        """Say that somebody looks after an alert; it stands until it resolves."""
        return self._as_seated(lambda name, _: self._monitor.acknowledge(alert_id, why, name))

    def silence(self, alert_id: str, minutes: int, why: str) -> "Future[str]":
        """Have an alert stand no more for a bounded time."""
        return self._as_seated(lambda name, _: self._monitor.silence(alert_id, minutes, why, name))

    def unsilence(self, alert_id: str) -> "Future[str]":
        """End a silence now."""
        return self._as_seated(lambda name, _: self._monitor.unsilence(alert_id, name))

    def alert_history(self, before: int | None, limit: int) -> Sequence[AlertHistoryRow]:
        """Steps in the lives of alerts, newest first. Blocks: call it from a worker thread."""
        return self._monitor.history(before, limit)

    def trend(self, operation: str, since: int, until: int, points: int) -> TrendView:
        """One operation over a span. Blocks: call it from a worker thread."""
        return self._monitor.trend(operation, since, until, points)

    def trend_export(self, operation: str, since: int, until: int, target: Path) -> str:
        """Write the buckets of a span as CSV. Blocks: call it from a worker thread."""
        return self._monitor.export(operation, since, until, target)

    def set_baseline(self, name: str, minutes: int) -> str:
        """Make a baseline of the last minutes. Blocks: call it from a worker thread."""
        return self._monitor.set_baseline(name, minutes)

    def report(self, cadence: Cadence) -> ReportView:
        """The report of the newest day, week, month or quarter. Blocks."""
        return self._monitor.report(cadence)

    def accept_recommendation(self, recommendation_id: str) -> "Future[str]":
        """Ask for a recommended setting: it waits for a decision like any other change."""
        return self._as_seated(lambda name, _: self._monitor.accept(recommendation_id, name))

    def dismiss_recommendation(self, recommendation_id: str, why: str) -> "Future[str]":
        """Want no more of a recommendation until the evidence for it is another."""
        return self._as_seated(lambda name, _: self._monitor.dismiss(recommendation_id, why, name))

    def _signed(
        self, shown: Shown, kind: AnswerKind, reason: str, arguments: dict[str, Any] | None
    ) -> bytes:
        seat = self._seats.taken
        answer = Answer(
            decision_id=shown.decision_id,
            digest=shown.digest,
            answer=kind,
            operator=seat.name,
            display_digest=shown.display_digest,
            policy_version=shown.policy_version,
            shown_at=shown.shown_at,
            decided_at=self._node.clock.now(),
            reason=reason,
            arguments=arguments,
            nonce=secrets.token_hex(16),
        )
        return sign_answer(answer, seat.key)

    def _code_problem(self, shown: Shown, kind: AnswerKind, code: str) -> str:
        decision = self._engine.queue.get(shown.decision_id)
        if kind == "reject" or decision is None or decision.priority != "critical":
            return ""
        if secrets.compare_digest(code.encode(), decision.digest[:CODE_LENGTH].encode()):
            return ""
        return "the code is not this decision's; it stands beside the digest"

    def _as_seated(self, deed: Callable[[str, int], Coroutine[Any, Any, str]]) -> "Future[str]":
        """Do what is not signed, by the name and tier of who sits here, if still trusted."""
        seat = self._seats.taken

        async def checked() -> str:
            return await deed(seat.name, self._seats.tier(seat))

        return self._call(checked())

    def _call(self, work: Coroutine[Any, Any, str]) -> "Future[str]":
        return self._node.call(_spoken(work))


async def _spoken(work: Coroutine[Any, Any, str]) -> str:
    try:
        return await work
    except Refusal as refusal:
        raise DeskError(refusal.reason, refusal.code) from refusal


def _failed(problem: str) -> "Future[str]":
    future: Future[str] = Future()
    future.set_exception(DeskError(problem))
    return future
