"""What the book tells: how an alert stands, and how it came to stand so."""

from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from components.monitor.alerting.rules import Severity
from components.monitor.alerting.state import Phase

Kind = Literal["phase", "acknowledged", "silenced", "unsilenced", "silence over"]


class AlertError(ValueError):
    """What an operator asked for cannot be done; the text says why, for people."""


class AlertState(Struct, frozen=True):
    """One alert now. Times are µs since 1970, 0 for never.

    `since`: when it became pending, firing or resolved. `inhibited_by` names the alert that
    explains this one. `why` and `acknowledged_by` are of the acknowledgement.
    """

    id: str
    rule: str
    title: str
    series: str
    phase: Phase
    severity: Severity
    text: str
    value: str
    since: int
    acknowledged_by: str = ""
    why: str = ""
    silenced_until: int = 0
    inhibited_by: str = ""

    @property
    def standing(self) -> bool:
        """Whether it wants somebody's attention: it fires, and nothing mutes it."""
        return self.phase == "firing" and not self.silenced_until and not self.inhibited_by


class Transition(Struct, frozen=True):
    """One change, for history and audit log; `time` and `since` are µs since 1970.

    `kind` "phase" leads from `before` to `after`; the others are acts of operators (or a silence
    that ran out) and leave the phase as it is. The phases of one id chain: each `before` is the
    `after` of the change before, and "inactive" where that was "resolved" or there was none.
    `since` is when `before` began. A silence over rules has its glob as `rule`, and no series.
    """

    time: int
    rule: str
    series: str
    id: str
    before: Phase
    after: Phase
    severity: Severity
    text: str
    value: str = ""
    operator: str = ""
    why: str = ""
    kind: Kind = "phase"
    since: int = 0
    inhibited_by: str = ""

    @property
    def grave(self) -> bool:
        """Whether it fired, resolved, or was an operator's act: not just pending and back."""
        return self.kind != "phase" or self.after in {"firing", "resolved"}


def alert_id(rule: str, series: str) -> str:
    """The id of the alert of a rule on a series: the same in every run."""
    return blake2b(f"{rule}\0{series}".encode(), digest_size=6).hexdigest()
