"""Who hears of what happened at the gate."""

from collections.abc import Callable

from components.gate import Event

Hear = Callable[[Event], None]

CONDITION = "hearing"


class Hearing:
    """Tells events, on the gate's thread, to all who hear them, in the order in which they came.

    The gate tells between one answer and the next. So one who fails is a condition of the node:
    the answers go out, and the others hear of them all the same.
    """

    def __init__(self, report: Callable[[str, str], None]) -> None:
        self._report = report
        self._all: tuple[Hear, ...] = ()

    def add(self, *hear: Hear) -> None:
        """Have these hear of every event from now on."""
        self._all += hear

    def tell(self, event: Event) -> None:
        """Something happened."""
        for hear in self._all:
            try:
                hear(event)
            except Exception as error:
                self._report(CONDITION, f"an event was not taken in everywhere: {error!r}")
