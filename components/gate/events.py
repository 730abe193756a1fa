"""What the gate tells the rest of the node, after it is durable."""

from typing import Literal

from msgspec import Struct

from components.actions import Action, Decision, Outcome, Verdict
from components.gate.stages import Assessed

DecidedBy = Literal["rule", "operator", "timeout"]


class Judged(Struct, frozen=True):
    """A verdict was released. `gate_us` is the machine's time, `wait_us` the people's."""

    action: Action
    assessed: Assessed | None
    verdict: Verdict
    decided_by: DecidedBy
    gate_us: int
    wait_us: int = 0
    decision: Decision | None = None


class Asked(Struct, frozen=True):
    """A decision waits for a person."""

    decision: Decision
    gate_us: int


class Changed(Struct, frozen=True):
    """A waiting decision changed: claimed, snoozed, escalated, answered once of twice."""

    kind: str
    decision: Decision
    operator: str = ""


class Reported(Struct, frozen=True):
    """An agent reported an outcome of an allowed action, for the first time."""

    outcome: Outcome
    action: Action
    verdict: Verdict


class TurnedAway(Struct, frozen=True):
    """A submission was refused unjudged."""

    agent: str
    request_id: str
    code: int
    reason: str


class Noted(Struct, frozen=True):
    """An operator or the node itself did something that is in the audit log."""

    kind: str
    operator: str = ""
    agent: str = ""
    text: str = ""


Event = Judged | Asked | Changed | Reported | TurnedAway | Noted
