"""How the last decisions ended, so that a late answer hears it; the decisions themselves go."""

from operator import attrgetter

from components.actions import Decision, DecisionState
from components.hitl.change import Refused
from components.hitl.transitions import deciding
from components.monitor.footprint import Held, deep_size

_OPERATOR = attrgetter("operator")

REMEMBERED = 1_024
"""So many endings are kept."""


class Settled(dict[str, tuple[DecisionState, tuple[str, ...]]]):
    """The last endings by decision id, oldest forgotten first."""

    def footprint(self) -> Held:
        """The endings kept."""
        return Held(len(self), deep_size(dict(self)))

    def remember(self, decision: Decision) -> None:
        """Keep the ending of a terminal decision."""
        if len(self) >= REMEMBERED:
            del self[next(iter(self))]
        self[decision.id] = (decision.state, tuple(map(_OPERATOR, deciding(decision))))

    def refusal(self, decision_id: str) -> Refused:
        """What a late answer hears: how it ended, or that nothing is known of it."""
        ending = self.get(decision_id)
        if ending is None:
            return Refused("no such decision waits", 404)
        state, operators = ending
        if state == "expired":
            return Refused("too late: it has expired", 408)
        if state == "cancelled":
            return Refused("already decided: its agent has cancelled it")
        if state == "denied" and not operators:
            return Refused("already decided: denied by the policy, or as no console was left")
        names = " and ".join(name or "an operator" for name in operators)
        return Refused(f"already decided: {state} by {names}")
