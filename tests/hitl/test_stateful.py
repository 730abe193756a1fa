"""Whatever happens in whatever order: the queue against a model that keeps its own books."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from components.actions import PRIORITIES, Action, Answer, Decision
from components.clock import ManualClock
from components.hitl import (
    TERMINAL,
    Change,
    DecisionQueue,
    Refused,
    awaited_digest,
    load_policies,
)
from components.hitl.transitions import RANK, moment
from tests.hitl.world import ACTION, ETHICS, SAFETY, SECOND, state_of

POLICIES = load_policies(
    {
        "critical": {"wait_s": 30, "release_delay_s": 5},
        "high": {"wait_s": 20, "on_timeout": "escalate", "release_delay_s": 2},
        "medium": {"wait_s": 20, "on_timeout": "hold"},
        "low": {"wait_s": 40},
    }
)
PICKS = st.integers(0, 9)
PEOPLE = st.sampled_from(["anna", "ben", "cleo"])
MOSTLY = st.sampled_from([True, True, True, False])


class QueueMachine(RuleBasedStateMachine):
    """The queue, a store that holds what was committed, and what must be true of both."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.queue = DecisionQueue(self.clock, POLICIES)
        self.names: list[str] = []
        self.stored: dict[str, Decision] = {}
        self.deadlines: dict[str, int] = {}
        self.flying: dict[str, tuple[Change, int]] = {}

    def name(self, pick: int) -> str:
        """Mostly a decision that waits, else the newest, which may be over or never was."""
        waiting = [decision.id for decision in self.queue]
        if waiting and pick:
            return waiting[pick % len(waiting)]
        return self.names[-1] if self.names else "none"

    def prepare(self, prepare: Any, name: str, *arguments: Any, **named: Any) -> Change | None:
        """Prepare one change; it must be refused where another is in flight or all is over."""
        barred = name in self.flying or name not in self.stored
        over = not barred and self.stored[name].state in TERMINAL
        late = not barred and self.clock.now() >= self.deadlines[name]
        before = self.queue.get(name)
        try:
            change: Change = prepare(*arguments, **named)
        except Refused:
            assert self.queue.get(name) is before
            return None
        assert not barred
        assert not over
        assert not late
        assert change.before is not None
        assert change.before is before is self.queue.get(name)
        assert change.after.version == change.before.version + 1
        self.flying[name] = (change, self.clock.now())
        return change

    @precondition(lambda self: len(self.queue) < 4)
    @rule(
        priority=st.sampled_from(PRIORITIES),
        tier=st.sampled_from([1, 2, 3, 3, 3]),
        seconds=st.sampled_from([5, 25, 60, 90, 90]),
        durable=MOSTLY,
    )
    def request(self, priority: Any, tier: int, seconds: int, durable: bool) -> None:
        name = f"d{len(self.names)}"
        change = self.queue.prepare_request(
            name,
            ACTION,
            f"digest-{name}",
            safety=SAFETY,
            ethics=ETHICS,
            priority=priority,
            tier=tier,
            expires_at=self.clock.now() + seconds * SECOND,
            policy_version="p",
        )
        assert self.queue.get(name) is None
        self.names.append(name)
        self.deadlines[name] = change.after.deadline
        if durable:
            self.stored[name] = self.queue.apply(change)
        else:
            self.queue.revert(change)
            assert self.queue.get(name) is None

    @rule(
        pick=PICKS,
        kind=st.sampled_from(["approve", "approve", "approve", "modify", "modify", "reject"]),
        operator=PEOPLE,
        key=st.sampled_from(["", "", "", "k-anna", "k-ben"]),
        tier=st.sampled_from([3, 3, 3, 3, 3, 2, 1]),
        seen=st.sampled_from(["now", "now", "now", "now", "at first", "elsewhere"]),
        new=st.sampled_from(["m1", "m2"]),
        current=st.sampled_from(["p"] * 9 + ["q"]),
        at_once=MOSTLY,
    )
    def answer(
        self,
        pick: int,
        kind: Any,
        operator: str,
        key: str,
        tier: int,
        seen: str,
        new: str,
        current: str,
        at_once: bool,
    ) -> None:
        """Any answer, good or bad: it must be taken exactly where nothing speaks against it."""
        name = self.name(pick)
        decision = self.queue.get(name)
        shown = "elsewhere"
        if decision and seen != "elsewhere":
            shown = awaited_digest(decision) if seen == "now" else decision.digest
        modifies = kind == "modify"
        answer = Answer(
            decision_id=name,
            digest=shown,
            answer=kind,
            operator=operator,
            key_id=key or f"k-{operator}",
            tier=tier,
            policy_version="p",
            arguments={"to": new} if modifies else None,
        )
        acceptable = (
            decision is not None
            and name not in self.flying
            and not self.objections(decision, answer, current)
        )
        change = self.prepare(
            self.queue.prepare_answer,
            name,
            answer,
            policy_version=current,
            modified=Action(tool="shell", arguments={"to": new}) if modifies else None,
            modified_digest=new if modifies else "",
        )
        assert acceptable == (change is not None)
        if change and at_once:
            self.finish(list(self.flying).index(name), durable=True)

    @rule(
        pick=PICKS,
        kind=st.sampled_from(["approve", "modify", "approve"]),
        operator=PEOPLE,
        new=st.sampled_from(["m1", "m2"]),
    )
    def answer_well(self, pick: int, kind: Any, operator: str, new: str) -> None:
        """An answer as the console gives it, so that long stories happen too."""
        self.answer(pick, kind, operator, "", 3, "now", new, "p", at_once=True)

    def objections(self, decision: Decision, answer: Answer, current: str) -> list[str]:
        """Why this answer must be refused, by the words of the design alone."""
        now = self.clock.now()
        approves = answer.answer != "reject"
        two = approves and decision.tier >= 3
        found = {
            "late": now >= decision.deadline or now >= decision.due,
            "answered": decision.state != "pending",
            "content": answer.digest != awaited_digest(decision),
            "tier": answer.tier < decision.tier,
            "claim": decision.claimed_by not in {"", answer.operator},
            "policy": approves and current != "p",
            "person": two and answer.operator in {a.operator for a in decision.answers},
            "key": two and answer.key_id in {a.key_id for a in decision.answers},
        }
        return [name for name, holds in found.items() if holds]

    @rule(
        pick=PICKS,
        operator=PEOPLE,
        act=st.sampled_from(["claim", "claim", "unclaim", "snooze", "escalate", "cancel"]),
    )
    def handle(self, pick: int, operator: str, act: str) -> None:
        name, queue = self.name(pick), self.queue
        if act == "claim":
            self.prepare(queue.prepare_claim, name, name, operator, 3)
        elif act == "unclaim":
            self.prepare(queue.prepare_unclaim, name, name, operator)
        elif act == "snooze":
            until = self.clock.now() + 15 * SECOND
            self.prepare(queue.prepare_snooze, name, name, operator, 3, until)
        elif act == "escalate":
            self.prepare(queue.prepare_escalate, name, name)
        else:
            self.prepare(queue.prepare_cancel, name, name)

    @rule(pick=PICKS)
    def undo(self, pick: int) -> None:
        name = self.name(pick)
        change = self.prepare(self.queue.prepare_undo, name, name)
        if change and change.before:
            assert change.before.state == "releasing"
            assert self.clock.now() < change.before.release_at
            assert change.after.state == "pending"
            assert change.after.answers == change.before.answers[:-1]
            if not change.after.answers:
                assert awaited_digest(change.after) == change.after.digest

    @precondition(lambda self: self.flying)
    @rule(pick=PICKS, durable=MOSTLY)
    def finish_one(self, pick: int, durable: bool) -> None:
        self.finish(pick, durable)

    def finish(self, pick: int, durable: bool) -> None:
        name = list(self.flying)[pick % len(self.flying)]
        change, prepared_at = self.flying.pop(name)
        if not durable:
            self.queue.revert(change)
            assert self.queue.get(name) is change.before
            due = self.queue.next_due()
            assert due is not None
            assert change.before is not None
            assert due <= moment(change.before)
            return
        self.commit(change, prepared_at)
        assert self.queue.apply(change) is change.after

    def commit(self, change: Change, prepared_at: int) -> None:
        name, after = change.after.id, change.after
        assert self.stored[name].state not in TERMINAL, "answered twice"
        assert after.deadline == self.deadlines[name]
        assert after.digest == f"digest-{name}"
        if after.state == "allowed":
            self.check_allowed(after, prepared_at)
        self.stored[name] = after

    def check_allowed(self, after: Decision, prepared_at: int) -> None:
        assert prepared_at < self.deadlines[after.id]
        assert after.answers
        for answer in after.answers:
            assert answer.answer != "reject"
            assert answer.tier >= after.tier
            approved = answer.digest if answer.arguments is None else answer.arguments["to"]
            assert approved == awaited_digest(after)
        if after.tier >= 3:
            assert len({answer.operator for answer in after.answers}) == 2
            assert len({answer.key_id for answer in after.answers}) == 2
        if after.modified is not None:
            assert after.modified.arguments == {"to": after.modified_digest}

    @rule(seconds=st.sampled_from([0.5, 0.5, 1, 1, 2, 2, 5, 5, 20, -5, 60]))
    def time_passes(self, seconds: float) -> None:
        """Or jumps, as a wall clock may."""
        self.clock.set_wall(self.clock.now() + round(seconds * SECOND))

    @rule(limit=st.integers(1, 4))
    def due(self, limit: int) -> None:
        now = self.clock.now()
        changes = self.queue.due(limit)
        assert len(changes) <= limit
        for change in changes:
            name = change.after.id
            assert name not in self.flying
            assert change.before is self.queue.get(name)
            assert change.before is not None
            assert moment(change.before) <= now
            assert (change.after.state == "expired") or now < change.after.deadline
            self.flying[name] = (change, now)
        if len(changes) < limit:
            coming = self.queue.next_due()
            assert coming is None or coming > now

    @rule(durable=st.booleans())
    def crash(self, durable: bool) -> None:
        """Killed with changes in flight: before their commit, or between commit and apply."""
        if durable:
            for change, prepared_at in self.flying.values():
                self.commit(change, prepared_at)
        else:
            for change, _ in self.flying.values():
                self.queue.revert(change)
        live = [d for d in self.stored.values() if d.state not in TERMINAL]
        again = DecisionQueue(self.clock, POLICIES)
        again.restore(reversed(self.stored.values()))
        if not durable:
            new, old = state_of(again), state_of(self.queue)
            assert new[:2] == old[:2]
            assert new[3:] == old[3:]
            assert new[2].by_state == old[2].by_state
            assert new[2].snoozed == old[2].snoozed
        assert {d.id for d in again} == {d.id for d in live}
        self.queue = again
        self.flying.clear()

    @invariant()
    def what_waits_is_what_is_stored(self) -> None:
        waiting = {name: d for name, d in self.stored.items() if d.state not in TERMINAL}
        assert {decision.id: decision for decision in self.queue} == waiting
        assert len(self.queue) == len(waiting)

    @invariant()
    def the_list_is_in_order(self) -> None:
        shown = [d for d in self.stored.values() if d.state not in TERMINAL and not d.snoozed_until]
        shown.sort(key=lambda d: (RANK[d.priority], d.due, d.deadline, d.created_at, d.id))
        assert self.queue.pending(100) == shown
        assert self.queue.pending(2) == shown[:2]

    @invariant()
    def every_time_is_within_the_deadline(self) -> None:
        for decision in self.queue:
            assert decision.due <= decision.deadline
            assert decision.snoozed_until <= decision.due
            assert decision.release_at < decision.deadline

    @invariant()
    def nobody_is_forgotten(self) -> None:
        moments = [moment(d) for d in self.queue if d.id not in self.flying]
        assert self.queue.next_due() == (min(moments) if moments else None)


TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(
    max_examples=250, stateful_step_count=50, deadline=None, derandomize=True, database=None
)
