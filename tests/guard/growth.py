"""How counts grow when the size doubles, held to wide bounds."""

from collections.abc import Callable

LINEAR, FLAT = 2.6, 1.3
"""The most that a count may grow by at a doubling: what is linear doubles, a square is fourfold;
what depends on the logarithm of the size grows by a seventh or less."""

Cost = Callable[[int], int]
"""The work that an operation takes at a size."""


def linear(cost: Cost, size: int) -> None:
    """Assert that a cost is linear from a size to four times that.

    The growth itself must not more than double either: so a fixed cost hides no square.
    """
    one, two, four = counts = _at(cost, size)
    assert two <= LINEAR * one, _told(counts, size)
    assert four - two <= LINEAR * max(two - one, one // 10), _told(counts, size)


def flat(cost: Cost, size: int) -> None:
    """Assert that a cost hardly depends on the size, from a size to four times that."""
    one, two, four = counts = _at(cost, size)
    assert two <= FLAT * one, _told(counts, size)
    assert four <= FLAT * two, _told(counts, size)


def _at(cost: Cost, size: int) -> tuple[int, int, int]:
    one, two, four = cost(size), cost(2 * size), cost(4 * size)
    assert one > 0, "nothing was counted"
    return one, two, four


def _told(counts: tuple[int, ...], size: int) -> str:
    told = ", ".join(f"{count:,} at {size << at:,}" for at, count in enumerate(counts))
    return f"it grows too fast: {told}"
