"""What waits for a person: the queue of decisions, class policies, standing grants."""

from components.hitl.change import Change, ChangeKind, Refused
from components.hitl.grants import Grant, GrantChange, GrantKind, Grants, GrantState
from components.hitl.index import Counts
from components.hitl.policies import (
    TOP_TIER,
    BadPolicy,
    ClassPolicy,
    OnTimeout,
    Policies,
    load_policies,
)
from components.hitl.queue import DUE_BATCH, DecisionQueue
from components.hitl.settled import REMEMBERED
from components.hitl.transitions import TERMINAL, awaited_digest

__all__ = [
    "DUE_BATCH",
    "REMEMBERED",
    "TERMINAL",
    "TOP_TIER",
    "BadPolicy",
    "Change",
    "ChangeKind",
    "ClassPolicy",
    "Counts",
    "DecisionQueue",
    "Grant",
    "GrantChange",
    "GrantKind",
    "GrantState",
    "Grants",
    "OnTimeout",
    "Policies",
    "Refused",
    "awaited_digest",
    "load_policies",
]
