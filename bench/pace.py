"""The machine's pace: one loop of pure Python, timed again and again through a run.

A shared machine gives a program sometimes all of a processor and sometimes half of one. What this
loop takes at the median, over its best, says how far the absolute times of a run are to be trusted.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter

ROUNDS, STEPS = 5, 20_000


class Pace:
    """Looks at the pace whenever it is told to; a look takes a few milliseconds."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._took: list[float] = []

    def look(self) -> None:
        """Time the loop a few times."""
        for _ in range(ROUNDS):
            started = self._clock()
            _loop()
            self._took.append(self._clock() - started)

    def told(self) -> str:
        """A sentence for those who read the run's times; empty where nobody looked."""
        if not self._took:
            return ""
        best, middle = min(self._took), median(self._took)
        return (
            f"Pace: the same loop of pure Python took {middle / best:.1f} times its best at the "
            f"median of this run ({1e3 * middle:.2f} over {1e3 * best:.2f} ms). Absolute times "
            "hold what the machine did besides; ratios to what was measured beside them hardly do."
        )


def _loop() -> int:
    total = 0
    for step in range(STEPS):
        total += step
    return total
