"""Request ids that came again with another action: a condition, until it has been quiet."""

from collections.abc import Callable

from components.clock import Clock
from components.gate import Event, TurnedAway, conflict

QUIET_NS = 300_000_000_000
"""So long after the last one the condition is over; the next raises it anew."""

CONDITION = "id-conflict"


class Conflicts:
    """Hears of the gate's events. `look` is to be called now and then."""

    def __init__(self, report: Callable[[str, str], None], clock: Clock) -> None:
        self._report = report
        self._clock = clock
        self._last: int | None = None
        self._reason = conflict().reason

    def hear(self, event: Event) -> None:
        """Raise the condition where it is one."""
        if isinstance(event, TurnedAway) and event.reason == self._reason:
            self._last = self._clock.monotonic()
            self._report(CONDITION, f"{event.agent}: {event.reason}")

    def look(self) -> None:
        """Clear it where none has come for long."""
        if self._last is not None and self._clock.monotonic() - self._last > QUIET_NS:
            self._last = None
            self._report(CONDITION, "")
