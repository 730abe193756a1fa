"""When a decision key may act. A pure state machine; all times are monotonic nanoseconds.

A key acts only if the operator has had what they decide in front of them for half a second, if
it was pressed alone (a paste, or a terminal's reply, comes as a burst), and if nothing followed
it at once. Whatever is dropped must be pressed again: nothing is kept for later.
"""

from collections.abc import Hashable

from msgspec import Struct

ARM_NS = 500_000_000
"""How long the same thing must have been shown."""
BURST_NS = 30_000_000
"""Keys closer than this were not typed by a hand."""
QUIET_NS = 40_000_000
"""How long nothing may follow a decision key before it acts."""


class Held(Struct, frozen=True):
    """A decision key that waits for the quiet behind it."""

    name: str
    at: int


class Arming:
    """Follows what is shown and which keys come; decides which of them may act."""

    def __init__(self) -> None:
        self._context: Hashable = None
        self._armed_at: int | None = None
        self._last_key: int | None = None
        self._held: Held | None = None

    def look(self, context: Hashable, now: int) -> None:
        """What is in front of the operator now; a change disarms and drops a held key."""
        if context != self._context:
            self._context = context
            self.disarm(now)

    def disarm(self, now: int) -> None:
        """Begin the half second anew, and drop a held key."""
        self._armed_at = max(now + ARM_NS, self._armed_at or 0)
        self._held = None

    def key(self, at: int) -> None:
        """Any key arrived, before it is asked what it means."""
        burst = self._last_key is not None and at - self._last_key < BURST_NS
        if burst or (self._held is not None and at - self._held.at < QUIET_NS):
            self.disarm(at)
        self._last_key = at

    def pasted(self, at: int) -> None:
        """A bracketed paste arrived: it is not typing."""
        self.disarm(at)

    def press(self, name: str, at: int) -> str:
        """A decision key; holds it and returns "", or returns why it is dropped.

        A key that comes too early begins the half second anew, so that one which repeats never
        acts.
        """
        if self._armed_at is None or at < self._armed_at:
            self.disarm(at)
            return "Too soon: look at it for a moment, then press again."
        self._held = Held(name, at)
        return ""

    def settle(self, now: int) -> tuple[str, bool]:
        """(the name of the key that acts now or "", whether one is still held)."""
        if self._held is None:
            return "", False
        if now - self._held.at < QUIET_NS:
            return "", True
        name, self._held = self._held.name, None
        self._armed_at = now + ARM_NS
        return name, False

    def armed(self, now: int) -> bool:
        """Whether a decision key pressed now would be held."""
        return self._armed_at is not None and now >= self._armed_at
