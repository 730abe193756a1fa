"""Which decisions one operator's consoles hold, and what they have to be told to hold the rest."""

from collections.abc import Iterable, Iterator, Mapping

from app.node.service import DeskService
from app.remote.wire import MOST_OFFERED, Mark, Offered, Withdrawn
from components.actions import Decision
from components.hitl import DecisionQueue

LESS_URGENT = "more urgent ones wait; it comes again"
TOO_LONG = "it is too long to be shown here; decide it at the node itself"


class Offers:
    """Holds a mark of what was sent. A console says now and then what it really has."""

    def __init__(self, queue: DecisionQueue, service: DeskService) -> None:
        self._queue = queue
        self._service = service
        self._held: dict[str, Mark] = {}
        self._too_long: dict[str, Mark] = {}

    def have(self, marks: Mapping[str, Mark]) -> None:
        """This is what the console has, whatever was sent to it."""
        self._held = dict(marks)

    def news(
        self, first: Iterable[Decision], policy: str, most: int
    ) -> Iterator[Offered | Withdrawn]:
        """At most `most` messages that are due; `first` is what a person should see, in order."""
        wanted = dict.fromkeys(decision.id for decision in first)
        spare = [held for held in self._held if held not in wanted]
        for decision_id in dict.fromkeys((*self._held, *wanted)):
            told = decision_id in self._held or decision_id in self._too_long
            missing = decision_id in wanted and not told
            while missing and spare and len(self._held) >= MOST_OFFERED:
                if self._held.pop(given_up := spare.pop(), None) is not None:
                    yield Withdrawn(given_up, LESS_URGENT)
                    most -= 1
            message = self.one(decision_id, policy)
            if message is not None:
                yield message
                most -= 1
            if most <= 0:
                return

    def one(self, decision_id: str, policy: str) -> Offered | Withdrawn | None:
        """What is to be told of one decision, if anything; it counts as told from then on."""
        decision, held = self._queue.get(decision_id), self._held.get(decision_id)
        if decision is None:
            self._too_long.pop(decision_id, None)
            if self._held.pop(decision_id, None) is None:
                return None
            return Withdrawn(decision_id, self._queue.fate(decision_id))
        mark = (decision.version, policy)
        if self._too_long.get(decision_id) == mark:
            self._held.pop(decision_id, None)
            return None
        if held == mark or (held is None and len(self._held) >= MOST_OFFERED):
            return None
        view = self._service.decision(decision_id)
        assert view is not None, "it is in the queue"
        self._held[decision_id] = mark
        return Offered(view)

    def too_long(self, decision_id: str) -> Withdrawn:
        """What is told in place of an offer that no message can hold; it is not made again."""
        self._too_long[decision_id] = self._held.pop(decision_id)
        return Withdrawn(decision_id, TOO_LONG)
