"""Durations as a sum and a sketch, the same whatever was asked of them in between.

A t-digest depends on when its buffer was merged, and a query merges it. Here durations wait in a
list, enter the sketch in batches of `_BATCH`, and queries work on a copy. So the state after N
durations is a function of these durations alone, and a restart in the middle changes nothing.
"""

from math import ceil
from sys import getsizeof

from fastdigest import TDigest
from msgspec import Struct

_BATCH = 64
_CENTROID_BYTES = 16


def sketch_bytes(sketch: TDigest) -> int:
    """About what a sketch takes: it does not count its centroids into its own size."""
    return getsizeof(sketch) + _CENTROID_BYTES * sketch.n_centroids


class Durations(Struct, array_like=True):
    """Durations in microseconds; `centroids` bounds the sketch (16 bytes each)."""

    centroids: int
    count: int = 0
    total: int = 0
    waiting: list[int] = []
    sketch: TDigest | None = None

    def add(self, duration_us: int) -> None:
        """Take in one duration."""
        self.count += 1
        self.total += duration_us
        self.waiting.append(duration_us)
        if len(self.waiting) == _BATCH:
            if self.sketch is None:
                self.sketch = TDigest(max_centroids=self.centroids)
            self.sketch.batch_update(self.waiting)
            self.waiting.clear()

    def quantiles(self, *shares: float) -> tuple[float, ...]:
        """The durations below which these shares lie: exact up to 63 durations; () of none."""
        if not self.count:
            return ()
        if self.sketch is None:
            ordered = sorted(self.waiting)
            return tuple(float(ordered[max(0, ceil(q * len(ordered)) - 1)]) for q in shares)
        whole = self.sketch.copy()
        if self.waiting:
            whole.batch_update(self.waiting)
        return tuple(whole.quantile_vec(shares))
