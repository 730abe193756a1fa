"""One operation, measured: durations, calls and failures of the last minute."""

from collections import deque
from itertools import islice
from typing import TypeVar

from fastdigest import TDigest

from components.monitor.window import SECOND_CENTROIDS, SECONDS, SketchWindow
from components.views import Level, OperationRow

RATE_SECONDS = 10
"""The rate on display counts this many seconds back."""

ERRORS_BAD = 0.001
"""A share of failed calls above this is `bad`; a smaller one, not zero, is `warn`."""

MAX_FRESH = 262_144
"""Durations kept between two ticks (at most 10 MB). What runs beyond is counted, not timed."""

_T = TypeVar("_T")


class Meter:
    """Durations and failures of one operation.

    `record` and `fail` append to a list, so any thread may call them. `advance` and `row` belong
    to the one thread that ticks. A call ends in either `record` or `fail`.
    """

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.title = title
        self._fresh: list[int] = []
        self._failures: list[None] = []
        self._untimed: list[None] = []
        self._window = SketchWindow()
        self._calls = deque([0] * SECONDS, maxlen=SECONDS)
        self._failed = deque([0] * SECONDS, maxlen=SECONDS)
        self._history = deque([0.0] * SECONDS, maxlen=SECONDS)
        self._idle = _idle_row(name, title)
        self._row = self._idle

    def record(self, ns: int) -> None:
        """Count a call that worked, and its duration in nanoseconds."""
        if len(self._fresh) < MAX_FRESH:
            self._fresh.append(ns)
        else:
            self._untimed.append(None)

    def fail(self) -> None:
        """Count a call that failed; its duration is not recorded."""
        self._failures.append(None)

    def advance(self, seconds: int) -> None:
        """Let `seconds` whole seconds pass; what came since the last call belongs to the newest."""
        for _ in range(min(seconds, SECONDS) - 1):
            self._push([], 0, 0)
        self._push(_take(self._fresh), len(_take(self._untimed)), len(_take(self._failures)))
        self._row = self._make_row() if any(self._calls) else self._idle

    def row(self) -> OperationRow:
        """The last minute as of the last tick."""
        return self._row

    def rate(self, seconds: int = SECONDS) -> float:
        """Calls per second, failed ones too, over the last `seconds` (at most 60)."""
        return sum(islice(reversed(self._calls), seconds)) / seconds

    def _push(self, durations: list[int], untimed: int, failed: int) -> None:
        sketch = None
        if durations:
            sketch = TDigest.from_values(durations, max_centroids=SECOND_CENTROIDS)
        self._window.push(sketch)
        self._history.append(sketch.quantile(0.99) / 1000 if sketch else 0.0)
        self._calls.append(len(durations) + untimed + failed)
        self._failed.append(failed)

    def _make_row(self) -> OperationRow:
        errors = sum(self._failed) / sum(self._calls)
        p50, p95, p99 = _percentiles(self._window.merged())
        return OperationRow(
            name=self.name,
            title=self.title,
            p50_us=p50,
            p95_us=p95,
            p99_us=p99,
            per_s=self.rate(RATE_SECONDS),
            errors=errors,
            history=tuple(self._history),
            level=_level(errors),
        )


def _idle_row(name: str, title: str) -> OperationRow:
    return OperationRow(name, title, None, None, None, 0.0, 0.0, (0.0,) * SECONDS, "idle")


def _percentiles(sketch: TDigest | None) -> tuple[float | None, float | None, float | None]:
    if sketch is None:
        return None, None, None
    p50, p95, p99 = sketch.quantile_vec((0.5, 0.95, 0.99))
    return p50 / 1000, p95 / 1000, p99 / 1000


def _take(items: list[_T]) -> list[_T]:
    """Empty a list that other threads append to; each step is atomic, so nothing is lost."""
    taken = items[:]
    del items[: len(taken)]
    return taken


def _level(errors: float) -> Level:
    if errors > ERRORS_BAD:
        return "bad"
    return "warn" if errors else "ok"
