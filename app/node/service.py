"""What a node does for an operator, whatever console they sit at."""

import secrets
from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import Struct

from app import deeds
from app.deeds import Deed
from app.desk import DeskError, Progress
from app.node.accepting import By
from app.node.audit_desk import AuditDesk
from app.node.monitor_desk import MonitorDesk
from app.node.node import Node
from app.presenter.decision import CODE_LENGTH, decision_view
from components.actions import Answer, Decision
from components.gate import Refusal
from components.hitl import awaited_digest
from components.keys import KeyProblem
from components.views import DecisionView

Work = Coroutine[Any, Any, str]

_VIEWS_KEPT = 32


class Who(Struct, frozen=True):
    """The operator for whom something is done, by which key, and up to what tier."""

    name: str
    key_id: str
    tier: int


class DeskService:
    """Does deeds. Whoever calls has seen to it that the operator is who they say they are."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._engine = node.engine
        self.audit = AuditDesk(node)
        self.monitor = MonitorDesk(node)
        self._changes = self._table()
        self._lookups = self._readings()
        self._views: dict[str, tuple[Decision, DecisionView]] = {}

    def decision(self, decision_id: str) -> DecisionView | None:
        """One waiting decision in full, or None when it no longer waits; never blocks.

        A console asks several times a second, and a long action takes long to be made safe: a view
        is kept until its decision, or the policy, is another.
        """
        engine = self._engine
        decision = engine.queue.get(decision_id)
        if decision is None:
            return None
        known = self._views.get(decision_id)
        if known and known[0] is decision and known[1].policy_version == engine.policy:
            return known[1]
        view = decision_view(decision, engine.policy, engine.policies.two_person_tier)
        if len(self._views) >= _VIEWS_KEPT:
            self._views.clear()
        self._views[decision_id] = decision, view
        return view

    async def do(self, deed: Deed, who: Who) -> str:
        """Do what changes something. On the gate's thread; raises `DeskError`."""
        try:
            return await self._changes[type(deed)](deed, who)
        except Refusal as refusal:
            raise DeskError(refusal.reason, refusal.code) from refusal

    def ask(self, deed: Deed, progress: Progress, *, thaw: bool) -> Any:
        """Do what takes a while, on a thread of its own; raises `DeskError`.

        `thaw` says whether verifying a frozen log may open it again.
        """
        if isinstance(deed, deeds.AuditVerify):
            return self.audit.verify(progress, thaw=thaw)
        return self._lookups[type(deed)](deed)

    def _table(self) -> dict[type[Deed], Callable[[Any, Who], Work]]:
        operators, monitor = self._engine.operators, self.monitor
        accepting = self._engine.accepting
        return {
            deeds.AnswerOne: self._answer,
            deeds.AnswerSimilar: self._answer_similar,
            deeds.AnswerMany: self._answer_many,
            deeds.Undo: lambda deed, who: operators.undo(deed.decision_id, who.name),
            deeds.Escalate: lambda deed, who: operators.escalate(deed.decision_id, who.name),
            deeds.Claim: self._claim,
            deeds.Snooze: lambda deed, who: operators.snooze(
                deed.decision_id, deed.seconds, who.name, who.tier
            ),
            deeds.RevokeGrant: lambda deed, who: operators.revoke_grant(deed.grant_id, who.name),
            deeds.PauseAgent: self._pause,
            deeds.StopEverything: self._stop,
            deeds.Acknowledge: lambda deed, who: monitor.acknowledge(
                deed.alert_id, deed.why, who.name
            ),
            deeds.Silence: lambda deed, who: monitor.silence(
                deed.alert_id, deed.minutes, deed.why, who.name
            ),
            deeds.Unsilence: lambda deed, who: monitor.unsilence(deed.alert_id, who.name),
            deeds.AcceptRecommendation: lambda deed, who: monitor.accept(
                deed.recommendation_id, who.name
            ),
            deeds.AcceptProposal: lambda deed, who: accepting.accept(
                deed.proposal_id, deed.mark, By(who.name, who.key_id)
            ),
            deeds.DismissProposal: lambda deed, who: accepting.dismiss(
                deed.proposal_id, deed.why, By(who.name, who.key_id)
            ),
            deeds.DismissRecommendation: lambda deed, who: monitor.dismiss(
                deed.recommendation_id, deed.why, who.name
            ),
        }

    def _readings(self) -> dict[type[Deed], Callable[[Any], Any]]:
        audit, monitor = self.audit, self.monitor
        return {
            deeds.AuditPage: lambda deed: audit.page(deed.wanted, deed.before, deed.limit),
            deeds.ReadLeaves: lambda deed: audit.leaves(deed.wanted, deed.before, deed.limit),
            deeds.ReadEntry: lambda deed: audit.detail(deed.seq),
            deeds.AlertHistory: lambda deed: monitor.history(deed.before, deed.limit),
            deeds.ReadTrend: lambda deed: monitor.trend(
                deed.operation, deed.since, deed.until, deed.points
            ),
            deeds.MakeReport: lambda deed: monitor.report(deed.cadence),
            deeds.SetBaseline: lambda deed: monitor.set_baseline(deed.name, deed.minutes),
        }

    # Answers: each is signed by the very key of whoever asks.

    async def _answer(self, deed: deeds.AnswerOne, who: Who) -> str:
        answer = self._own(deed.envelope, who)
        if self._asks_for_code(answer) and not self._is_code(answer, deed.code):
            raise Refusal(409, "the code is not this decision's; it stands beside the digest")
        return await self._engine.operators.take(answer, deed.version)

    async def _answer_similar(self, deed: deeds.AnswerSimilar, who: Who) -> str:
        answer = self._own(deed.envelope, who)
        return await self._engine.operators.take_similar(answer, deed.minutes, deed.count)

    async def _answer_many(self, deed: deeds.AnswerMany, who: Who) -> str:
        answers = [(self._own(marked.envelope, who), marked.version) for marked in deed.answers]
        if any(self._asks_for_code(answer) for answer, _ in answers):
            raise Refusal(409, "critical decisions are approved one by one, with their code")
        return await self._engine.operators.take_many(answers)

    def _own(self, envelope: str, who: Who) -> Answer:
        try:
            answer = self._engine.operators.opened(envelope.encode())
        except KeyProblem as problem:
            raise Refusal(401, str(problem)) from problem
        if (answer.operator, answer.key_id) != (who.name, who.key_id):
            raise Refusal(401, f"the answer is {answer.operator}'s, and {who.name} hands it in")
        return answer

    def _asks_for_code(self, answer: Answer) -> bool:
        decision = self._engine.queue.get(answer.decision_id)
        critical = decision is not None and decision.priority == "critical"
        return critical and answer.answer != "reject"

    def _is_code(self, answer: Answer, code: str) -> bool:
        decision = self._engine.queue.get(answer.decision_id)
        wanted = awaited_digest(decision)[:CODE_LENGTH] if decision else ""
        return secrets.compare_digest(code.encode(), wanted.encode())

    # What could be undone by asking twice says what it wants.

    async def _claim(self, deed: deeds.Claim, who: Who) -> str:
        decision = self._engine.queue.get(deed.decision_id)
        mine = decision is not None and decision.claimed_by == who.name
        if decision is not None and mine is deed.take:
            raise Refusal(409, "it is yours already" if mine else "it is not yours to give back")
        return await self._engine.operators.claim(deed.decision_id, who.name, who.tier)

    async def _pause(self, deed: deeds.PauseAgent, who: Who) -> str:
        return await self._engine.operators.stops.pause_agent(
            deed.agent, who.name, pause=deed.pause
        )

    async def _stop(self, deed: deeds.StopEverything, who: Who) -> str:
        stops = self._engine.operators.stops
        wanted = stops.stop_everything if deed.stop else stops.resume_everything
        return await wanted(who.name)
