"""A histogram of durations with bins of one width relative to their place.

Each power of two is cut into `_PARTS` bins, so a quantile read from the middle of its bin is at
most 1 / (2 · 64) = 0.8% off, whatever was recorded (the layout that HdrHistogram made known).
Counts of bins add up and subtract exactly: a sketch of an hour is the sum of its seconds, without
the drift that merging centroids has, and a sliding window is kept by one addition and one
subtraction. Cumulative counts at any edge are exact too, which OpenMetrics histograms need.
"""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

_BITS = 6
_PARTS = 1 << _BITS
_EXACT = 2 * _PARTS
"""Values below this have a bin each."""

LARGEST = 1 << 50
"""Longer durations (13 days, in ns) count as this one."""


def bin_of(value: int) -> int:
    """The number of the bin that a duration in ns falls into."""
    if value < _EXACT:
        return max(value, 0)
    shift = min(value, LARGEST).bit_length() - _BITS - 1
    return (shift << _BITS) + (min(value, LARGEST) >> shift)


def lower_edge(number: int) -> int:
    """The least duration in ns of a bin."""
    if number < _EXACT:
        return number
    shift = (number >> _BITS) - 1
    return (number - (shift << _BITS)) << shift


_LAST = bin_of(LARGEST)


def _middle(number: int) -> float:
    return (lower_edge(number) + lower_edge(number + 1) - 1) / 2


class Sketch:
    """Counts per bin, their number and the sum of what was recorded, in ns."""

    __slots__ = ("bins", "count", "total")

    def __init__(self) -> None:
        self.bins: dict[int, int] = {}
        self.count = 0
        self.total = 0

    @classmethod
    def of(cls, values: Sequence[int]) -> "Sketch":
        """A sketch of durations in ns.

        Sorted first, so that a bin costs one search however many fall into it.
        """
        sketch = cls()
        ordered = sorted(values)
        at, end = 0, len(ordered)
        while at < end:
            number = bin_of(ordered[at])
            if number == _LAST or ordered[-1] < (edge := lower_edge(number + 1)):
                after = end
            else:
                after = bisect_left(ordered, edge, at)
            sketch.bins[number] = after - at
            at = after
        sketch.count = end
        sketch.total = sum(ordered)
        return sketch

    def add(self, other: "Sketch") -> None:
        """Count what the other has counted, too."""
        bins = self.bins
        get = bins.get
        for number, count in other.bins.items():
            bins[number] = get(number, 0) + count
        self.count += other.count
        self.total += other.total

    def subtract(self, other: "Sketch") -> None:
        """Take back what was added before."""
        bins = self.bins
        for number, count in other.bins.items():
            left = bins[number] - count
            if left:
                bins[number] = left
            else:
                del bins[number]
        self.count -= other.count
        self.total -= other.total

    def quantiles(self, shares: Sequence[float]) -> tuple[float | None, ...]:
        """Durations in ns below which these shares (0–1, ascending) lie; None when empty.

        As `statistics.quantiles` by rank: the smallest recorded value with at least the share of
        all at or below it, to the accuracy of its bin.
        """
        if not self.count:
            return (None,) * len(shares)
        found: list[float | None] = []
        ordered = iter(sorted(self.bins.items()))
        number, seen = -1, 0
        for share in shares:
            rank = max(share * self.count, 1.0)
            while seen < rank - 1e-9:
                number, count = next(ordered)
                seen += count
            found.append(_middle(number))
        return tuple(found)

    def quantile(self, share: float) -> float | None:
        """One of `quantiles`."""
        return self.quantiles((share,))[0]

    def cumulative(self, edges: Sequence[int]) -> Iterator[int]:
        """How many lie below each of some ascending edges in ns; exact where bins begin there."""
        ordered = sorted(self.bins.items())
        at = seen = 0
        for edge in edges:
            limit = bin_of(edge)
            while at < len(ordered) and ordered[at][0] < limit:
                seen += ordered[at][1]
                at += 1
            yield seen

    def to_bytes(self) -> bytes:
        """A compact form; `from_bytes` is its inverse."""
        numbers = sorted(self.bins)
        counts = [self.bins[number] for number in numbers]
        packed = array("q", (self.total, len(numbers))).tobytes()
        packed += array("H", numbers).tobytes() + array("Q", counts).tobytes()
        return zlib.compress(packed, 1)

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Sketch":
        """Raises `ValueError` for what `to_bytes` did not make."""
        try:
            raw = zlib.decompress(packed)
            total, length = array("q", raw[:16])
            numbers, counts = array("H", raw[16 : 16 + 2 * length]), array("Q")
            counts.frombytes(raw[16 + 2 * length :])
        except (zlib.error, ValueError) as error:
            raise ValueError("not a sketch") from error
        if len(numbers) != length or len(counts) != length:
            raise ValueError("not a sketch")
        sketch = cls()
        sketch.bins = dict(zip(numbers, counts, strict=True))
        sketch.count = sum(counts)
        sketch.total = total
        return sketch
