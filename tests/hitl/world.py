"""A small world for the tests of the queue: decisions, answers, and a clock that obeys."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from components.actions import Action, Answer, Decision, Dimensions, EthicsAssessment
from components.actions import SafetyAssessment as Safety
from components.clock import ManualClock
from components.hitl import Change, ClassPolicy, DecisionQueue, Policies, Refused

SECOND = 1_000_000
SAFETY = Safety(0.5, "write", "ask")
ETHICS = EthicsAssessment(0.9, Dimensions())
ACTION = Action(id="r-1", agent="ada", tool="shell", arguments={"command": "rm x"})
PLAIN = Policies(critical=ClassPolicy(600), high=ClassPolicy(300), two_person_tier=4)
"""No release delay, no escalation, one person: what a test does not speak of stays out of it."""


class World:
    """A queue, its clock, and short words for what the gate does with them."""

    def __init__(self, policies: Policies = PLAIN) -> None:
        self.clock = ManualClock()
        self.policies = policies
        self.queue = DecisionQueue(self.clock, policies)

    def prepare_request(self, name: str = "d1", expires_s: float = 3600, **given: Any) -> Change:
        wanted: dict[str, Any] = {
            "action": ACTION,
            "digest": "aa",
            "safety": SAFETY,
            "ethics": ETHICS,
            "priority": "medium",
            "expires_at": self.clock.now() + round(expires_s * SECOND),
            "policy_version": "p1",
        }
        return self.queue.prepare_request(name, **(wanted | given))

    def request(self, name: str = "d1", expires_s: float = 3600, **given: Any) -> Decision:
        return self.queue.apply(self.prepare_request(name, expires_s, **given))

    def answer(self, operator: str = "anna", kind: Any = "approve", **given: Any) -> Decision:
        policy = given.pop("current", "p1")
        modified = given.pop("modified", None)
        modified_digest = given.pop("modified_digest", "")
        return self.queue.apply(
            self.queue.prepare_answer(
                reply(operator, kind, **given),
                policy_version=policy,
                modified=modified,
                modified_digest=modified_digest,
            )
        )

    def modify(self, operator: str, new: str, **given: Any) -> Decision:
        arguments = {"command": new}
        action = Action(id="r-1", agent="ada", tool="shell", arguments=arguments)
        return self.answer(
            operator,
            "modify",
            arguments=arguments,
            modified=action,
            modified_digest=new,
            **given,
        )

    def pass_time(self, seconds: float) -> list[Decision]:
        """Move the clock and apply all that it brings."""
        self.clock.advance(seconds)
        return self.apply_due()

    def apply_due(self) -> list[Decision]:
        return [self.queue.apply(change) for change in self.queue.due()]

    def order(self, limit: int = 100) -> list[str]:
        return [decision.id for decision in self.queue.pending(limit)]


def reply(operator: str = "anna", kind: Any = "approve", **given: Any) -> Answer:
    wanted: dict[str, Any] = {
        "decision_id": "d1",
        "digest": "aa",
        "answer": kind,
        "operator": operator,
        "tier": 3,
        "key_id": f"key-{operator}",
        "policy_version": "p1",
    }
    return Answer(**(wanted | given))


@contextmanager
def refuses(code: int, words: str = "") -> Iterator[None]:
    """Expect a refusal of this code, and these words in its reason."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code, caught.value.reason
    assert words in caught.value.reason


def state_of(queue: DecisionQueue) -> tuple[Any, ...]:
    """All that can be seen of a queue."""
    everything = {decision.id: decision for decision in queue}
    return everything, queue.pending(10**6), queue.counts(), queue.next_due(), len(queue)
