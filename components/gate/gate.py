"""The agents' side of the gate: submit, query, cancel, consume, outcome.

Runs on the gate's thread. A verdict leaves only after its audit record is durable; whatever goes
wrong on the way is a `Refusal`, which every agent must take for a deny.
"""

import asyncio
import sqlite3
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from components.actions import Action, Outcome, Receipt, VerdictKind
from components.gate.core import Core, Live, or_raise, store_refusal
from components.gate.events import Asked, Judged, Reported, TurnedAway
from components.gate.inbox import Inbox, conflict
from components.gate.meters import count_lapse
from components.gate.stages import Assessed, Screens
from components.gate.submission import Pending, Refusal, Released, Submission
from components.hitl import Change, GrantChange, Grants
from components.hitl import Refused as QueueRefused
from components.intent_firewall import Throttle
from components.likeness import likeness
from storage import StoreError

MAX_IN_FLIGHT = 10_000
"""Submissions judged but not yet durable, beyond which the gate answers 429."""

MAX_AT_ONCE = 64
"""Submissions judged in one turn of the loop; commits are heard between two turns."""

MAX_WAITING = 100_000
"""Decisions waiting for a person, beyond which the gate answers 429."""

_action = msgspec.json.Decoder(Action).decode

T = TypeVar("T")
OnPending = Callable[[Pending], None]


