"""The operators' side of the gate: answers, claims, grants, stops, and what time brings.

Runs on the gate's thread. Each call prepares a change on the queue, makes it durable, applies it,
and returns a sentence for the operator; what is refused raises `Refusal` with one.
"""

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from msgspec.structs import replace

from components.actions import Action, Answer, Decision, Priority, rules_of
from components.canonical import Malformed, digest
from components.gate.answers import open_answer
from components.gate.core import Core
from components.gate.stages import Screens
from components.gate.stops import Stops
from components.gate.submission import Refusal
from components.hitl import Change, Grant, GrantChange, Grants
from components.hitl import Refused as QueueRefused
from components.keys import Keyring, Unauthorised
from components.likeness import likeness
from storage import Job, Tx

T = TypeVar("T")

RESCREENED_AT_ONCE = 8
"""Few, because the gate waits while they are screened."""

DENIED_AT_ONCE = 512


class Operators:
    """What operators do to decisions, agents and grants."""

    def __init__(
        self,
        core: Core,
        screens: Screens,
        grants: Grants,
        policy: Callable[[], str],
        keyring: Callable[[], Keyring],
        node: str,
    ) -> None:
        self._core = core
        self._screens = screens
        self._grants = grants
        self._policy = policy
        self._keyring = keyring
        self._node = node
        self.stops = Stops(core)

    async def answer(self, envelope: bytes, version: int | None = None) -> str:
        """Take a signed answer: approve, reject or modify one decision."""
        came = self._core.clock.monotonic()
        return await self._answer(self.opened(envelope), version, came)

    async def take(self, opened: Answer, version: int | None = None) -> str:
        """As `answer`, for one that was just `opened`."""
        return await self._answer(opened, version, self._core.clock.monotonic())

    def opened(self, envelope: bytes) -> Answer:
        """The answer in a signed envelope; raises `Refusal` where nobody may answer by its key."""
        try:
            return open_answer(envelope, self._keyring(), self._core.clock.now())
        except Unauthorised as error:
            raise Refusal(401, str(error)) from error

    async def _answer(self, answer: Answer, version: int | None, came: int) -> str:
        self._core.check_retired()
        if self._core.stopped and answer.answer != "reject":
            raise Refusal(423, "everything is stopped; resume before you approve")
        modified, modified_digest = self._modified(answer)
        with _refusals():
            change = self._core.queue.prepare_answer(
                answer,
                policy_version=self._policy(),
                modified=modified,
                modified_digest=modified_digest,
                version=version,
            )
        decision = await self._core.carry_out(
            change,
            since=came,
            operator=answer.operator,
            rule="hitl.operator",
            reasons=answer_reasons(change.after),
        )
        return _said(decision, answer)

    def _modified(self, answer: Answer) -> tuple[Action | None, str]:
        """The changed action with its digest, screened anew."""
        if answer.answer != "modify":
            return None, ""
        decision = self._core.queue.get(answer.decision_id)
        if decision is None or answer.arguments is None:
            raise Refusal(404, "this decision no longer waits")
        action = replace(decision.action, arguments=answer.arguments)
        ruling = self._screens.assess_alone(action).ruling
        if ruling.disposition == "block":
            raise Refusal(403, f"the changed action is blocked by {ruling.rule}")
        try:
            return action, digest(self._node, action.agent, action.tool, action.arguments)
        except Malformed as error:
            raise Refusal(422, f"the changed arguments have no digest: {error}") from None

    async def take_similar(self, answer: Answer, minutes: int, count: int) -> str:
        """Take an answer that was just `opened` for one decision, and for similar ones.

        For `count` at most, within `minutes`. A changed action says nothing of those asked for
        (422).
        """
        if answer.answer == "modify":
            raise Refusal(422, "a change is of one action; approve or reject what is similar")
        came = self._core.clock.monotonic()
        decision = self._core.queue.get(answer.decision_id)
        if decision is None:
            raise Refusal(404, "this decision no longer waits")
        now = self._core.clock.now()
        grant = Grant(
            id=uuid.uuid4().hex[:12],
            agent=decision.action.agent,
            tool=decision.action.tool,
            shape=likeness(decision.action),
            verdict="deny" if answer.answer == "reject" else "allow",
            left=count,
            until=now + minutes * 60_000_000,
            operator=answer.operator,
            created_at=now,
            reason=answer.reason,
            rules=rules_of(decision.stages),
        )
        with _refusals():
            change = self._grants.prepare_grant(grant, decision.priority, decision.tier)
        try:
            said = await self._answer(answer, None, came)
        except Exception:
            self._grants.revert(change)
            raise
        await self._carry_grant(change, answer.operator)
        return f"{said}, and similar ones: {count} at most within {minutes} min"

    async def take_many(self, answers: Sequence[tuple[Answer, int]]) -> str:
        """Take a batch of answers just `opened`, each with the version that was marked.

        Each is checked alone; the sentence says how many held and why others did not.
        """
        came = self._core.clock.monotonic()
        results = await _all(self._answer(answer, version, came) for answer, version in answers)
        refused = [result.reason for result in results if isinstance(result, Refusal)]
        done = f"{len(results) - len(refused)} of {len(results)} answered"
        return f"{done}; {'; '.join(dict.fromkeys(refused))}" if refused else done

    async def stand(self, grant: Grant, priority: Priority, tier: int, also: Job[Any]) -> None:
        """Make a standing grant for actions of that priority and tier; `also` is recorded with it.

        Bounded as every grant is.
        """
        with _refusals():
            change = self._grants.prepare_grant(grant, priority, tier)
        await self._carry_grant(change, grant.operator, also)

    async def revoke_grant(self, grant_id: str, operator: str) -> str:
        """End a standing grant."""
        with _refusals():
            change = self._grants.prepare_revoke(grant_id)
        await self._carry_grant(change, operator)
        return f"grant {grant_id} revoked"

    async def _carry_grant(
        self, change: GrantChange, operator: str = "", also: Job[Any] | None = None
    ) -> None:
        await asyncio.shield(self._make_durable(change, operator, also))

    async def _make_durable(
        self, change: GrantChange, operator: str, also: Job[Any] | None
    ) -> None:
        record = self._core.ledger.grant(change, operator)
        try:
            await self._core.commit(record if also is None else _both(also, record))
        except Exception:
            self._grants.revert(change)
            raise
        self._grants.apply(change)
        self._core.tell(f"grant.{change.kind}", operator, change.after.agent)

    async def undo(self, decision_id: str, operator: str) -> str:
        """Take an approval back before it is released."""
        with _refusals():
            change = self._core.queue.prepare_undo(decision_id)
        await self._core.carry_out(change, operator=operator)
        return "taken back; it waits again"

    async def escalate(self, decision_id: str, operator: str) -> str:
        """Hand a decision to the next tier."""
        came = self._core.clock.monotonic()
        with _refusals():
            change = self._core.queue.prepare_escalate(decision_id)
        decision = await self._core.carry_out(change, since=came, operator=operator)
        return f"escalated to tier {decision.tier}"

    async def claim(self, decision_id: str, operator: str, tier: int) -> str:
        """Claim a decision, or give one's own claim back."""
        came = self._core.clock.monotonic()
        decision = self._core.queue.get(decision_id)
        mine = decision is not None and decision.claimed_by == operator
        with _refusals():
            if mine:
                change = self._core.queue.prepare_unclaim(decision_id, operator)
            else:
                change = self._core.queue.prepare_claim(decision_id, operator, tier)
        await self._core.carry_out(change, since=came, operator=operator)
        return "given back" if mine else "claimed"

    async def snooze(self, decision_id: str, seconds: int, operator: str, tier: int) -> str:
        """Put a decision aside for a while, never beyond its time."""
        came = self._core.clock.monotonic()
        until = self._core.clock.now() + seconds * 1_000_000
        with _refusals():
            change = self._core.queue.prepare_snooze(decision_id, operator, tier, until)
        await self._core.carry_out(change, since=came, operator=operator)
        return f"put aside for {seconds // 60} min"

    async def act_on_time(self) -> None:
        """Carry out what deadlines, snoozes and release delays bring now."""
        if self._core.retired:
            return
        changes = self._core.queue.due()
        await _all(
            (
                *(self._carry_due(change) for change in changes),
                *(self._carry_grant(change) for change in self._grants.expired()),
            )
        )

    async def _carry_due(self, change: Change) -> None:
        if change.kind == "release" and self._may_not_leave(change.before):
            self._core.queue.revert(change)
            with _refusals():
                change = self._core.queue.prepare_recall(change.after.id)
        reasons = {
            "expired": ("nobody answered in time",),
            "allowed": answer_reasons(change.after),
        }.get(change.after.state, ())
        rule = "hitl.operator" if change.kind == "release" else "hitl.deadline"
        await self._core.carry_out(change, rule=rule, reasons=reasons)

    def _may_not_leave(self, decision: Decision | None) -> bool:
        """Whether an approval is overtaken: by a stop, or by a policy it was not given under."""
        return self._core.stopped or (
            decision is not None and decision.policy_version != self._policy()
        )

    async def rescreen(self) -> None:
        """Screen what waits under an older policy anew, so that it can be answered.

        Call it again and again: what is just being changed is left for the next time, and so is
        the rest when nothing can be recorded.
        """
        policy = self._policy()
        stale = [decision for decision in self._core.queue if decision.policy_version != policy]
        for batch in _batches(stale, RESCREENED_AT_ONCE):
            results = await _all(self._rescreen_one(decision) for decision in batch)
            if any(isinstance(result, Refusal) and result.code in {423, 503} for result in results):
                return

    async def _rescreen_one(self, decision: Decision) -> None:
        assessed = self._screens.assess_alone(decision.action)
        ruling, queue = assessed.ruling, self._core.queue
        with _refusals():
            if ruling.disposition == "block":
                change = queue.prepare_deny(decision.id)
            else:
                # Where nothing objects any more, what it was asked for still stands.
                why = ruling if ruling.disposition == "ask" else decision
                change = queue.prepare_rescreen(
                    decision.id,
                    safety=assessed.safety,
                    ethics=assessed.ethics,
                    policy_version=self._policy(),
                    priority=ruling.priority,
                    rule=why.rule,
                    reasons=why.reasons,
                    stages=assessed.stages,
                )
        await self._core.carry_out(change, rule=ruling.rule, reasons=ruling.reasons)

    async def deny_all(self, why: str) -> int:
        """Deny everything that waits; for when no console is left to answer. The result counts."""
        denied = 0
        for batch in _batches(tuple(self._core.queue), DENIED_AT_ONCE):
            results = await _all(self._deny(decision, why) for decision in batch)
            denied += results.count(None)
        return denied

    async def _deny(self, decision: Decision, why: str) -> None:
        with _refusals():
            change = self._core.queue.prepare_deny(decision.id)
        await self._core.carry_out(change, rule="hitl.console-lost", reasons=(why,))


