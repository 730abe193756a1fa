"""What the gate measures, by stage, and which of its errors are errors of the machine.

A refusal that the caller brought about (malformed, not allowed, unknown, too late on arrival, in
conflict, too much at once) counts neither as a call nor as an error: it is in the event log. What
counts is what broke (423, 500, 503), and, as given up, what came in time and was overtaken by its
deadline (408), or waited for a store that another process holds.
"""

from collections.abc import Mapping

from msgspec import Struct

from components.gate.submission import Refusal
from components.hitl import Refused as QueueRefused
from components.monitor.timer import Recorder, Recorders, count_error
from storage import StoreError

_REFUSED = frozenset(range(400, 500)) - {423}
_LATE = 408

_CHANGES: dict[str, tuple[str, ...]] = {
    "approve": ("hitl.approve_decision", "gate.answer"),
    "modify": ("hitl.approve_decision", "gate.answer"),
    "reject": ("hitl.reject_decision", "gate.answer"),
    "escalate": ("hitl.escalate",),
    "claim": ("hitl.claim",),
    "unclaim": ("hitl.claim",),
    "snooze": ("hitl.snooze",),
    "cancel": ("hitl.cancel",),
    "expire": ("hitl.expire",),
}
"""The operations that a change of a decision is; the other kinds are nobody's call."""


class ScreenMeters(Struct, frozen=True):
    """The screens: all together, and each."""

    all: Recorder
    safe: Recorder
    unsafe: Recorder
    matching: Recorder
    sequences: Recorder
    ethics: Recorder

    @classmethod
    def of(cls, meter: Recorders) -> "ScreenMeters":
        """From what gives a recorder by name."""
        return cls(
            meter("gate.screens"),
            meter("intent_firewall.validate_safe"),
            meter("intent_firewall.validate_unsafe"),
            meter("intent_firewall.pattern_matching"),
            meter("intent_firewall.sequences"),
            meter("love_engine.check_ethics"),
        )


class GateMeters(Struct, frozen=True):
    """From a submission, or an answer, to what is released.

    `verdict` is the machine's time alone: until a question is durable, and again from the answer
    to the release. `person` is the time between.
    """

    verdict: Recorder
    commit: Recorder
    release: Recorder
    log_action: Recorder
    request: Recorder
    pending: Recorder
    person: Recorder
    changes: Mapping[str, tuple[Recorder, ...]]

    @classmethod
    def of(cls, meter: Recorders) -> "GateMeters":
        """From what gives a recorder by name."""
        return cls(
            meter("gate.verdict"),
            meter("gate.commit"),
            meter("gate.release"),
            meter("audit_system.log_action"),
            meter("hitl.request_decision"),
            meter("hitl.get_pending"),
            meter("person.wait"),
            {kind: tuple(map(meter, names)) for kind, names in _CHANGES.items()},
        )


def count_lapse(error: Exception, *recorders: Recorder, late: bool = False) -> None:
    """Count an error where it is the machine's.

    `late` says that the call had come in time: running out of time is then the machine's doing.
    """
    cause = error.__cause__ if isinstance(error.__cause__, StoreError) else error
    if isinstance(cause, Refusal | QueueRefused) and cause.code in _REFUSED:
        if not (late and cause.code == _LATE):
            return
        cause = TimeoutError()
    count_error(cause, *recorders)
