"""The queue of decisions that wait for a person: a state machine without input or output.

Every change takes two steps, because a decision is made durable before it counts: `prepare_*`
checks and returns a `Change` and marks its decision as in flight; the caller commits
`change.after` and calls `apply`, or `revert` when the commit failed. While a change is in flight
nothing is visible of it and any other change of the same decision is refused, so of two
operators who answer at once the first to commit wins and the other is told.

Times are absolute, by the wall clock. A clock set forward expires what it passes; a clock set
back makes decisions wait longer, but never beyond the deadline that the agent holds too. Not
thread-safe: it belongs to one thread.
"""

from collections.abc import Iterable, Iterator, Sequence
from sys import getsizeof

from components.actions import (
    PRIORITIES,
    Action,
    Answer,
    Decision,
    EthicsAssessment,
    Priority,
    SafetyAssessment,
    Stage,
)
from components.clock import Clock
from components.hitl import rules, transitions
from components.hitl.agenda import Agenda, Entry
from components.hitl.change import Change, ChangeKind, Refused
from components.hitl.index import Counts, Index, place
from components.hitl.policies import TOP_TIER, Policies
from components.hitl.settled import Settled
from components.hitl.shared import Shared
from components.hitl.transitions import TERMINAL
from components.monitor.footprint import Held, deep_size

DUE_BATCH = 256
"""At most so many changes that time brings are prepared at once."""

_PLACE_BYTES = getsizeof((0, 0, 0, ""))  # what stands in it belongs to the decision
_POINTER_BYTES = 8
_STALE_BYTES = _PLACE_BYTES + _POINTER_BYTES + 3 * getsizeof(2**50) + getsizeof("a decision's id")


