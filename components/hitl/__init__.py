"""What waits for a person: the queue of decisions, class policies, standing grants."""

from typing import TYPE_CHECKING

from components.faces import lazily

if TYPE_CHECKING:
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
    from components.hitl.transitions import TERMINAL, awaited_digest, deciding

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
    "deciding",
    "load_policies",
]

__getattr__ = lazily(
    __name__,
    {
        "change": "Change ChangeKind Refused",
        "grants": "Grant GrantChange GrantKind Grants GrantState",
        "index": "Counts",
        "policies": "TOP_TIER BadPolicy ClassPolicy OnTimeout Policies load_policies",
        "queue": "DUE_BATCH DecisionQueue",
        "settled": "REMEMBERED",
        "transitions": "TERMINAL awaited_digest deciding",
    },
)
