"""The part of a desk that is the same wherever its node is: calls become deeds, answers signed."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from msgspec import Struct
from nacl.signing import SigningKey

from app import deeds
from app.deeds import AuditFilter, Cadence, Deed, Marked
from app.desk import Progress, Shown
from components.actions import Answer, AnswerKind
from components.clock import Clock
from components.keys import key_id
from components.views import (
    AlertHistoryRow,
    AuditDetail,
    AuditRow,
    DecisionView,
    ReportView,
    Snapshot,
    TrendView,
)


class Seat(Struct, frozen=True):
    """The operator who answers now, and the key that signs for them."""

    name: str
    key: SigningKey

    @property
    def key_id(self) -> str:
        """The key's name on the wire."""
        return key_id(bytes(self.key.verify_key))


class DeedDesk(ABC):
    """What `app.desk.Desk` promises, over two ways to have a deed done."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    @abstractmethod
    def seat(self) -> Seat:
        """Who answers now."""

    @abstractmethod
    def do(self, deed: Deed, about: Sequence[str] = ()) -> "Future[str]":
        """Have something done; returns at once. `about` are the decisions that it answers."""

    @abstractmethod
    def ask(self, deed: Deed, progress: Progress = lambda *_: True) -> Any:
        """Have something done that takes a while; blocks, and raises `DeskError`."""

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """The newest snapshot; never blocks."""

    @abstractmethod
    def decision(self, decision_id: str) -> DecisionView | None:
        """One waiting decision in full, or None when it no longer waits; never blocks."""

    def is_paused(self, agent: str) -> bool:
        """Whether an agent is paused, as far as it is known here."""
        return any(row.paused for row in self.snapshot().agents if row.name == agent)

    def is_stopped(self) -> bool:
        """Whether all intake is paused, as far as it is known here."""
        return self.snapshot().health.state == "paused"

    @property
    def operator(self) -> str:
        """Who answers now."""
        return self.seat.name

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
        signed = self._signed(shown, kind, reason, arguments)
        return self.do(deeds.AnswerOne(signed, shown.version, code), [shown.decision_id])

    def answer_similar(
        self, shown: Shown, kind: AnswerKind, *, minutes: int, count: int, reason: str = ""
    ) -> "Future[str]":
        """Answer, and grant (or refuse) similar ones for a bounded time and number."""
        deed = deeds.AnswerSimilar(self._signed(shown, kind, reason), minutes, count)
        return self.do(deed, [shown.decision_id])

    def answer_many(self, shown: Sequence[Shown], kind: AnswerKind, reason: str) -> "Future[str]":
        """Answer a batch of frozen ids; each is still checked alone."""
        marked = (Marked(self._signed(one, kind, reason), one.version) for one in shown)
        return self.do(deeds.AnswerMany(tuple(marked)), [one.decision_id for one in shown])

    def undo(self, decision_id: str) -> "Future[str]":
        """Take an answer back while its release delay runs."""
        return self.do(deeds.Undo(decision_id))

    def escalate(self, decision_id: str) -> "Future[str]":
        """Hand a decision to the next tier."""
        return self.do(deeds.Escalate(decision_id))

    def claim(self, decision_id: str) -> "Future[str]":
        """Claim a decision, or give it back when it is the operator's own."""
        view = self.decision(decision_id)
        mine = view is not None and view.claimed_by == self.operator
        return self.do(deeds.Claim(decision_id, take=not mine))

    def snooze(self, decision_id: str, seconds: int) -> "Future[str]":
        """Put a decision aside; never beyond its deadline."""
        return self.do(deeds.Snooze(decision_id, seconds))

    def revoke_grant(self, grant_id: str) -> "Future[str]":
        """End a standing grant now."""
        return self.do(deeds.RevokeGrant(grant_id))

    def pause_agent(self, agent: str) -> "Future[str]":
        """Pause one agent, or resume it when it is paused."""
        return self.do(deeds.PauseAgent(agent, pause=not self.is_paused(agent)))

    def stop_everything(self, stop: bool | None = None) -> "Future[str]":
        """Pause all intake, or resume it; without a wish, the other than it is now."""
        wanted = not self.is_stopped() if stop is None else stop
        return self.do(deeds.StopEverything(stop=wanted))

    def audit_page(self, wanted: AuditFilter, before: int | None, limit: int) -> Sequence[AuditRow]:
        """Entries below `before`, newest first. Blocks: call it from a worker thread."""
        found: Sequence[AuditRow] = self.ask(deeds.AuditPage(wanted, before, limit))
        return found

    def audit_detail(self, seq: int) -> AuditDetail:
        """One entry in full. Blocks: call it from a worker thread."""
        found: AuditDetail = self.ask(deeds.ReadEntry(seq))
        return found

    def audit_verify(self, progress: Progress) -> str:
        """Verify the whole log; a store that was frozen opens again when it holds."""
        return str(self.ask(deeds.AuditVerify(), progress))

    def acknowledge(self, alert_id: str, why: str) -> "Future[str]":
        """Say that somebody looks after an alert; it stands until it resolves."""
        return self.do(deeds.Acknowledge(alert_id, why))

    def silence(self, alert_id: str, minutes: int, why: str) -> "Future[str]":
        """Have an alert stand no more for a bounded time."""
        return self.do(deeds.Silence(alert_id, minutes, why))

    def unsilence(self, alert_id: str) -> "Future[str]":
        """End a silence now."""
        return self.do(deeds.Unsilence(alert_id))

    def alert_history(self, before: int | None, limit: int) -> Sequence[AlertHistoryRow]:
        """Steps in the lives of alerts, newest first. Blocks: call it from a worker thread."""
        found: Sequence[AlertHistoryRow] = self.ask(deeds.AlertHistory(before, limit))
        return found

    def trend(self, operation: str, since: int, until: int, points: int) -> TrendView:
        """One operation over a span. Blocks: call it from a worker thread."""
        found: TrendView = self.ask(deeds.ReadTrend(operation, since, until, points))
        return found

    def set_baseline(self, name: str, minutes: int) -> str:
        """Make a baseline of the last minutes. Blocks: call it from a worker thread."""
        return str(self.ask(deeds.SetBaseline(name, minutes)))

    def report(self, cadence: Cadence) -> ReportView:
        """The report of the newest day, week, month or quarter. Blocks."""
        found: ReportView = self.ask(deeds.MakeReport(cadence))
        return found

    def accept_recommendation(self, recommendation_id: str) -> "Future[str]":
        """Ask for a recommended setting: it waits for a decision like any other change."""
        return self.do(deeds.AcceptRecommendation(recommendation_id))

    def dismiss_recommendation(self, recommendation_id: str, why: str) -> "Future[str]":
        """Want no more of a recommendation until the evidence for it is another."""
        return self.do(deeds.DismissRecommendation(recommendation_id, why))

    def accept_proposal(self, proposal_id: str, mark: str) -> "Future[str]":
        """Put a proposed rule or grant in force, as it was shown."""
        return self.do(deeds.AcceptProposal(proposal_id, mark))

    def dismiss_proposal(self, proposal_id: str, why: str) -> "Future[str]":
        """Want no more of a suggestion."""
        return self.do(deeds.DismissProposal(proposal_id, why))

    def _signed(
        self,
        shown: Shown,
        kind: AnswerKind,
        reason: str,
        arguments: dict[str, Any] | None = None,
    ) -> str:
        from components.gate import sign_answer  # it brings all that screens: not before it is here

        seat = self.seat
        answer = Answer(
            decision_id=shown.decision_id,
            digest=shown.digest,
            answer=kind,
            operator=seat.name,
            display_digest=shown.display_digest,
            policy_version=shown.policy_version,
            shown_at=shown.shown_at,
            decided_at=self._clock.now(),
            reason=reason,
            arguments=arguments,
            nonce=secrets.token_hex(16),
        )
        return sign_answer(answer, seat.key).decode()
