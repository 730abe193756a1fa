"""Why an operation is slow: what the evidence says, each with its numbers. Pure.

Where an operation became slower, the parts share what it grew by; else they share its time. What
is around it explains as much as it goes along with: the square of a correlation is the share of
the variance that it explains. A resource that is used to a share ρ makes whoever wants it wait
about ρ of the time, as in a queue with one server.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt

from msgspec import Struct

from components.advisor import words
from components.advisor.parts import STORED, leaves, profile
from components.monitor.catalogue import BY_NAME
from components.monitor.figures import Figures

WORTH = 0.15
"""What explains less is no cause worth naming."""

FEWEST_MOMENTS = 10
"""So many moments, at least, before two things are said to go together."""

TOGETHER = 0.6
"""From this correlation on."""

SATURATED = 0.8
"""A resource that is used to this share is short."""

GREW = 1.1
"""A mean that grew by less did not grow."""

PAUSE, LAG = "runtime.gc_pause", "runtime.loop_lag"


class Cause(Struct, frozen=True):
    """One likely cause: in words, with the numbers it rests on.

    `share` is how much of the operation's time it explains, 0–1. `kind` is what is to blame: an
    operation of the catalogue, a gauge, `queue`, `load` or `errors`.
    """

    text: str
    evidence: str
    share: float
    kind: str = ""


class Moment(Struct, frozen=True):
    """One stretch of time: P95 in µs, calls a second, and the jobs that waited for the writer."""

    p95_us: float
    per_s: float
    queued: float | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """What was measured of an operation and of all around it, over one span of `seconds`.

    `figures` and `before` are of every operation, in this span and in the one it is held against;
    `gauges` are means.
    """

    operation: str
    seconds: float
    figures: Mapping[str, Figures]
    before: Mapping[str, Figures] = {}
    gauges: Mapping[str, float] = {}
    moments: tuple[Moment, ...] = ()


def causes(evidence: Evidence) -> tuple[Cause, ...]:
    """The likely causes, that which explains most first; none where nothing stands out."""
    if evidence.operation not in evidence.figures:
        return ()
    looks = (_errors, _parts, _together, _pauses, _late, _resources)
    found = [cause for look in looks for cause in look(evidence)]
    worth = [cause for cause in found if cause.share >= WORTH or cause.kind == "errors"]
    return tuple(sorted(worth, key=lambda cause: -cause.share))


def _errors(evidence: Evidence) -> Iterator[Cause]:
    seen = evidence.figures[evidence.operation]
    if seen.errors > 0.001:
        numbers = f"{seen.failed:,} failed, {seen.timeouts:,} timed out of {seen.calls:,}"
        yield Cause("calls do not succeed", numbers, seen.errors, "errors")


def _parts(evidence: Evidence) -> Iterator[Cause]:
    now, then = (profile(evidence.operation, seen) for seen in (evidence.figures, evidence.before))
    total, earlier = sum(now.values()), sum(then.values())
    grew = bool(earlier) and total > earlier * GREW
    for name, takes in now.items():
        if name == evidence.operation:
            continue
        more = takes - then.get(name, 0.0)
        share = more / (total - earlier) if grew else takes / total
        numbers = (
            f"{words.latency(takes)} of {words.latency(total)} a call, "
            f"P95 {words.latency(evidence.figures[name].p95_us)}"
        )
        if grew:
            numbers += f"; {words.latency(then.get(name, 0.0))} of {words.latency(earlier)} before"
        said = "grew" if grew else "takes its time"
        yield Cause(f"{BY_NAME[name].title} {said}", numbers, min(max(share, 0.0), 1.0), name)


def _together(evidence: Evidence) -> Iterator[Cause]:
    moments = evidence.moments
    latencies = [moment.p95_us for moment in moments]
    queued = [(moment.queued, moment.p95_us) for moment in moments if moment.queued is not None]
    load = correlation([moment.per_s for moment in moments], latencies)
    queue = correlation([jobs for jobs, _ in queued], [p95 for _, p95 in queued])
    if queue >= TOGETHER:
        longest = max(jobs for jobs, _ in queued)
        numbers = f"r = {queue:.2f} over {len(queued)} moments, up to {longest:,.0f} jobs"
        yield Cause("it is slow when jobs queue for the writer", numbers, queue**2, "queue")
    if load >= TOGETHER:
        most = max(moment.per_s for moment in moments)
        numbers = f"r = {load:.2f} over {len(moments)} moments, up to {words.number(most)}/s"
        yield Cause("it is slow when it is called often", numbers, load**2, "load")


def _pauses(evidence: Evidence) -> Iterator[Cause]:
    """Collections of garbage stop every thread: they make a tail where they meet enough calls."""
    seen, pause = evidence.figures[evidence.operation], evidence.figures.get(PAUSE)
    if evidence.operation == PAUSE or not evidence.seconds:
        return
    if not (seen.p95_us and pause and pause.p95_us):
        return
    often = pause.calls / evidence.seconds
    stopped = often * (pause.mean_us or 0.0) / 1e6
    hit = min(stopped + often * (seen.p50_us or 0.0) / 1e6, 1.0)
    # A P95 is that of a paused call where one in twenty is; below, in proportion.
    share = min(hit / 0.05, 1.0) * min(pause.p95_us / seen.p95_us, 1.0)
    numbers = (
        f"{words.plural(pause.calls, 'pause')}, P95 {words.latency(pause.p95_us)}, "
        f"{words.share(min(stopped, 1.0))} of the time; they meet {words.share(hit)} of the calls"
    )
    yield Cause("collections of garbage stop it", numbers, share, PAUSE)


def _late(evidence: Evidence) -> Iterator[Cause]:
    """What comes back from the writer waits for the gate's thread to get its turn."""
    seen, lag = evidence.figures[evidence.operation], evidence.figures.get(LAG)
    if _stored(evidence.operation) and seen.p95_us and lag and lag.p95_us:
        share = min(lag.p95_us / seen.p95_us, 1.0)
        numbers = f"lag P95 {words.latency(lag.p95_us)} beside {words.latency(seen.p95_us)}"
        yield Cause("the gate's thread gets its turn late", numbers, share, LAG)


def _stored(operation: str) -> bool:
    return not set(STORED).isdisjoint(leaves(operation))


def _resources(evidence: Evidence) -> Iterator[Cause]:
    for gauge, text, concerned in (
        ("resource.cpu", "the processors are busy", True),
        ("resource.disk_io", "the disk is busy", _stored(evidence.operation)),
        ("resource.memory", "memory is short, so pages are fetched anew", True),
    ):
        used = evidence.gauges.get(gauge)
        if concerned and used is not None and used >= SATURATED:
            share = (used - SATURATED) / (1 - SATURATED) if gauge == "resource.memory" else used
            yield Cause(text, f"{words.share(used)} used on average", min(share, 1.0), gauge)


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Pearson's r; 0 for too few pairs, and where either never varies."""
    count = len(xs)
    if count < FEWEST_MOMENTS:
        return 0.0
    mean_x, mean_y = sum(xs) / count, sum(ys) / count
    spread_x = sqrt(sum((x - mean_x) ** 2 for x in xs))
    spread_y = sqrt(sum((y - mean_y) ** 2 for y in ys))
    if not spread_x or not spread_y:
        return 0.0
    together = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return together / (spread_x * spread_y)