async def _all(work: Iterable[Coroutine[Any, Any, T]]) -> list[T | Refusal]:
    """Do many things at once, so that they share commits; what is refused is a result."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Refusal):
            raise result
    return results  # type: ignore[return-value]  # whatever else was raised is raised above


def _both(first: Job[Any], second: Job[T]) -> Job[T]:
    def job(tx: Tx) -> T:
        first(tx)
        return second(tx)

    return job


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def answer_reasons(decision: Decision) -> tuple[str, ...]:
    """What an agent is told of the answers a decision got."""
    words = {"approve": "approved", "reject": "rejected", "modify": "changed and approved"}
    return tuple(
        f"{words[answer.answer]} by {answer.operator}"
        + (f": {answer.reason}" if answer.reason else "")
        for answer in decision.answers
    )


def _said(decision: Decision, answer: Answer) -> str:
    if decision.state == "pending":
        return "approved by you; a second person must approve too"
    if decision.state == "releasing":
        return "approved; released in a moment (u takes it back)"
    return {"reject": "rejected", "modify": "changed and approved"}.get(answer.answer, "approved")


@contextmanager
def _refusals() -> Iterator[None]:
    """Speak the queue's refusals as the gate's."""
    try:
        yield
    except QueueRefused as refused:
        raise Refusal(refused.code, refused.reason) from refused
