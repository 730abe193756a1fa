"""The gauges: what can be read off at any moment, as opposed to what is timed. Pure.

Shares run 0–1; MB are 2**20 bytes. A figure that is not known is absent, never 0.
"""

from types import MappingProxyType

from msgspec import Struct


class Gauge(Struct, frozen=True):
    """One gauge. `unit` is "", cores, MB, MB/s, s, kappa (-1 to 1) or flag (0 or 1); `share` says
    0–1 of a whole.

    `flow` ones are of what happened in the last second, the others of how things stand.
    """

    name: str
    title: str
    unit: str = ""
    share: bool = False
    flow: bool = False


GAUGES: tuple[Gauge, ...] = (
    Gauge("resource.cpu", "Processors, whole machine", share=True, flow=True),
    Gauge("resource.memory", "Memory, nearest limit", share=True),
    Gauge("resource.disk_io", "Disk of the store, busy", share=True, flow=True),
    Gauge("resource.disk_space", "Disk of the store, full", share=True),
    Gauge("process.cpu", "Processors, this node", "cores", flow=True),
    Gauge("process.rss_mb", "Memory, this node", "MB"),
    Gauge("process.threads", "Threads"),
    Gauge("process.open_files", "Open files"),
    Gauge("process.read_mb_s", "Read from disk", "MB/s", flow=True),
    Gauge("process.write_mb_s", "Written to disk", "MB/s", flow=True),
    Gauge("store.mb", "Store", "MB"),
    Gauge("store.wal_mb", "Store's write-ahead log", "MB"),
    Gauge("store.free_mb", "Free for the store", "MB"),
    Gauge("store.experiences_buffered", "Experiences not yet stored"),
    Gauge("storage.queued", "Jobs waiting to be stored"),
    Gauge("gate.in_flight", "Requests in flight"),
    Gauge("gate.silent_s", "Gate's thread, silent for", "s"),
    Gauge("hitl.waiting", "Decisions waiting"),
    Gauge("hitl.overdue", "Decisions waiting past their time"),
    Gauge("hitl.oldest_wait_s", "Longest wait for a person", "s"),
    Gauge("love_engine.kappa", "Agreement with people (kappa)", "kappa"),
    Gauge("love_engine.kappa_low", "Agreement with people, at least", "kappa"),
    Gauge("love_engine.kappa_high", "Agreement with people, at most", "kappa"),
    Gauge("love_engine.drifting", "Tools and agents whose agreement drifts"),
    Gauge("audit.frozen", "Audit log frozen", "flag"),
)

GAUGE_BY_NAME = MappingProxyType({gauge.name: gauge for gauge in GAUGES})

_GB = 1024.0
_TIMES = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def gauge_text(gauge: Gauge, value: float) -> str:
    """A value for people: "12%", "312 MB", "1.4 GB", "0.42 cores", "3 min", "1,204", "yes"."""
    if gauge.share:
        return f"{value:.0%}"
    match gauge.unit:
        case "flag":
            return "yes" if value else "no"
        case "s":
            return _duration_text(value)
        case "MB" | "MB/s":
            return _size_text(value, gauge.unit)
        case "kappa":
            return f"{value:.2f}"
        case "cores":
            return f"{value:.2f} cores"
        case _:
            return f"{value:,.0f}"


def _size_text(mb: float, unit: str) -> str:
    if mb >= _GB:
        return f"{mb / _GB:,.1f} {unit.replace('MB', 'GB')}"
    return f"{mb:.0f} {unit}" if mb >= 10 or not mb else f"{mb:.1f} {unit}"


def _duration_text(seconds: float) -> str:
    for length, unit in _TIMES:
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 or not seconds else f"{seconds:.1f} s"
