"""A load over time: what came of it in each stretch, and when a burst was got over. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf, isfinite
from statistics import median

from msgspec import Struct

from bench.figures import percentile

KEPT_S = 40.0
"""A stretch is summed up so long after its end: hardly a call takes longer."""

CALM = 2.0
"""A burst is over when P95 is within this many times the normal one again, and nothing fails."""

STEADY = 3
"""For so many stretches on end."""


class Tick(Struct, frozen=True):
    """A stretch that begins at `at` (s): calls that were due in it, those that failed, their P95
    (ms; infinite where all failed)."""

    at: float
    calls: int
    failed: int
    p95_ms: float


class Timeline:
    """Counts calls by when they were due, in stretches of `width` seconds; keeps no single ones."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.why = ""
        self._open: defaultdict[int, list[float | str]] = defaultdict(list)
        self._closed: dict[int, Tick] = {}
        self._behind = 0

    def hear(self, due: float, heard: float | str) -> None:
        """A call that was due then took so many ms, or failed for a reason."""
        place = int(due / self.width)
        self._open[place].append(heard)
        if isinstance(heard, str):
            self.why = self.why or heard
        if place > self._behind:
            self._behind = place
            self._close(before=int((due - KEPT_S) / self.width))

    def ticks(self) -> list[Tick]:
        """All stretches up to now, in order."""
        self._close(before=None)
        return [self._closed[place] for place in sorted(self._closed)]

    def _close(self, before: int | None) -> None:
        for place in [one for one in self._open if before is None or one < before]:
            found = tick(place * self.width, self._open.pop(place))
            known = self._closed.get(place)
            self._closed[place] = joined(known, found) if known else found


def tick(at: float, heard: Sequence[float | str]) -> Tick:
    """What a stretch amounts to."""
    times = sorted(one for one in heard if not isinstance(one, str))
    p95 = percentile(times, 0.95) if times else inf
    return Tick(at, len(heard), len(heard) - len(times), p95)


def joined(one: Tick, other: Tick) -> Tick:
    """Two parts of a stretch; the worse P95 stands for both."""
    p95 = max(one.p95_ms, other.p95_ms)
    return Tick(one.at, one.calls + other.calls, one.failed + other.failed, p95)


def windows(normal_s: float, burst_s: float, cycles: int) -> list[tuple[float, float]]:
    """When bursts begin and end: each has a normal stretch before and behind it."""
    period = normal_s + burst_s
    return [(at * period + normal_s, (at + 1) * period) for at in range(cycles)]


def in_any(at: float, spans: Iterable[tuple[float, float]]) -> bool:
    """Whether a time lies within one of the spans."""
    return any(since <= at < until for since, until in spans)


def normal_p95(ticks: Sequence[Tick], until: float) -> float:
    """The median P95 (ms) before the first burst; raises `ValueError` where there is none."""
    before = p95s(one for one in ticks if one.at < until)
    if not before:
        raise ValueError("nothing was measured before the first burst")
    return median(before)


def p95s(ticks: Iterable[Tick]) -> list[float]:
    """The P95 (ms) of every stretch in which not all failed."""
    return [one.p95_ms for one in ticks if isfinite(one.p95_ms)]


def recovery_s(
    ticks: Sequence[Tick], end: float, until: float, calm_ms: float, steady: int = STEADY
) -> float | None:
    """Seconds from the end of a burst until it is calm again for `steady` ticks on end; None where
    it is not before `until`."""
    run = 0
    after = [one for one in ticks if end <= one.at < until]
    for place, one in enumerate(after):
        run = run + 1 if one.p95_ms <= calm_ms and not one.failed else 0
        if run == steady:
            return after[place - steady + 1].at - end
    return None


def failed_percent(ticks: Iterable[Tick]) -> float:
    """How many of a hundred calls failed; 0 where there were none."""
    calls, failed = 0, 0
    for one in ticks:
        calls, failed = calls + one.calls, failed + one.failed
    return 100 * failed / calls if calls else 0.0
