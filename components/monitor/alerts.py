"""What is wrong right now: alerts that their owners raise and clear."""

from collections.abc import Callable

from msgspec import Struct, structs

from components.clock import Clock


class Alert(Struct, frozen=True):
    """Something that needs the operator. `since` is when it was raised."""

    name: str
    text: str
    since: int


OnChange = Callable[[Alert, bool], None]
"""Called with an alert, and whether it was raised (True) or cleared, on the thread that did."""


class Alerts:
    """The active alerts, by name.

    Any thread may raise and clear; each name has one owner. Every step is one dictionary
    operation, so no lock is needed.
    """

    def __init__(self, clock: Clock, on_change: OnChange | None = None) -> None:
        self._clock = clock
        self._on_change = on_change
        self._active: dict[str, Alert] = {}

    def raise_(self, name: str, text: str) -> None:
        """Raise an alert; when it is active already only its text changes, without a call."""
        alert = Alert(name, text, self._clock.now())
        standing = self._active.setdefault(name, alert)
        if standing is not alert:
            self._active[name] = structs.replace(standing, text=text)
        elif self._on_change is not None:
            self._on_change(alert, True)

    def clear(self, name: str) -> None:
        """Clear an alert, if it is active."""
        alert = self._active.pop(name, None)
        if alert is not None and self._on_change is not None:
            self._on_change(alert, False)

    def active(self) -> tuple[Alert, ...]:
        """The active alerts, in the order in which they were raised."""
        return tuple(self._active.values())