class Gate:
    """Judges submissions. `policy` tells the policy version in force."""

    def __init__(
        self,
        core: Core,
        screens: Screens,
        inbox: Inbox,
        throttle: Throttle,
        grants: Grants,
        policy: Callable[[], str],
    ) -> None:
        self._core = core
        self._screens = screens
        self._inbox = inbox
        self._throttle = throttle
        self._grants = grants
        self._policy = policy
        self._clock = core.clock
        self._arrived: deque[tuple[Submission, Live]] = deque()

    async def submit(self, sub: Submission, on_pending: OnPending | None = None) -> Released:
        """Judge an action and return its durable verdict, however long a person takes.

        `on_pending` hears once when a person is asked. The same request may be submitted again
        at any time: it joins the one under way or gets the stored verdict. Cancelling the call
        cancels neither the judgement nor the decision.
        """
        key = (sub.action.agent, sub.action.id)
        live = self._core.live.get(key)
        known = live is not None
        if live is None:
            live = self._core.live[key] = Live(sub.digest, self._clock.monotonic())
        elif live.digest != sub.digest:
            refusal = conflict()
            self._core.emit(TurnedAway(*key, refusal.code, refusal.reason))
            raise refusal
        if on_pending:
            live.tell(on_pending)
        waiter = live.waiter()
        if not known:
            self._arrive(sub, live)
        try:
            return await waiter
        finally:
            live.forget(waiter)

    def _arrive(self, sub: Submission, live: Live) -> None:
        """Have a submission judged together with all that come in this turn of the loop."""
        if not self._arrived:
            asyncio.get_running_loop().call_soon(self._judge)
        self._arrived.append((sub, live))

    def _guarded(self, step: Callable[..., T], sub: Submission, live: Live, *more: Any) -> T | None:
        """Take one step; whatever goes wrong in it, the agent hears a deny."""
        try:
            return step(sub, live, *more)
        except Exception as error:
            self._refuse(sub, live, error)
            return None

    def _refuse(self, sub: Submission, live: Live, error: Exception) -> None:
        key = (sub.action.agent, sub.action.id)
        self._core.let_go(*key)
        meters, asking = self._core.meters, isinstance(error, QueueRefused)
        count_lapse(error, meters.verdict, *((meters.request,) if asking else ()), late=asking)
        if isinstance(error, StoreError):
            error = store_refusal(error)
        if isinstance(error, QueueRefused):
            error = Refusal(error.code, error.reason)
        refusal = error if isinstance(error, Refusal) else Refusal(500, f"failed: {error!r}")
        live.fail(refusal)
        self._core.emit(TurnedAway(*key, refusal.code, refusal.reason))

    def _release(self, sub: Submission, live: Live, released: Released) -> None:
        self._core.let_go(sub.action.agent, sub.action.id)
        live.release(released)

    def _judge(self) -> None:
        arrived = self._arrived
        turn = [arrived.popleft() for _ in range(min(len(arrived), MAX_AT_ONCE))]
        if arrived:
            asyncio.get_running_loop().call_soon(self._judge)
        admitted = [one for one in turn if self._guarded(self._is_new, *one)]
        found = self._screens.assess_all([sub.action for sub, _ in admitted])
        for (sub, live), assessed in zip(admitted, found, strict=True):
            self._guarded(self._rule_on, sub, live, assessed)

    def _is_new(self, sub: Submission, live: Live) -> bool:
        """Whether a submission is to be judged; False where it was, and is answered."""
        self._core.check_retired()
        if sub.attempt > 1 and self._answer_again(sub, live):
            return False
        self._admit(sub)
        return True

    def _rule_on(self, sub: Submission, live: Live, assessed: Assessed | Exception) -> None:
        if isinstance(assessed, Exception):
            raise assessed
        grant = self._grant_for(sub.action, assessed)
        if assessed.ruling.disposition == "ask" and grant is None:
            self._ask(sub, live, assessed)
        else:
            self._decide(sub, live, assessed, grant)

    def _decide(
        self, sub: Submission, live: Live, assessed: Assessed, grant: GrantChange | None
    ) -> None:
        """The verdict of rules, or of a standing grant."""
        ruling = assessed.ruling
        verdict: VerdictKind = "deny" if ruling.disposition == "block" else "allow"
        rule = ruling.rule
        if grant:
            verdict, rule = grant.after.verdict, f"grant.{grant.after.id}"
        job = self._core.ledger.judge(sub, assessed, verdict, rule, self._policy(), grant)

        def heard(answer: Released | Refusal, error: Exception | None, at: int) -> None:
            if isinstance(answer, Refusal):
                error = answer
                count_lapse(error, self._core.meters.verdict, late=True)
            if grant:
                (self._grants.revert if error else self._grants.apply)(grant)
            if error:
                self._guarded(self._not_recorded, sub, live, error)
            else:
                self._guarded(self._decided, sub, live, assessed, answer, at)

        self._core.submit(job, heard)

    def _decided(
        self, sub: Submission, live: Live, assessed: Assessed, released: Released, heard: int
    ) -> None:
        self._release(sub, live, released)
        now = self._clock.monotonic()
        took = now - live.started
        self._core.meters.release.record(now - heard)
        self._core.meters.verdict.record(took)
        self._core.emit(Judged(sub.action, assessed, released.verdict, "rule", took // 1000))

    def _not_recorded(self, sub: Submission, live: Live, error: Exception) -> None:
        """A job that failed: often because the store knows the request already."""
        if not isinstance(error, sqlite3.IntegrityError) or not self._answer_again(sub, live):
            raise error

    def _answer_again(self, sub: Submission, live: Live) -> bool:
        """Answer from the store; False where it does not know the request."""
        found = self._inbox.find(sub.action.agent, sub.action.id)
        if found is None:
            return False
        digest, released = found
        if digest != sub.digest:
            raise conflict()
        if released is not None:
            self._release(sub, live, released)
            return True
        decision = self._core.waiting(sub.action.agent, sub.action.id)
        if decision is None:
            raise Refusal(409, "this request is being decided", retry_after_ms=200)
        self._core.hold(live, decision)
        return True

    def _admit(self, sub: Submission) -> None:
        core, action = self._core, sub.action
        if self._clock.now() >= sub.expires_at:
            raise Refusal(408, "the request has expired", field="expires_at")
        self._check_running(action.agent)
        if core.draining:
            raise Refusal(429, "this node is draining", retry_after_ms=5000)
        if core.in_flight > MAX_IN_FLIGHT:
            raise Refusal(429, "too many requests at once", retry_after_ms=100)
        if len(core.queue) >= MAX_WAITING:
            raise Refusal(429, "too many decisions wait for a person", retry_after_ms=5000)
        if reason := self._throttle.admit(action.agent):
            raise Refusal(429, reason.text, retry_after_ms=1000)

    def _check_running(self, agent: str) -> None:
        if self._core.stopped:
            raise Refusal(429, "an operator stopped everything", retry_after_ms=2000)
        if agent in self._core.paused:
            raise Refusal(429, "an operator paused this agent", retry_after_ms=2000)

    def _grant_for(self, action: Action, assessed: Assessed) -> GrantChange | None:
        """The use of a standing grant that answers in a person's place."""
        if assessed.ruling.disposition != "ask" or not len(self._grants):
            return None
        ruling, now = assessed.ruling, self._clock.now()
        alike = action.agent, action.tool, likeness(action)
        grant = self._grants.match(*alike, ruling.priority, ruling.asked_by, now)
        return self._grants.prepare_use(grant.id) if grant else None

    def _ask(self, sub: Submission, live: Live, assessed: Assessed) -> None:
        core, ruling = self._core, assessed.ruling
        before = self._clock.monotonic()
        change = core.queue.prepare_request(
            decision_id=uuid.uuid4().hex[:16],
            action=sub.action,
            digest=sub.digest,
            safety=assessed.safety,
            ethics=assessed.ethics,
            priority=ruling.priority,
            expires_at=sub.expires_at,
            policy_version=self._policy(),
            rule=ruling.rule,
            reasons=ruling.reasons,
            stages=assessed.stages,
        )
        prepared = self._clock.monotonic() - before

        def heard(_: Receipt, error: Exception | None, at: int) -> None:
            if error:
                core.queue.revert(change)
                if isinstance(error, StoreError):
                    count_lapse(error, core.meters.request)
                self._guarded(self._not_recorded, sub, live, error)
            else:
                self._guarded(self._asked, sub, live, change, at - prepared)

        core.submit(core.ledger.ask(sub, change.after, assessed), heard)

    def _asked(self, _: Submission, live: Live, change: Change, since: int) -> None:
        """The question is durable. `since` is now, less what it took to prepare it (ns)."""
        core = self._core
        decision = core.queue.apply(change)
        core.remember(decision)
        now = self._clock.monotonic()
        took = now - live.started
        core.meters.request.record(now - since)
        core.meters.verdict.record(took)
        core.emit(Asked(decision, took // 1000))
        core.hold(live, decision)

    async def query(self, agent: str, request_id: str) -> Released | Pending:
        """Where a request stands: its verdict, or that it waits. 404 for an unknown one."""
        self._core.check_retired()
        if decision := self._core.waiting(agent, request_id):
            return Pending(decision.id, decision.deadline)
        found = self._inbox.find(agent, request_id)
        if found is None:
            raise Refusal(404, "no such request")
        if found[1] is None:
            raise Refusal(409, "this request is being decided", retry_after_ms=200)
        return found[1]

    async def cancel(self, agent: str, request_id: str) -> None:
        """Withdraw a request that waits. One that is decided stays decided: 409."""
        since = self._clock.monotonic()
        decision = self._core.waiting(agent, request_id)
        if decision is None and (agent, request_id) in self._core.live:
            raise Refusal(409, "this request is being decided", retry_after_ms=200)
        if decision is None:
            raise Refusal(404, "no such request waits")
        try:
            change = self._core.queue.prepare_cancel(decision.id)
        except QueueRefused as refused:
            raise Refusal(refused.code, refused.reason) from refused
        await self._core.carry_out(
            change,
            since=since,
            rule="hitl.cancelled",
            reasons=("the agent withdrew the request",),
        )

    async def consume(self, agent: str, request_id: str, digest: str) -> int:
        """Use up a verdict before an irreversible act; the result is when. Only once: then 410.

        Not while everything, or this agent, is stopped: a leave that was not used waits, too.
        """
        self._check_running(agent)
        job = self._core.ledger.consume(agent, request_id, digest, self._policy())
        return or_raise(await self._core.commit(job))

    async def outcome(self, outcome: Outcome) -> None:
        """Record what became of an allowed action. Told twice, it counts once.

        Goes on when the caller is cancelled: what is recorded must also be learned.
        """
        await asyncio.shield(self._outcome(outcome))

    async def _outcome(self, outcome: Outcome) -> None:
        told = or_raise(await self._core.commit(self._core.ledger.outcome(outcome)))
        if told != "known":
            self._throttle.report(outcome.agent, failed=outcome.status == "failed")
        if told == "first":
            self._tell_outcome(outcome)

    def _tell_outcome(self, outcome: Outcome) -> None:
        found = self._inbox.find(outcome.agent, outcome.request_id)
        stored = self._inbox.action_of(outcome.agent, outcome.request_id)
        if found and found[1] and stored:
            self._core.emit(Reported(outcome, _action(stored), found[1].verdict))
