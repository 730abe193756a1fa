"""Percentiles of durations: recorded, asked for, and how far off they are."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from math import ceil
from time import perf_counter
from typing import Any

from msgspec import Struct

from bench.peers.peer import Peer, Side, Sides
from components.monitor import Meter, Sketch

VALUES, ASKED = 10_000, 50
SHARES = (0.5, 0.95, 0.99, 0.999)
FINENESS, DIGITS, LONGEST = 0.008, 2, 1 << 50
"""Ours is at most 0.8% off, and so is the DDSketch; two digits are at most 1%."""

ON = {
    "record": f"A duration recorded, of {VALUES:,} lognormal ones; ours with the digest of them",
    "query": "P50, P95, P99 and P99.9 of them",
    "error": "The largest error of these four, in % of the exact value",
}
DOES = {
    "ddsketch": "takes values of any size, and negative ones, and can be sent to other services",
    "hdrhistogram": "keeps a fixed array that never grows, and corrects for calls left out",
}
OURS = "adds up and subtracts exactly, may be recorded from any thread, and is digested in bulk"
PEERS = tuple(
    Peer(
        figure=f"peer.percentiles.{kind}_{what}", name=kind, package=kind, on=on,
        theirs=DOES[kind], ours=OURS, unit="%" if what == "error" else "µs", rounds=15,
    )
    for kind in DOES
    for what, on in ON.items()
)  # fmt: skip


class Way(Struct, frozen=True):
    """How a side takes durations (ns), and tells the four percentiles of what it has taken."""

    record: Callable[[list[int]], Any]
    query: Callable[[Any], list[float]]


@contextmanager
def sides(peer: Peer, _quick: bool) -> Iterator[Sides]:
    """The same durations on both sides."""
    what = peer.figure.rpartition("_")[2]
    side = {"record": recording, "query": asking, "error": worst}[what]
    other = {"ddsketch": ddsketch, "hdrhistogram": hdrhistogram}[peer.name]
    yield Sides(side(OWN), side(other()))


def recording(way: Way) -> Side:
    """µs for a duration."""
    seeds = count()

    def once() -> float:
        values = _durations(next(seeds))
        started = perf_counter()
        way.record(values)
        return 1e6 * (perf_counter() - started) / VALUES

    return once


def asking(way: Way) -> Side:
    """µs for the four of them."""
    taken = way.record(_durations(0))

    def once() -> float:
        started = perf_counter()
        for _ in range(ASKED):
            way.query(taken)
        return 1e6 * (perf_counter() - started) / ASKED

    return once


def worst(way: Way) -> Side:
    """How far off the worst of the four is, in %; other durations at each call."""
    seeds = count()

    def once() -> float:
        values = _durations(next(seeds))
        ordered = sorted(values)
        exact = [ordered[ceil(share * VALUES) - 1] for share in SHARES]
        found = way.query(way.record(values))
        return 100 * max(abs(one / true - 1) for one, true in zip(found, exact, strict=True))

    return once


def _ours(values: list[int]) -> Sketch:
    meter = Meter("bench")
    for value in values:
        meter.record(value)
    total = meter.take()
    assert total
    return total.sketch


OWN = Way(_ours, lambda sketch: list(sketch.quantiles(SHARES)))


def ddsketch() -> Way:
    """Datadog's."""
    from ddsketch import DDSketch

    def record(values: list[int]) -> Any:
        sketch = DDSketch(FINENESS)
        for value in values:
            sketch.add(value)
        return sketch

    return Way(record, lambda sketch: [sketch.get_quantile_value(share) for share in SHARES])


def hdrhistogram() -> Way:
    """HdrHistogram's own for Python."""
    from hdrh.histogram import HdrHistogram

    def record(values: list[int]) -> Any:
        histogram = HdrHistogram(1, LONGEST, DIGITS)
        for value in values:
            histogram.record_value(value)
        return histogram

    def query(histogram: Any) -> list[float]:
        return [histogram.get_value_at_percentile(100 * share) for share in SHARES]

    return Way(record, query)


def _durations(seed: int) -> list[int]:
    dice = random.Random(seed)
    return [round(dice.lognormvariate(12, 1)) for _ in range(VALUES)]