class DecisionQueue:
    """Decisions that wait, most urgent first: by priority, then due, deadline and creation."""

    def __init__(self, clock: Clock, policies: Policies) -> None:
        self._clock = clock
        self._policies = policies
        self._wait_us = {priority: policies.of(priority).wait_us for priority in PRIORITIES}
        self._longest_us = round(policies.longest_s * 1_000_000)
        self._index = Index()
        self._live = self._index.by_id
        self._in_flight: dict[str, Change] = {}
        self._agenda = Agenda(self._moment_of)
        self._settled = Settled()

    def __len__(self) -> int:
        """How many wait, snoozed and about to be released ones included."""
        return len(self._live)

    def __iter__(self) -> Iterator[Decision]:
        """All that wait, in no order; what happens meanwhile does not disturb it."""
        return iter(tuple(self._live.values()))

    def get(self, decision_id: str) -> Decision | None:
        """One decision that waits, None where none of that id does."""
        return self._live.get(decision_id)

    def fate(self, decision_id: str) -> str:
        """How one that waits no longer ended, in words; empty where that is not remembered."""
        known = decision_id in self._settled
        return self._settled.refusal(decision_id).reason if known else ""

    def pending(self, limit: int) -> list[Decision]:
        """The first `limit` that a person should see, in order; snoozed ones are left out.

        Approvals that wait for their release are among them: they can be undone.
        """
        return self._index.first(limit)

    def counts(self) -> Counts:
        """How many there are of each kind."""
        return self._index.counts()

    def footprint(self) -> Held:
        """Decisions that wait or are in flight, and the endings remembered.

        Decisions are weighed by a sample; their places in the order and on the agenda are counted.
        """
        placed, noted = self._index.placed(), len(self._agenda)
        places = placed * (_PLACE_BYTES + 2 * _POINTER_BYTES)
        places += max(noted - placed, 0) * _STALE_BYTES
        weighed = deep_size(self._live, self._in_flight)
        return Held(len(self._live), weighed + places) + self._settled.footprint()

    def restore(self, decisions: Iterable[Decision]) -> None:
        """Take decisions back after a restart, as they were stored.

        Those past their moment come with the next `due`; terminal ones are only remembered.
        """
        shared = Shared()
        for decision in decisions:
            if decision.state in TERMINAL:
                self._settled.remember(decision)
            else:
                self._enter(shared.decision(decision))

    def prepare_request(
        self,
        decision_id: str,
        action: Action,
        digest: str,
        *,
        safety: SafetyAssessment,
        ethics: EthicsAssessment,
        priority: Priority,
        expires_at: int,
        policy_version: str,
        rule: str = "",
        reasons: tuple[str, ...] = (),
        stages: tuple[Stage, ...] = (),
        tier: int = 1,
    ) -> Change:
        """A new decision. `expires_at` is the agent's own deadline (µs).

        Refused: 409 where the id is known already, 408 where the deadline has passed.
        """
        known = decision_id in self._live or decision_id in self._in_flight
        if known or decision_id in self._settled:
            raise Refused("a decision of this id is known already")
        now = self._clock.now()
        if expires_at <= now:
            raise Refused("its deadline has passed already", 408)
        deadline = min(expires_at, now + self._longest_us)
        decision = Decision(
            id=decision_id,
            action=action,
            digest=digest,
            safety=safety,
            ethics=ethics,
            priority=priority,
            tier=tier,
            created_at=now,
            due=min(now + self._wait_us[priority], deadline),
            deadline=deadline,
            policy_version=policy_version,
            rule=rule,
            reasons=reasons,
            stages=stages,
        )
        return self._start(None, "request", decision)

    def prepare_answer(
        self,
        answer: Answer,
        *,
        policy_version: str = "",
        modified: Action | None = None,
        modified_digest: str = "",
        version: int | None = None,
    ) -> Change:
        """Answer one decision: compare and set on id, digest and state.

        `policy_version` is the one in force: an approval of what was screened or shown under
        another is refused. A modification comes with the action as modified and screened anew,
        and its digest. `version`, where given, must be the decision's own. A rejection may do
        without a reason. Refused: 404 unknown; 409 decided, claimed by another, other content,
        other policy; 408 at or after the deadline; 403 tier, or one person or key twice; 422 form.
        """
        now = self._clock.now()
        decision = self._waiting(answer.decision_id, now)
        rules.check_version(decision, version)
        policies = self._policies
        rules.check_answer(decision, answer, modified, modified_digest, policies, policy_version)
        after = transitions.answered(decision, answer, modified, modified_digest, policies, now)
        return self._start(decision, answer.answer, after)

    def prepare_answers(
        self, marked: Sequence[tuple[Answer, int]], *, policy_version: str = ""
    ) -> list[Change | Refused]:
        """Answer a batch: each answer with the version that was marked, each checked alone.

        One result for each, in order. A batch cannot modify (422).
        """
        return [self._try_answer(answer, version, policy_version) for answer, version in marked]

    def prepare_undo(self, decision_id: str) -> Change:
        """Take the last approval back while its release delay runs; anybody may, it is safe.

        Refused with 409 where nothing is to be released, 408 where it was too late.
        """
        now = self._clock.now()
        decision = self._open(decision_id, now)
        if decision.state != "releasing":
            raise Refused("no answer to take back: it still waits for one")
        if now >= decision.release_at:
            raise Refused("too late: the answer has left", 408)
        return self._start(decision, "undo", transitions.undone(decision))

    def prepare_recall(self, decision_id: str) -> Change:
        """Take the last approval back because it may not leave now, its delay over or not.

        Refused with 409 where nothing is to be released.
        """
        decision = self._open(decision_id, self._clock.now())
        if decision.state != "releasing":
            raise Refused("nothing of it is about to leave")
        return self._start(decision, "undo", transitions.undone(decision))

    def prepare_claim(self, decision_id: str, operator: str, tier: int) -> Change:
        """Claim a decision: only its owner may answer or snooze it then."""
        decision = self._waiting(decision_id, self._clock.now())
        if decision.claimed_by:
            raise Refused(f"claimed by {decision.claimed_by}")
        rules.check_tier(decision, operator, tier)
        return self._start(decision, "claim", transitions.claimed(decision, operator))

    def prepare_unclaim(self, decision_id: str, operator: str) -> Change:
        """Give a claim back; only its owner can."""
        decision = self._waiting(decision_id, self._clock.now())
        rules.check_free(decision, operator)
        if not decision.claimed_by:
            raise Refused("nobody has claimed it")
        return self._start(decision, "unclaim", transitions.claimed(decision, ""))

    def prepare_snooze(self, decision_id: str, operator: str, tier: int, until: int) -> Change:
        """Hide a decision until then (µs), at most for three quarters of what is left of its wait.

        A time that has passed brings it back.
        """
        now = self._clock.now()
        decision = self._waiting(decision_id, now)
        rules.check_tier(decision, operator, tier)
        rules.check_free(decision, operator)
        return self._start(decision, "snooze", transitions.snoozed(decision, until, now))

    def prepare_escalate(self, decision_id: str) -> Change:
        """Hand a decision to the next tier, claimed or not; refused (409) at the top."""
        now = self._clock.now()
        decision = self._waiting(decision_id, now)
        if decision.tier >= TOP_TIER:
            raise Refused(f"it is at the top already (tier {decision.tier})")
        after = transitions.escalated(decision, self._policies, now)
        return self._start(decision, "escalate", after)

    def prepare_rescreen(
        self,
        decision_id: str,
        *,
        safety: SafetyAssessment,
        ethics: EthicsAssessment,
        policy_version: str,
        priority: Priority = "low",
        rule: str = "",
        reasons: tuple[str, ...] = (),
        stages: tuple[Stage, ...] = (),
    ) -> Change:
        """Give a decision the findings of a new policy, so that it can be approved again.

        Approvals and modifications that rest on the old findings fall away. `priority` is what
        the new policy asks for; a decision never becomes less urgent than it was.
        """
        decision = self._waiting(decision_id, self._clock.now())
        after = transitions.rescreened(
            decision,
            safety=safety,
            ethics=ethics,
            policy_version=policy_version,
            priority=min(decision.priority, priority, key=PRIORITIES.index),
            rule=rule,
            reasons=reasons,
            stages=stages,
        )
        return self._start(decision, "rescreen", after)

    def prepare_cancel(self, decision_id: str) -> Change:
        """Withdraw a decision on behalf of its agent, until the very moment it is released."""
        decision = self._open(decision_id, self._clock.now())
        return self._start(decision, "cancel", transitions.cancelled(decision))

    def prepare_deny(self, decision_id: str) -> Change:
        """Deny a decision by no person's answer: for the policy, and where no console is left."""
        decision = self._open(decision_id, self._clock.now())
        return self._start(decision, "deny", transitions.denied(decision))

    def due(self, limit: int = DUE_BATCH) -> list[Change]:
        """Prepare what time has brought: timeouts, ends of snoozes, releases; earliest first.

        At most `limit`; where `next_due` has passed afterwards, more is to come.
        """
        now = self._clock.now()
        changes: list[Change] = []
        while len(changes) < limit and (decision_id := self._agenda.take(now)) is not None:
            decision = self._live[decision_id]
            step = transitions.brought_by_time(decision, self._policies, now)
            changes.append(self._start(decision, *step))
        return changes

    def next_due(self) -> int | None:
        """When `due` has something next (µs, wall clock), None where nothing waits.

        A timer set for it should look again at least once a second: the wall clock may jump.
        """
        return self._agenda.first()

    def apply(self, change: Change) -> Decision:
        """Make a prepared change visible, after its commit; a terminal decision is let go."""
        self._finish(change)
        before, after = change.before, change.after
        if before is not None:
            self._index.leave(before)
        if after.state in TERMINAL:
            self._index.count_ended(after.state)
            self._settled.remember(after)
        else:
            self._enter(after)
        return after

    def revert(self, change: Change) -> None:
        """Drop a prepared change whose commit failed: all is as it was before."""
        self._finish(change)
        if change.before is not None:
            self._schedule(change.before, place(change.before))

    def _try_answer(self, answer: Answer, version: int, policy_version: str) -> Change | Refused:
        if answer.answer == "modify":
            return Refused("a batch can approve or reject, not modify", 422)
        try:
            return self.prepare_answer(answer, policy_version=policy_version, version=version)
        except Refused as refused:
            return refused

    def _open(self, decision_id: str, now: int) -> Decision:
        decision = self._live.get(decision_id)
        if decision is None:
            raise self._settled.refusal(decision_id)
        if change := self._in_flight.get(decision_id):
            raise rules.busy(change)
        if now >= decision.deadline:
            raise Refused("too late: its deadline has passed", 408)
        return decision

    def _waiting(self, decision_id: str, now: int) -> Decision:
        decision = self._open(decision_id, now)
        rules.check_waiting(decision, self._policies, now)
        return decision

    def _start(self, before: Decision | None, kind: ChangeKind, after: Decision) -> Change:
        change = Change(before, after, kind)
        self._in_flight[after.id] = change
        return change

    def _finish(self, change: Change) -> None:
        decision_id = change.after.id
        if self._in_flight.get(decision_id) is not change:
            raise LookupError(f"no such change of {decision_id} is in flight")
        del self._in_flight[decision_id]

    def _enter(self, decision: Decision) -> None:
        self._schedule(decision, self._index.enter(decision))

    def _schedule(self, decision: Decision, key: Entry) -> None:
        moment = transitions.moment(decision)
        self._agenda.enter(key if key[0] == moment else (moment, *key[1:]))

    def _moment_of(self, decision_id: str) -> int | None:
        decision = self._live.get(decision_id)
        if decision is None or decision_id in self._in_flight:
            return None
        return transitions.moment(decision)
