"""A queue of decisions as the gate has it, without gate and store."""

from itertools import count

from components.actions import (
    PRIORITIES,
    Action,
    Answer,
    Decision,
    Dimensions,
    EthicsAssessment,
    SafetyAssessment,
)
from components.clock import SystemClock
from components.hitl import DecisionQueue, Policies

HOUR_US = 3_600_000_000
SAFETY = SafetyAssessment(0.5, "write", "ask")
ETHICS = EthicsAssessment(0.9, Dimensions())
ACTION = Action(id="r-1", agent="ada", tool="shell", arguments={"command": "rm -r build"})
DIGEST = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"


class Busy:
    """A queue with decisions of all classes but critical, whose releases would be delayed.

    Each step is prepared and applied, as the gate does it around a commit.
    """

    def __init__(self, size: int = 0) -> None:
        self.clock = SystemClock()
        self.queue = DecisionQueue(self.clock, Policies())
        self._numbers = count()
        for _ in range(size):
            self.request()

    def request(self) -> Decision:
        """One more that waits."""
        number = next(self._numbers)
        change = self.queue.prepare_request(
            f"decision-{number}",
            ACTION,
            DIGEST,
            safety=SAFETY,
            ethics=ETHICS,
            priority=PRIORITIES[1 + number % 3],
            expires_at=self.clock.now() + HOUR_US + number * 7919 % HOUR_US,
            policy_version="p1",
        )
        return self.queue.apply(change)

    def approve(self, decision: Decision) -> Decision:
        """A person says yes."""
        answer = Answer(
            decision_id=decision.id,
            digest=decision.digest,
            answer="approve",
            operator="anna",
            tier=3,
            key_id="key-anna",
            policy_version="p1",
        )
        return self.queue.apply(self.queue.prepare_answer(answer, policy_version="p1"))

    def cancel(self, decision: Decision) -> None:
        """The agent takes it back."""
        self.queue.apply(self.queue.prepare_cancel(decision.id))

    def escalate(self, decision: Decision) -> Decision:
        """To the next tier."""
        return self.queue.apply(self.queue.prepare_escalate(decision.id))
