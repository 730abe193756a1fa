"""The monitor's thread: once a second, beside the gate, it digests, looks, judges and records."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from app.baselines import BadBaseline, Baselines
from app.machine import this_machine
from app.node.alarms import Alarms
from app.node.rule_files import RuleFiles
from app.presenter.monitor import MonitorView, monitor_view
from components.clock import Clock
from components.monitor import (
    COMPONENTS,
    GAUGES,
    Baseline,
    Conditions,
    Footprint,
    HasFootprint,
    History,
    Monitor,
    Resources,
    enough,
    same_machine,
)
from components.monitor.alerting import Samples
from components.monitor.baseline import ENOUGH_S
from components.monitor.footprint import footprint
from components.monitor.gauge_windows import GaugeWindows
from components.monitor.series import operation_series, state_series
from storage import Store

FOOTPRINT_EVERY = 300
"""Seconds between two countings of what the components hold, which take some 70 ms in all."""

FIRST_FOOTPRINT = 5
LOOKED_AT = {"10s": 1, "1m": 5, "5m": 10, "1h": 10}
"""Seconds between two looks of the rules at the figures of a window: a long one changes slowly."""

_TITLES = dict(COMPONENTS) | {"monitor": "Monitor"}
_log = logging.getLogger(__name__)

Parts = Callable[[], Mapping[str, Sequence[HasFootprint]]]
"""What each component of the node is made of now."""

Facts = Callable[[], Mapping[str, float]]
"""Gauges that the node itself knows, read on the monitor's thread."""


class Monitoring:
    """Everything that watches one node. `start` it, `stop` it; `view` is the newest result."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        monitor: Monitor,
        conditions: Conditions,
        alarms: Alarms,
        files: RuleFiles,
        facts: Facts,
        parts: Parts,
    ) -> None:
        self._store, self._clock = store, clock
        self.monitor, self.alarms = monitor, alarms
        self._conditions, self._files = conditions, files
        self._facts, self._parts = facts, parts
        self._resources = Resources(store.path, clock)
        self._windows = GaugeWindows()
        self._history = History(store, monitor.breathe)
        self._baselines = Baselines(store.home)
        self.baseline: Baseline | None = None
        self._footprints: dict[str, Footprint] = {}
        self._unweighed: list[str] = []
        self._kept: dict[str, tuple[int, Samples]] = {}
        self._seconds = 0
        self._started = clock.monotonic()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="monitor", daemon=True)
        self.view: MonitorView = monitor_view(monitor, None, ((), ()), (), offered=False)

    def start(self) -> None:
        """Go on from what is stored, then look once a second."""
        self._attempt("alerts", lambda: self.alarms.resume(self._files))
        self._attempt("history", lambda: self._history.resume(self._clock.now()))
        self.monitor.on_second(lambda second: self._windows.push(second.gauges))
        self.monitor.on_second(self._history.hear)
        self._take_baseline()
        self._thread.start()

    def _attempt(self, name: str, step: Callable[[], None]) -> None:
        """What cannot be taken up again is told: the gate does without it."""
        try:
            step()
        except Exception as error:
            _log.exception("the monitor could not go on from what is stored")
            self._conditions.report(name, f"{name} before this start are lost: {error!r}")

    def stop(self) -> None:
        """Look a last time, and hand to the writer what is left."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self.look()
        self._history.flush(self._clock.now())
        self.alarms.save()

    def look(self) -> None:
        """Look now; any thread may call. Within the same second only states are looked at."""
        with self._lock:
            self._look()

    def _work(self) -> None:
        while not self._stopping.wait(1.0 - self._clock.monotonic() % 1_000_000_000 / 1e9):
            try:
                self.look()
                self._conditions.report("monitor", "")
            except Exception as error:
                _log.exception("the monitor failed")
                self._conditions.report("monitor", f"monitor failed: {error!r}")

    def _look(self) -> None:
        self._gauge()
        self.monitor.tick()
        if self._baselines.changed():
            self._take_baseline()
        if self._files.changed():
            self.alarms.exchange(self._files)
        self._weigh()
        self._seconds += 1
        self.monitor.breathe()
        self.alarms.look(self._samples)
        self.monitor.breathe()
        self.view = monitor_view(
            self.monitor,
            self.baseline,
            self.alarms.shown(),
            tuple(self._footprints.values()),
            offered=self._offered(),
        )

    def _weigh(self) -> None:
        """Count what a component holds, one a second: all at once would be felt."""
        if self._seconds % FOOTPRINT_EVERY == FIRST_FOOTPRINT:
            self._unweighed = list(self._parts())
        if self._unweighed:
            name = self._unweighed.pop(0)
            title = _TITLES.get(name, name)
            self._footprints[name] = footprint(name, title, self._parts()[name])

    def _gauge(self) -> None:
        found = {**self._resources.look(), **self._facts()}
        for gauge in GAUGES:
            self.monitor.gauge(gauge.name, found.get(gauge.name))
        for one in self._footprints.values():
            self.monitor.gauge(f"memory.{one.component}", one.bytes)

    def _samples(self, window: str) -> Samples:
        return {
            **self._operations(window),
            **state_series(self._windows.over(window), self._conditions.active()),
        }

    def _operations(self, window: str) -> Samples:
        kept = self._kept.get(window)
        if kept is not None and self._seconds - kept[0] < LOOKED_AT[window]:
            return kept[1]
        baseline = self.baseline.operations if self.baseline else {}
        found = operation_series(self.monitor.figures(window), baseline)
        self._kept[window] = self._seconds, found
        return found

    def _take_baseline(self) -> None:
        """A baseline that cannot be read leaves the one before in force."""
        self._kept.clear()
        try:
            self.baseline = self._baselines.current()
        except BadBaseline as problem:
            self._conditions.report("baseline", str(problem))
            return
        other = same_machine(self.baseline.machine, this_machine()) if self.baseline else ()
        self._conditions.report(
            "baseline",
            f"the baseline was measured on another machine: {', '.join(other)}" if other else "",
        )

    def _offered(self) -> bool:
        uptime_s = (self._clock.monotonic() - self._started) / 1e9
        if self.baseline is not None or uptime_s < ENOUGH_S:
            return False
        return enough(self.monitor.figures("5m"), uptime_s)
