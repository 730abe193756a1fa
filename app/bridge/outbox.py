"""Verdicts on their way to agents: sent again until used, reported, or of no use any more."""

from collections.abc import Iterator

from app.intake.mqtt import Packet
from components.clock import Clock

MOST = 50_000
"""Verdicts that are sent again. An agent asks for one beyond by its request's id."""

_FIRST_US, _LONGEST_US = 5_000_000, 60_000_000

Key = tuple[str, str]
"""Agent and request id."""


class Entry:
    """A verdict to be sent. One that is only told is settled when the broker has it."""

    __slots__ = ("at", "key", "only_told", "packet", "pause", "until")

    def __init__(self, key: Key, packet: Packet, until: int, now: int, *, only_told: bool) -> None:
        self.key = key
        self.packet = packet
        self.only_told = only_told
        self.until = until
        self.pause = _FIRST_US
        self.at = now + self.pause


class Outbox:
    """What is still to be heard of, by agent and request. Of one thread; times are µs UTC."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[Key, Entry] = {}
        self.given_up = 0

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, key: Key, packet: Packet, until: int, *, only_told: bool) -> Entry:
        """Send a verdict again from time to time until `until`; beyond `MOST` the oldest goes."""
        self._entries.pop(key, None)
        if len(self._entries) >= MOST:
            del self._entries[next(iter(self._entries))]
            self.given_up += 1
        entry = Entry(key, packet, until, self._clock.now(), only_told=only_told)
        self._entries[key] = entry
        return entry

    def settle(self, key: Key) -> None:
        """The agent has it: it used the verdict, or told what came of the action."""
        self._entries.pop(key, None)

    def due(self) -> Iterator[Entry]:
        """What is to be sent now; each time the next one is twice as far."""
        now = self._clock.now()
        for key, entry in tuple(self._entries.items()):
            if now >= entry.until:
                del self._entries[key]
            elif now >= entry.at:
                entry.pause = min(2 * entry.pause, _LONGEST_US)
                entry.at = now + entry.pause
                yield entry

    def all(self) -> tuple[Entry, ...]:
        """Everything: for a connection that is new."""
        now = self._clock.now()
        return tuple(one for one in self._entries.values() if now < one.until)
