"""What a console thinks of its node: whether it is heard, and what came that is not believed."""

from msgspec.structs import replace

from app.remote.wire import SILENT_AFTER_S
from components.clock import Clock
from components.text import safe_text
from components.views import Health

_TOLD_NS = 30_000_000_000


class Standing:
    """Judges one node. `refused` is why it does not let this operator attach, if so."""

    def __init__(self, node: str, clock: Clock) -> None:
        self._node = node
        self._clock = clock
        self._heard_at: int | None = None
        self._warning, self._warned_at = "", 0
        self.refused = ""

    def heard(self) -> None:
        """The node itself said something new."""
        self._heard_at = self._clock.monotonic()

    def warn(self, why: str) -> None:
        """Something came that is not believed."""
        self._warning, self._warned_at = safe_text(why, limit=200), self._clock.monotonic()

    @property
    def silent(self) -> bool:
        """Whether what is shown of the node may be old."""
        silent_s = self._silent_s()
        return silent_s is None or silent_s > SILENT_AFTER_S

    def judged(self, health: Health, *, connected: bool) -> Health:
        """The health line with what this end knows better than the node's last word."""
        if self._warning and self._clock.monotonic() - self._warned_at < _TOLD_NS:
            told = f"a message said to be {self._node}'s was not believed: {self._warning}"
            health = replace(health, alerts=(safe_text(told, limit=300), *health.alerts))
        if not (self.silent or self.refused):
            return health
        silent_s = self._silent_s()
        if self.refused:
            detail = self.refused
        elif not connected:
            detail = "not connected"
        elif silent_s is None:
            detail = "not heard yet"
        else:
            detail = f"not heard for {silent_s:.0f} s"
        detail = safe_text(f"{detail}; nothing is decided from here", limit=200)
        return replace(health, state="frozen", detail=detail)

    def _silent_s(self) -> float | None:
        """For how long the node has not been heard, in seconds; None where it never was."""
        heard = self._heard_at
        return None if heard is None else (self._clock.monotonic() - heard) / 1e9
