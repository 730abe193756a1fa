"""All meters and gauges of a node, digested once a second on a thread beside the gate."""

import threading
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from components.clock import Clock
from components.monitor.catalogue import OPERATIONS
from components.monitor.figures import Figures, Total, empty, figures
from components.monitor.footprint import Held, deep_size
from components.monitor.meter import Meter
from components.monitor.windows import Windows

_SECOND = 1_000_000_000


class Second(Struct, frozen=True):
    """What a tick digested: `time` is the wall clock in µs, `passed` the seconds since the last."""

    time: int
    passed: int
    totals: Mapping[str, Total]
    gauges: Mapping[str, float]


Sink = Callable[[Second], None]


class Monitor:
    """One meter for each operation of the catalogue, and gauges by name.

    `meter` and `gauge` may be called from any thread. `tick` may, too; it is one thread's habit.
    What reads figures waits for a tick under way, so it is nothing for a thread in a hurry.

    `breathe` is called between small pieces of work (see `components.monitor.breath`).
    """

    def __init__(self, clock: Clock, breathe: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self.breathe = breathe
        self._second = clock.monotonic() // _SECOND
        self._meters = {operation.name: Meter(operation.name) for operation in OPERATIONS}
        self._windows = {operation.name: Windows() for operation in OPERATIONS}
        self._totals: dict[str, Total] = {}
        self._figures: dict[str, dict[str, Figures]] = {}
        self._known: dict[tuple[str, str], tuple[tuple[int, ...], Figures]] = {}
        self._gauges: dict[str, float] = {}
        self._sinks: tuple[Sink, ...] = ()
        self._lock = threading.Lock()

    def meter(self, name: str) -> Meter:
        """The meter of an operation. Raises `KeyError` for one that is not in the catalogue."""
        return self._meters[name]

    def gauge(self, name: str, value: float | None) -> None:
        """Set what is measured now and then; None takes it away: what is unknown is not shown."""
        if value is None:
            self._gauges.pop(name, None)
        else:
            self._gauges[name] = value

    def gauges(self) -> dict[str, float]:
        """All gauges as they are now."""
        return dict(self._gauges)

    def on_second(self, sink: Sink) -> None:
        """Hear of every second that was digested, on the ticking thread."""
        self._sinks += (sink,)

    def tick(self) -> None:
        """Digest what was recorded. Call it about once a second.

        A late tick counts the seconds that passed; a second one within a second does nothing.
        """
        with self._lock:
            second = self._clock.monotonic() // _SECOND
            passed, self._second = second - self._second, max(second, self._second)
            if passed < 1:
                return
            fresh = self._digest(passed)
            self._figures = {}
            heard = Second(self._clock.now(), passed, fresh, self.gauges())
        for sink in self._sinks:
            sink(heard)

    def figures(self, window: str) -> Mapping[str, Figures]:
        """The figures of every operation that ran in a window, as of the last tick.

        Worked out for the first who asks: a window that nobody looks at costs nothing.
        """
        with self._lock:
            found = self._figures.get(window)
            if found is None:
                found = self._figures[window] = self._all(window)
            return found

    def per_s(self, name: str, window: str) -> float:
        """Calls a second of one operation in a window; the least that can be asked."""
        with self._lock:
            windows = self._windows[name]
            return windows.calls(window) / windows.seconds(window)

    def over(self, names: Iterable[str], window: str) -> Figures | None:
        """The figures of several operations together; None where none of them ran."""
        with self._lock:
            ran = [name for name in names if self._windows[name].calls(window)]
            if len(ran) == 1:
                return self._one(ran[0], self._windows[ran[0]], window)
            total, seconds = empty(), 1
            for name in ran:
                total.add(self._windows[name].total(window))
                seconds = self._windows[name].seconds(window)
        return figures(total, seconds) if ran else None

    def history(self, name: str) -> tuple[float, ...]:
        """The P99 in µs of each of the last sixty seconds, oldest first; 0 where nothing ran."""
        return tuple(self._windows[name].history)

    def totals(self) -> dict[str, Total]:
        """What every operation amounted to since the start."""
        with self._lock:
            return {name: total.copy() for name, total in self._totals.items()}

    def footprint(self) -> Held:
        """The windows and totals of every operation."""
        held = (
            deep_size(self._windows[name], self._totals.get(name), sample=32)
            for name in self._windows
        )
        return Held(len(self._meters), sum(held))

    def _digest(self, passed: int) -> dict[str, Total]:
        fresh: dict[str, Total] = {}
        for name, meter in self._meters.items():
            windows, total = self._windows[name], meter.take()
            if total is not None:
                self.breathe()
            if passed > 1:
                windows.skip(passed - 1)
            windows.push(total)
            if total is not None:
                fresh[name] = total
                self._totals.setdefault(name, empty()).add(total)
                self.breathe()
        return fresh

    def _all(self, window: str) -> dict[str, Figures]:
        found: dict[str, Figures] = {}
        for name in self._totals:
            windows = self._windows[name]
            if windows.calls(window):
                found[name] = self._one(name, windows, window)
        return found

    def _one(self, name: str, windows: Windows, window: str) -> Figures:
        """Figures that are known still hold while nothing came and nothing fell out."""
        state, known = windows.state(window), self._known.get((name, window))
        if known and known[0] == state:
            return known[1]
        found = figures(windows.total(window), windows.seconds(window))
        self.breathe()
        self._known[name, window] = state, found
        return found
