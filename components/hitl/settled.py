"""How the last decisions ended, so that a late answer hears it; the decisions themselves go."""

from components.actions import Decision, DecisionState
from components.hitl.change import Refused
from components.monitor.footprint import Held, deep_size

REMEMBERED = 1_024
"""So many endings are kept."""


class Settled:
    """The last endings by decision id, oldest forgotten first."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._endings: dict[str, tuple[DecisionState, list[str]]] = {}

    def __contains__(self, decision_id: str) -> bool:
        return decision_id in self._endings

    def __len__(self) -> int:
        return len(self._endings)

    def footprint(self) -> Held:
        """The endings kept."""
        return Held(len(self._endings), deep_size(self._endings))

    def remember(self, decision: Decision) -> None:
        """Keep the ending of a terminal decision."""
        operators = [answer.operator or "an operator" for answer in decision.answers]
        if len(self._endings) >= self._size:
            del self._endings[next(iter(self._endings))]
        self._endings[decision.id] = (decision.state, operators)

    def refusal(self, decision_id: str) -> Refused:
        """What a late answer hears: how it ended, or that nothing is known of it."""
        ending = self._endings.get(decision_id)
        if ending is None:
            return Refused("no such decision waits", 404)
        state, operators = ending
        if state == "expired":
            return Refused("too late: it has expired", 408)
        if state == "cancelled":
            return Refused("already decided: its agent has cancelled it")
        deciding = operators[-1:] if state == "denied" else operators
        return Refused(f"already decided: {state} by {' and '.join(deciding)}")
