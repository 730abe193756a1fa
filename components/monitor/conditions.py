"""What the node itself reports of its state: conditions that their owners raise and clear.

Each is a series of its own for the alert rules, `condition.<name>`.
"""

from msgspec import Struct, structs

from components.clock import Clock


class Condition(Struct, frozen=True):
    """Something that is not well. `since` is when it was raised, in µs since 1970."""

    name: str
    text: str
    since: int


class Conditions:
    """The conditions that hold, by name.

    Any thread may raise and clear; each name has one owner. Every step is one dictionary
    operation, so no lock is needed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._active: dict[str, Condition] = {}

    def report(self, name: str, text: str) -> None:
        """Raise a condition, or clear it with an empty text."""
        if not text:
            self._active.pop(name, None)
            return
        condition = Condition(name, text, self._clock.now())
        standing = self._active.setdefault(name, condition)
        if standing is not condition:
            self._active[name] = structs.replace(standing, text=text)

    def active(self) -> tuple[Condition, ...]:
        """The conditions that hold, in the order in which they were raised."""
        return tuple(self._active.values())
