"""What machine, process and store look like at one moment, read by psutil."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psutil
from msgspec import Struct

from components.monitor.cgroup import MemoryLimits
from components.monitor.disk import device_of

T = TypeVar("T")

_DEAR_S = 60
"""Where open files can only be listed, not counted, that is done once in so many readings."""

_TROUBLE = (psutil.Error, OSError, ValueError, AttributeError, NotImplementedError, RuntimeError)
"""What psutil raises where a figure is forbidden, gone, or unknown to the platform."""


class Readings(Struct, frozen=True, kw_only=True):
    """One look at everything; None for what cannot be known here.

    Counters only ever grow: CPU and busy time in seconds, bytes read and written. All else is as
    it is now: bytes, counts, shares 0–1.
    """

    cpu_busy_s: float | None = None
    cpu_total_s: float | None = None
    memory: float | None = None
    disk_busy_s: float | None = None
    disk_space: float | None = None
    disk_free: int | None = None
    process_cpu_s: float | None = None
    rss: int | None = None
    threads: int | None = None
    open_files: int | None = None
    read: int | None = None
    written: int | None = None
    store: int | None = None
    wal: int | None = None


class Probe(Protocol):
    """Reads everything once."""

    def read(self) -> Readings:
        """Look now; never raises."""
        ...


class SystemProbe:
    """This machine, this process, and the store at a path. For one thread."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._wal = store.with_name(store.name + "-wal")
        self._process = psutil.Process()
        self._limits = MemoryLimits()
        self._device = device_of(store.parent)
        self._files: int | None = None
        self._until_files = 0

    def read(self) -> Readings:
        """Look now; what cannot be read is None."""
        busy, total = _tried(_cpu_times) or (None, None)
        share, free = _tried(self._space) or (None, None)
        with self._process.oneshot():
            return Readings(
                cpu_busy_s=busy,
                cpu_total_s=total,
                memory=_tried(self._memory),
                disk_busy_s=_tried(self._disk_busy),
                disk_space=share,
                disk_free=free,
                process_cpu_s=_tried(self._cpu),
                rss=_tried(lambda: int(self._process.memory_info().rss)),
                threads=_tried(self._process.num_threads),
                open_files=_tried(self._open_files),
                store=_tried(lambda: self._store.stat().st_size),
                wal=_tried(self._wal_size),
                **(_tried(self._io) or {}),
            )

    def _memory(self) -> float:
        machine = psutil.virtual_memory()
        share = 1.0 - machine.available / machine.total
        return max(share, self._limits.used_share(machine.total) or 0.0)

    def _disk_busy(self) -> float | None:
        if self._device is None:
            return None
        counters: Any = psutil.disk_io_counters(perdisk=True, nowrap=False)[self._device]
        return float(counters.busy_time) / 1000

    def _space(self) -> tuple[float, int]:
        usage = psutil.disk_usage(os.fspath(self._store.parent))
        usable = usage.used + usage.free
        return (usage.used / usable if usable else 1.0), usage.free

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def _io(self) -> dict[str, int]:
        counters: Any = self._process.io_counters()
        return {"read": counters.read_bytes, "written": counters.write_bytes}

    def _open_files(self) -> int | None:
        if hasattr(self._process, "num_fds"):
            return self._process.num_fds()
        if not self._until_files:
            self._files = len(self._process.open_files())
            self._until_files = _DEAR_S
        self._until_files -= 1
        return self._files

    def _wal_size(self) -> int:
        """A store that is closed has no log: that is 0 bytes of it."""
        self._store.stat()
        return self._wal.stat().st_size if self._wal.exists() else 0


def _cpu_times() -> tuple[float, float]:
    times: Any = psutil.cpu_times()
    # Linux counts guests among the users already.
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - times.idle - getattr(times, "iowait", 0.0), total


def _tried(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except (*_TROUBLE, KeyError):
        return None
