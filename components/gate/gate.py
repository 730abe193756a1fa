"""The agents' side of the gate: submit, query, cancel, consume, outcome.

Runs on the gate's thread. A verdict leaves only after its audit record is durable; whatever goes
wrong on the way is a `Refusal`, which every agent must take for a deny.
"""

import asyncio
import sqlite3
import uuid
from collections.abc import Callable

import msgspec

from components.actions import Action, Outcome, VerdictKind
from components.gate.core import Core, Live
from components.gate.events import Asked, Judged, Reported, TurnedAway
from components.gate.inbox import Inbox, conflict
from components.gate.stages import Assessed, Screens
from components.gate.submission import Pending, Refusal, Released, Submission
from components.hitl import GrantChange, Grants
from components.hitl import Refused as QueueRefused
from components.intent_firewall import Throttle
from components.shape import shape

MAX_IN_FLIGHT = 10_000
"""Submissions judged but not yet durable, beyond which the gate answers 429."""

MAX_WAITING = 100_000
"""Decisions waiting for a person, beyond which the gate answers 429."""

_action = msgspec.json.Decoder(Action).decode

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
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, sub: Submission, on_pending: OnPending | None = None) -> Released:
        """Judge an action and return its durable verdict, however long a person takes.

        `on_pending` hears once when a person is asked. The same request may be submitted again
        at any time: it joins the one under way or gets the stored verdict. Cancelling the call
        cancels neither the judgement nor the decision.
        """
        key = (sub.action.agent, sub.action.id)
        live = self._core.live.get(key)
        if live is None:
            live = self._core.live[key] = Live(sub.digest, self._clock.monotonic())
            task = asyncio.get_running_loop().create_task(self._judge(sub, live))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif live.digest != sub.digest:
            self._core.emit(TurnedAway(*key, 409, "a request id came again with another action"))
            raise conflict()
        if on_pending:
            live.tell(on_pending)
        return await asyncio.shield(live.released)

    async def _judge(self, sub: Submission, live: Live) -> None:
        key = (sub.action.agent, sub.action.id)
        try:
            released = await self._first(sub, live)
        except Exception as error:  # whatever it was, the agent hears a deny
            del self._core.live[key]
            refusal = error if isinstance(error, Refusal) else Refusal(500, f"failed: {error!r}")
            live.fail(refusal)
            self._core.gate_meter.fail()
            self._core.emit(TurnedAway(*key, refusal.code, refusal.reason))
            return
        if released is not None:
            del self._core.live[key]
            live.released.set_result(released)

    async def _first(self, sub: Submission, live: Live) -> Released | None:
        """The verdict, or None when a person is asked."""
        if sub.attempt > 1 and (stored := self._stored(sub, live)) is not None:
            return stored[0]
        self._admit(sub)
        assessed = self._screens.assess(sub.action)
        grant = self._grant_for(sub.action, assessed)
        try:
            if assessed.ruling.disposition == "ask" and grant is None:
                await self._ask(sub, assessed, live)
                return None
            released = await self._decide(sub, assessed, grant)
        except sqlite3.IntegrityError:
            stored = self._stored(sub, live)
            if stored is None:
                raise
            return stored[0]
        took = self._clock.monotonic() - live.started
        self._core.gate_meter.record(took)
        self._core.emit(Judged(sub.action, assessed, released.verdict, "rule", took // 1000))
        return released

    async def _decide(
        self, sub: Submission, assessed: Assessed, grant: GrantChange | None
    ) -> Released:
        """The verdict of rules, or of a standing grant."""
        ruling = assessed.ruling
        verdict: VerdictKind = "deny" if ruling.disposition == "block" else "allow"
        rule = ruling.rule
        if grant:
            verdict, rule = grant.after.verdict, f"grant.{grant.after.id}"
        job = self._core.ledger.judge(sub, assessed, verdict, rule, self._policy(), grant)
        try:
            released = await self._core.commit(job)
        except Exception:
            if grant:
                self._grants.revert(grant)
            raise
        if grant:
            self._grants.apply(grant)
        return released

    def _stored(self, sub: Submission, live: Live) -> tuple[Released | None] | None:
        """What the store knows of this request, in a tuple; None when it knows nothing."""
        found = self._inbox.find(sub.action.agent, sub.action.id)
        if found is None:
            return None
        digest, released = found
        if digest != sub.digest:
            raise conflict()
        if released is None:
            decision = self._core.waiting(sub.action.agent, sub.action.id)
            if decision is None:
                raise Refusal(409, "this request is being decided", retry_after_ms=200)
            live.wait(Pending(decision.id, decision.deadline))
        return (released,)

    def _admit(self, sub: Submission) -> None:
        core, action = self._core, sub.action
        if self._clock.now() >= sub.expires_at:
            raise Refusal(408, "the request has expired", field="expires_at")
        if core.stopped:
            raise Refusal(429, "an operator stopped all intake", retry_after_ms=2000)
        if action.agent in core.paused:
            raise Refusal(429, "an operator paused this agent", retry_after_ms=2000)
        if len(core.live) - len(core.queue) > MAX_IN_FLIGHT:
            raise Refusal(429, "too many requests at once", retry_after_ms=100)
        if len(core.queue) >= MAX_WAITING:
            raise Refusal(429, "too many decisions wait for a person", retry_after_ms=5000)
        if reason := self._throttle.admit(action.agent):
            raise Refusal(429, reason.text, retry_after_ms=1000)

    def _grant_for(self, action: Action, assessed: Assessed) -> GrantChange | None:
        """The use of a standing grant that answers in a person's place."""
        if assessed.ruling.disposition != "ask":
            return None
        key = shape(action)
        priority, now = assessed.ruling.priority, self._clock.now()
        grant = self._grants.match(action.agent, action.tool, key, priority, now)
        return self._grants.prepare_use(grant.id) if grant else None

    async def _ask(self, sub: Submission, assessed: Assessed, live: Live) -> None:
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
        core.hitl_meter.record(self._clock.monotonic() - before)
        try:
            await core.commit(core.ledger.ask(sub, change.after, assessed))
        except Exception:  # not a cancellation: the commit may yet succeed then
            core.queue.revert(change)
            raise
        decision = core.queue.apply(change)
        core.remember(decision)
        took = self._clock.monotonic() - live.started
        core.gate_meter.record(took)
        core.emit(Asked(decision, took // 1000))
        live.wait(Pending(decision.id, decision.deadline))

    async def query(self, agent: str, request_id: str) -> Released | Pending:
        """Where a request stands: its verdict, or that it waits. 404 for an unknown one."""
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
        decision = self._core.waiting(agent, request_id)
        if decision is None:
            raise Refusal(404, "no such request waits")
        try:
            change = self._core.queue.prepare_cancel(decision.id)
        except QueueRefused as refused:
            raise Refusal(refused.code, refused.reason) from refused
        await self._core.carry_out(
            change, rule="hitl.cancelled", reasons=("the agent withdrew the request",)
        )

    async def consume(self, agent: str, request_id: str, digest: str) -> int:
        """Use up a verdict before an irreversible act; the result is when. Only once: then 410."""
        answer = await self._core.commit(
            self._core.ledger.consume(agent, request_id, digest, self._policy())
        )
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def outcome(self, outcome: Outcome) -> None:
        """Record what became of an allowed action. Told twice, it counts once."""
        first = await self._core.commit(self._core.ledger.outcome(outcome))
        if isinstance(first, Refusal):
            raise first
        self._throttle.report(outcome.agent, failed=outcome.status == "failed")
        if first:
            self._tell_outcome(outcome)

    def _tell_outcome(self, outcome: Outcome) -> None:
        found = self._inbox.find(outcome.agent, outcome.request_id)
        stored = self._inbox.action_of(outcome.agent, outcome.request_id)
        if found and found[1] and stored:
            self._core.emit(Reported(outcome, _action(stored), found[1].verdict))
