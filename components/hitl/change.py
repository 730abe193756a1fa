"""A prepared change of one decision, and what is said when a change is refused."""

from typing import Literal

from msgspec import Struct

from components.actions import Decision

ChangeKind = Literal[
    "request",
    "approve",
    "reject",
    "modify",
    "undo",
    "claim",
    "unclaim",
    "snooze",
    "wake",
    "escalate",
    "hold",
    "rescreen",
    "release",
    "expire",
    "cancel",
    "deny",
]


class Change(Struct, frozen=True):
    """One step of a decision, prepared and not yet visible.

    Make `after` durable, then apply the change; where the commit fails, revert it. `before` is
    None for a new decision. `kind` says what happened, in the words of the audit log: `wake` ends
    a snooze, `hold` lets a decision wait until its deadline, `release` lets an approval out after
    its delay, `deny` ends one that no person denied. A first approval of two is an `approve` (or
    `modify`) whose state stays `pending`.
    """

    before: Decision | None
    after: Decision
    kind: ChangeKind


class Refused(Exception):  # noqa: N818 - the word that the operator reads
    """What was asked for was not done, and nothing changed. `code` is the protocol's.

    403 tier or two-person rule, 404 unknown, 408 too late, 409 decided, claimed, changed or being
    changed, 410 an answer given before, 422 malformed.
    """

    def __init__(self, reason: str, code: int = 409) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
