"""The agents that this node has seen since it started, and what they did."""

from collections import OrderedDict
from collections.abc import Collection
from itertools import islice, takewhile

from components.clock import Clock
from components.gate import Asked, Event, Judged, Reported
from components.text import safe_text
from components.views import AgentRow

MAX_AGENTS = 10_000
SHOWN_AGENTS = 500
"""More are not listed: every look at the node costs the gate's thread their rows."""

ACTIVE_US = 60 * 1_000_000


class _Tally:
    __slots__ = ("actions", "allowed", "asked", "denied", "failed", "last_seen")

    def __init__(self) -> None:
        self.actions = self.allowed = self.denied = self.asked = self.failed = self.last_seen = 0


class Roster:
    """Counts per agent; the longest unseen is forgotten beyond `MAX_AGENTS`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tallies: OrderedDict[str, _Tally] = OrderedDict()

    def hear(self, event: Event) -> None:
        """Count one event of the gate."""
        match event:
            case Judged(action=action, verdict=verdict, decision=decision):
                tally = self._tally(action.agent)
                tally.actions += decision is None
                tally.allowed += verdict.verdict == "allow"
                tally.denied += verdict.verdict != "allow"
            case Asked(decision=decision):
                tally = self._tally(decision.action.agent)
                tally.actions += 1
                tally.asked += 1
            case Reported(outcome=outcome):
                self._tally(outcome.agent).failed += outcome.status == "failed"

    def active(self) -> int:
        """How many agents were seen within the last minute."""
        since = self._clock.now() - ACTIVE_US
        newest_first = reversed(self._tallies.values())
        return sum(1 for _ in takewhile(lambda tally: tally.last_seen >= since, newest_first))

    def rows(self, paused: Collection[str], broken: Collection[str]) -> tuple[AgentRow, ...]:
        """One row an agent, by name: those seen last, and all paused ones, seen or not."""
        names = sorted({*islice(reversed(self._tallies), SHOWN_AGENTS), *paused})
        return tuple(self._row(name, name in paused, name in broken) for name in names)

    def _row(self, name: str, paused: bool, broken: bool) -> AgentRow:
        tally = self._tallies.get(name) or _Tally()
        return AgentRow(
            name=safe_text(name, limit=64),
            actions=tally.actions,
            allowed=tally.allowed,
            denied=tally.denied,
            asked=tally.asked,
            failed=tally.failed,
            last_seen=tally.last_seen,
            paused=paused,
            broken=broken,
        )

    def _tally(self, name: str) -> _Tally:
        tally = self._tallies.get(name)
        if tally is None:
            tally = self._tallies[name] = _Tally()
            if len(self._tallies) > MAX_AGENTS:
                self._tallies.popitem(last=False)
        else:
            self._tallies.move_to_end(name)
        tally.last_seen = self._clock.now()
        return tally
