"""All meters, ticked together."""

from components.clock import Clock
from components.monitor.meter import Meter
from components.views import OperationRow

_SECOND = 1_000_000_000


class Monitor:
    """The meters of one node, in the order in which they were asked for.

    `meter` and `tick` belong to one thread (the gate's); `rows` may be called from any.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second = clock.monotonic() // _SECOND
        self._meters: dict[str, Meter] = {}
        self._rows: tuple[OperationRow, ...] = ()

    def meter(self, name: str, title: str) -> Meter:
        """The meter of that name, made at the first call; later titles change nothing."""
        if name not in self._meters:
            self._meters[name] = Meter(name, title)
            self._show()
        return self._meters[name]

    def tick(self) -> None:
        """Digest what was recorded. Call it about once a second.

        A late tick counts the seconds that passed; a second one within a second does nothing.
        """
        second = self._clock.monotonic() // _SECOND
        passed, self._second = second - self._second, second
        if passed < 1:
            return
        for meter in self._meters.values():
            meter.advance(passed)
        self._show()

    def rows(self) -> tuple[OperationRow, ...]:
        """One row for each meter, as of the last tick; the same tuple until the next."""
        return self._rows

    def _show(self) -> None:
        self._rows = tuple(meter.row() for meter in self._meters.values())
