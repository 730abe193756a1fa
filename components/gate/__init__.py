"""The gate: the way of an action from submission to durable verdict."""

from components.gate.answers import ANSWER_TYPE, open_answer, sign_answer
from components.gate.commands import COMMAND_TYPE, Commands, Order, sign_command
from components.gate.core import Core
from components.gate.events import (
    Asked,
    Changed,
    DecidedBy,
    Event,
    Judged,
    Noted,
    Reported,
    TurnedAway,
)
from components.gate.gate import Gate
from components.gate.inbox import Inbox, conflict
from components.gate.ledger import Ledger
from components.gate.operators import Operators
from components.gate.passages import Reading, read_passage
from components.gate.policy import Ruling, join, policy_version
from components.gate.records import read_verdict
from components.gate.stages import Assessed, Screens
from components.gate.submission import Pending, Refusal, Released, Submission

__all__ = [
    "ANSWER_TYPE",
    "COMMAND_TYPE",
    "Asked",
    "Assessed",
    "Changed",
    "Commands",
    "Core",
    "DecidedBy",
    "Event",
    "Gate",
    "Inbox",
    "Judged",
    "Ledger",
    "Noted",
    "Operators",
    "Order",
    "Pending",
    "Reading",
    "Refusal",
    "Released",
    "Reported",
    "Ruling",
    "Screens",
    "Submission",
    "TurnedAway",
    "conflict",
    "join",
    "open_answer",
    "policy_version",
    "read_passage",
    "read_verdict",
    "sign_answer",
    "sign_command",
]
