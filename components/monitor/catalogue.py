"""Every operation that is measured, declared once: its name, its title and whose it is.

A name is `component.operation`. `main` ones together are the component's row on the watch screen.
`person.wait` is how long people take; it is part of no other figure.
"""

from msgspec import Struct


class Operation(Struct, frozen=True):
    """One measured operation."""

    name: str
    title: str
    component: str
    main: bool = False


COMPONENTS: tuple[tuple[str, str], ...] = (
    ("gate", "Gate"),
    ("intent_firewall", "Intent Firewall"),
    ("love_engine", "Love Engine"),
    ("hitl", "HITL"),
    ("evolution_core", "Evolution Core"),
    ("audit_system", "Audit System"),
    ("storage", "Store"),
    ("console", "Console"),
    ("runtime", "Runtime"),
    ("person", "People"),
)
"""The components with their titles, in the order in which they are shown."""

SHOWN = frozenset(name for name, _ in COMPONENTS[:6])
"""The components that have a row on the watch screen."""

_DECLARED: dict[str, dict[str, str]] = {
    "gate": {
        "*verdict": "verdict, without people's time",
        "parse": "parse and digest",
        "screens": "all screens",
        "commit": "made durable",
        "release": "released",
        "answer": "an operator's answer",
    },
    "intent_firewall": {
        "*validate_safe": "validate, nothing found",
        "*validate_unsafe": "validate, something found",
        "pattern_matching": "pattern matching",
        "sequences": "sequences of calls",
    },
    "love_engine": {
        "*check_ethics": "check ethics",
        "detect_hallucination": "detect hallucination",
        "compute_love_metric": "love metric",
        "evaluate_alignment": "alignment",
    },
    "hitl": {
        "*request_decision": "request a decision",
        "get_pending": "list what waits",
        "approve_decision": "approve",
        "reject_decision": "reject",
        "escalate": "escalate",
        "claim": "claim or give back",
        "snooze": "snooze",
        "cancel": "cancel",
        "expire": "expire",
    },
    "evolution_core": {
        "*log_experience": "log an experience",
        "recognize_patterns": "recognize patterns",
        "suggest_improvements": "suggest improvements",
        "capability_metrics": "capability metrics",
        "flush": "flush to the store",
    },
    "audit_system": {
        "*log_action": "append an entry",
        "verify_chain": "verify the log",
        "query_history": "query",
        "merkle_root": "tree head and checkpoint",
        "prove": "prove an entry",
    },
    "storage": {"commit": "commit and sync", "wait": "wait for the writer"},
    "console": {"frame": "a frame"},
    "runtime": {"loop_lag": "event loop lag", "gc_pause": "garbage collection"},
    "person": {"wait": "a person's answer"},
}
"""A star marks the operations of the component's row."""

OPERATIONS: tuple[Operation, ...] = tuple(
    Operation(f"{component}.{name.lstrip('*')}", title, component, main=name.startswith("*"))
    for component, declared in _DECLARED.items()
    for name, title in declared.items()
)
BY_NAME: dict[str, Operation] = {operation.name: operation for operation in OPERATIONS}
