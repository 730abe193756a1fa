"""How much of the machine is used, by whom, and what the store takes up."""

from pathlib import Path

from components.clock import Clock
from components.monitor.gauges import GAUGES, Gauge
from components.monitor.probe import Probe, Readings, SystemProbe

LEAST_S = 0.5
"""Seconds between the two looks that a rate is taken from, at least."""

_MB = 2**20


class Resources:
    """Looks at machine, process and store, once a second or so. For one thread.

    What is a rate is taken over the time since a look before, half a second ago at least: the
    system counts in ticks, and one of them in a millisecond would be ten processors. Until then
    the rates stay as they were; the first look has none.
    """

    def __init__(self, store_path: Path, clock: Clock, probe: Probe | None = None) -> None:
        self._clock = clock
        self._probe = probe or SystemProbe(store_path)
        self._before: Readings | None = None
        self._looked = 0
        self._rates: dict[str, float] = {}

    def look(self) -> dict[str, float]:
        """The gauges by name (see `components.monitor.gauges`); never raises.

        A figure that the platform cannot give, or whose counter went back, is absent.
        """
        after, now = self._probe.read(), self._clock.monotonic()
        if self._before is None:
            self._before, self._looked = after, now
        elif (seconds := (now - self._looked) / 1e9) >= LEAST_S:
            self._rates = rates(self._before, after, seconds)
            self._before, self._looked = after, now
        return standing(after) | self._rates


def standing(readings: Readings) -> dict[str, float]:
    """What one look tells by itself."""
    r = readings
    figures = {
        "resource.memory": r.memory,
        "resource.disk_space": r.disk_space,
        "process.rss_mb": _mb(r.rss),
        "process.threads": r.threads,
        "process.open_files": r.open_files,
        "store.mb": _mb(r.store),
        "store.wal_mb": _mb(r.wal),
        "store.free_mb": _mb(r.disk_free),
    }
    return {name: float(value) for name, value in figures.items() if value is not None}


def missing(readings: Readings) -> tuple[Gauge, ...]:
    """The gauges of machine and process that these readings leave unknown."""
    nothing = Readings(**dict.fromkeys(Readings.__struct_fields__, 0))
    known = standing(readings) | rates(nothing, readings, 1.0)
    return tuple(
        gauge
        for gauge in GAUGES
        if gauge.name.startswith(("resource.", "process.")) and gauge.name not in known
    )


def rates(before: Readings, after: Readings, seconds: float) -> dict[str, float]:
    """What two looks tell together, `seconds` (above 0) apart."""
    machine = _grown(before.cpu_total_s, after.cpu_total_s)
    busy = _grown(before.cpu_busy_s, after.cpu_busy_s)
    figures = {
        # Against the machine's own count of time, which knows how many processors there are.
        "resource.cpu": _share(busy, machine),
        "resource.disk_io": _share(_grown(before.disk_busy_s, after.disk_busy_s), seconds),
        "process.cpu": _per(_grown(before.process_cpu_s, after.process_cpu_s), seconds),
        "process.read_mb_s": _per(_mb(_grown(before.read, after.read)), seconds),
        "process.write_mb_s": _per(_mb(_grown(before.written, after.written)), seconds),
    }
    return {name: value for name, value in figures.items() if value is not None}


def _grown(before: float | None, after: float | None) -> float | None:
    """By how much a counter grew; None where it went back: it was set anew, or wrapped."""
    if before is None or after is None or after < before:
        return None
    return after - before


def _share(part: float | None, whole: float | None) -> float | None:
    return min(part / whole, 1.0) if part is not None and whole else None


def _per(amount: float | None, seconds: float) -> float | None:
    return None if amount is None else amount / seconds


def _mb(size: float | None) -> float | None:
    return None if size is None else size / _MB
