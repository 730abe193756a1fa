"""The knee of a ramp: the most that is held before something gives way. Pure."""

from collections.abc import Callable, Iterator, Sequence
from math import inf

from bench.load import Step

HELD = 0.95
"""A rate is held where at least this share of it is achieved."""

PARTS = (0.25, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.3)
"""The steps of a ramp, as parts of what one caller makes without pause."""


NEAR = 0.1
"""Rates so near to each other are not both tried."""


def holds(step: Step, p95_ms: float = inf) -> bool:
    """Whether a step kept up with what was offered, in time."""
    return step.achieved >= HELD * step.offered and step.p95_ms < p95_ms


def knee(steps: Sequence[Step], p95_ms: float = inf) -> Step | None:
    """The last step, by what was offered, before the first that did not hold; None where the first
    did not."""
    held = None
    for step in sorted(steps, key=lambda one: one.offered):
        if not holds(step, p95_ms):
            break
        held = step
    return held


def ramp(
    offered: Sequence[float], take: Callable[[float], Step], p95_ms: float = inf, least: float = 0.0
) -> Iterator[Step]:
    """Take steps until one does not hold, though all up to `least`.

    One that does not is taken once more, and the better counts: a machine hiccups.
    """
    for rate in offered:
        step = take(rate)
        if not holds(step, p95_ms):
            again = take(rate)
            step = again if holds(again, p95_ms) or again.achieved > step.achieved else step
        yield step
        if rate >= least and not holds(step, p95_ms):
            return


def rates(capacity: float, wanted: Sequence[float] = ()) -> list[float]:
    """The rates of a ramp around a capacity, those that matter in any case among them."""
    parts = (round(part * capacity, 1) for part in PARTS)
    others = (one for one in parts if all(abs(one / rate - 1) > NEAR for rate in wanted))
    return sorted({*others, *wanted})
