"""A histogram of durations with bins of one width relative to their place.

Each power of two is cut into `_PARTS` bins, so a quantile read from the middle of its bin is at
most 1 / (2 · 64) = 0.8% off, whatever was recorded (the layout that HdrHistogram made known).
Counts of bins add up and subtract exactly: a sketch of an hour is the sum of its seconds, without
the drift that merging centroids has, and a sliding window is kept by one addition and one
subtraction. Cumulative counts at any edge are exact too, which OpenMetrics histograms need.
"""

import struct
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

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

_DROPPED = 52 - _BITS
_FIRST = (1023 + _BITS - 1) << _BITS
_PLAIN = _FIRST + _PARTS
_HEAD = struct.Struct("<qHcc")
_GAPS, _COUNTS = ("B", "H"), ("B", "H", "I", "Q")


def _bin_of_cut(cut: int) -> int:
    """The bin of a double by its exponent and the leading bits of its fraction.

    Those are the number of the bin itself, but for values so small that each has a bin of its own.
    """
    if cut >= _PLAIN:
        return min(cut - _FIRST, _LAST)
    if cut <= 0:
        return 0
    (value,) = struct.unpack("d", struct.pack("q", cut << _DROPPED))
    return int(value)


def _middle(number: int) -> float:
    return (lower_edge(number) + lower_edge(number + 1) - 1) / 2


class Sketch:
    """Counts per bin, their number and the sum of what was recorded, in ns."""

    __slots__ = ("_packed", "bins", "count", "total")

    def __init__(self) -> None:
        self.bins: dict[int, int] = {}
        self.count = 0
        self.total = 0
        self._packed: bytes | None = None

    @classmethod
    def of(cls, values: Sequence[int]) -> "Sketch":
        """A sketch of durations in ns.

        A double has the bin in its upper bits, so all of them are found and counted in bulk.
        """
        sketch = cls()
        doubles = array("q", array("d", values).tobytes())
        counted = Counter([bits >> _DROPPED for bits in doubles])
        if counted and min(counted) >= _PLAIN and max(counted) <= _FIRST + _LAST:
            sketch.bins = {cut - _FIRST: count for cut, count in counted.items()}
        else:
            for cut, count in counted.items():
                number = _bin_of_cut(cut)
                sketch.bins[number] = sketch.bins.get(number, 0) + count
        sketch.count = len(values)
        sketch.total = sum(values)
        return sketch

    def add(self, other: "Sketch") -> None:
        """Count what the other has counted, too."""
        bins = self.bins
        get = bins.get
        for number, count in other.bins.items():
            bins[number] = get(number, 0) + count
        self.count += other.count
        self.total += other.total
        self._packed = None

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
        self._packed = None

    def quantiles(self, shares: Sequence[float]) -> tuple[float | None, ...]:
        """Durations in ns below which these shares (0–1, ascending) lie; None when empty.

        As `statistics.quantiles` by rank: the smallest recorded value with at least the share of
        all at or below it, to the accuracy of its bin.
        """
        if not self.count:
            return (None,) * len(shares)
        numbers = sorted(self.bins)
        seen = list(accumulate(map(self.bins.__getitem__, numbers)))
        ranks = (max(share * self.count, 1.0) - 1e-9 for share in shares)
        return tuple(_middle(numbers[bisect_left(seen, rank)]) for rank in ranks)

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
        """A compact form, about two bytes a bin; `from_bytes` is its inverse.

        Gaps between the numbers of bins, then their counts, each as narrow as the largest allows.
        """
        if self._packed is None:
            self._packed = self._pack()
        return self._packed

    def _pack(self) -> bytes:
        numbers = sorted(self.bins)
        gaps = [after - before for before, after in zip((0, *numbers), numbers, strict=False)]
        counts = [*map(self.bins.__getitem__, numbers)]
        narrow, wide = _narrowest(_GAPS, gaps), _narrowest(_COUNTS, counts)
        head = _HEAD.pack(self.total, len(numbers), narrow.encode(), wide.encode())
        return head + array(narrow, gaps).tobytes() + array(wide, counts).tobytes()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Sketch":
        """Raises `ValueError` for what `to_bytes` did not make."""
        try:
            total, length, narrow, wide = _HEAD.unpack_from(packed)
            gaps, counts = array(narrow.decode()), array(wide.decode())
            middle = _HEAD.size + length * gaps.itemsize
            gaps.frombytes(packed[_HEAD.size : middle])
            counts.frombytes(packed[middle:])
            if len(gaps) != length or len(counts) != length:
                raise ValueError
        except (struct.error, ValueError, TypeError) as error:
            raise ValueError("not a sketch") from error
        sketch = cls()
        sketch.bins = dict(zip(accumulate(gaps), counts, strict=True))
        sketch.count = sum(counts)
        sketch.total = total
        return sketch


def _narrowest(codes: Sequence[str], values: Sequence[int]) -> str:
    """The code of the narrowest array that takes all values."""
    largest = max(values, default=0)
    return next(code for code in codes if largest < 1 << (8 * array(code).itemsize))
