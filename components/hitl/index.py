"""The decisions that wait, found by id and in order, and counted as they come and go."""

from collections import Counter
from itertools import chain, islice

from msgspec import Struct

from components.actions import PRIORITIES, Decision, DecisionState, Priority
from components.hitl.agenda import Entry
from components.hitl.order import Order


class Counts(Struct, frozen=True):
    """How many decisions there are: those that wait by priority and by state, and those snoozed.

    `ended` counts the terminal states reached since the queue was made.
    """

    by_priority: dict[Priority, int]
    by_state: dict[DecisionState, int]
    snoozed: int
    ended: dict[DecisionState, int]


class Index:
    """Waiting decisions by priority, then due, deadline, creation and id; all steps O(log n)."""

    def __init__(self) -> None:
        self.by_id: dict[str, Decision] = {}
        self._orders = {priority: Order() for priority in PRIORITIES}
        self._snoozed: Counter[Priority] = Counter()
        self._releasing = 0
        self._ended: Counter[DecisionState] = Counter()

    def enter(self, decision: Decision) -> Entry:
        """Take a decision in, none of whose id may be here; the result is its place in order."""
        key = place(decision)
        self.by_id[decision.id] = decision
        if decision.state == "releasing":
            self._releasing += 1
        if decision.snoozed_until:
            self._snoozed[decision.priority] += 1
        else:
            self._orders[decision.priority].enter(key)
        return key

    def leave(self, decision: Decision) -> None:
        """Let a decision go."""
        del self.by_id[decision.id]
        if decision.state == "releasing":
            self._releasing -= 1
        if decision.snoozed_until:
            self._snoozed[decision.priority] -= 1
        else:
            self._orders[decision.priority].leave(place(decision))

    def count_ended(self, state: DecisionState) -> None:
        """Count a terminal state."""
        self._ended[state] += 1

    def first(self, limit: int) -> list[Decision]:
        """The first in order, snoozed ones left out."""
        places = islice(chain.from_iterable(self._orders.values()), limit)
        return [self.by_id[key[3]] for key in places]

    def placed(self) -> int:
        """How many stand in the order: all but snoozed ones."""
        return sum(map(len, self._orders.values()))

    def counts(self) -> Counts:
        """How many there are of each kind; kinds of which there are none are left out."""
        by_priority = {name: len(at) + self._snoozed[name] for name, at in self._orders.items()}
        by_state: dict[DecisionState, int] = {
            "pending": len(self.by_id) - self._releasing,
            "releasing": self._releasing,
        }
        return Counts(
            by_priority={name: count for name, count in by_priority.items() if count},
            by_state={name: count for name, count in by_state.items() if count},
            snoozed=self._snoozed.total(),
            ended=dict(self._ended),
        )


def place(decision: Decision) -> Entry:
    """The place of a decision among those of its priority."""
    return decision.due, decision.deadline, decision.created_at, decision.id
