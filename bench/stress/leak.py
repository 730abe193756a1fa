"""Whether memory leaks: the slope of what is held over items or time, and the verdict. Pure."""

from typing import Literal

from msgspec import Struct

from bench.figures import Met
from bench.stress.straight import Points, straight

Verdict = Literal["no leak", "leak", "undecided"]

WARM = 0.5
"""This share of the points, the first, is left out: caches and pools fill up there."""

STANDS: dict[Verdict, Met] = {"no leak": "met", "leak": "missed", "undecided": "no target"}
"""How a figure stands by its verdict."""

CRITERION = (
    "Over the second half of the points, once caches are full: a leak where the whole 95% interval "
    "of the slope lies above the limit, none where it lies below, else undecided."
)


class Leak(Struct, frozen=True):
    """The slope with its 95% interval, in units of y for one of x."""

    slope: float
    low: float
    high: float
    verdict: Verdict


def leak(points: Points, most: float) -> Leak:
    """Judge points, in the order of x, by a slope that is allowed.

    Raises `ValueError` for fewer than three points in the second half.
    """
    settled = points[int(len(points) * WARM) :]
    if len(settled) < 3:
        raise ValueError("too few points to tell a leak")
    line = straight(settled)
    low, high = line.slopes()
    verdict: Verdict = "no leak" if high <= most else "leak" if low > most else "undecided"
    return Leak(line.slope, low, high, verdict)
