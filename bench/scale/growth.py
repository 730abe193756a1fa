"""How a figure grows with a size: its exponent, where it leaves the fit, what lies beyond. Pure.

A power law is a straight line once both sides are logarithms; what is said of the line holds there.
"""

from collections.abc import Callable
from itertools import pairwise
from math import exp, fsum, inf, log, sqrt
from statistics import median
from typing import Literal

from msgspec import Struct

from bench.stress.straight import Points, Straight, straight, students_t

Law = Literal["power law", "fixed and each", "flat"]

LEAVES = 0.5
"""A step leaves the fit where its own exponent is more than this over the usual one."""

_LAWS: dict[Law, str] = {
    "power law": "a power law", "fixed and each": "a fixed cost and one for each",
    "flat": "what does not grow",
}  # fmt: skip
_SIGMAS, _MAD = 3.0, 1.4826
_LEAST = 1e-9


class Cliff(Struct, frozen=True):
    """A step that is steeper than the others: from one size to the next, by its own exponent."""

    since: float
    until: float
    exponent: float
    usual: float


class Growth(Struct, frozen=True):
    """y ~ size^exponent, with the exponent's standard error, over the sizes that were measured."""

    exponent: float
    error: float
    least: float
    most: float
    line: Straight
    cliff: Cliff | None

    def at(self, size: float) -> float:
        """What the fit says of a size."""
        return exp(self.line.at(log(size)))

    def around(self, size: float) -> tuple[float, float]:
        """The 95% interval of a further measurement."""
        low, high = self.line.around(log(size))
        return exp(low), exp(high)


class Costs(Struct, frozen=True):
    """y = fixed + each × size, by least squares of relative errors; `spread` is theirs."""

    fixed: float
    each: float
    spread: float
    freedom: int
    inverse: tuple[float, float, float]

    def at(self, size: float) -> float:
        """What a size costs."""
        return self.fixed + self.each * size

    def around(self, size: float) -> tuple[float, float]:
        """The 95% interval of a further measurement."""
        a, b, c = self.inverse
        value = self.at(size)
        unsure = a + 2 * b * size + c * size * size
        reach = students_t(self.freedom) * self.spread * sqrt(value * value + unsure)
        return max(value - reach, 0.0), value + reach


class Estimate(Struct, frozen=True):
    """What is to be expected of a size, with its 95% interval, by the law that fits better.

    `beyond` is how many times larger the size is than the largest measured; 1 within.
    """

    value: float
    low: float
    high: float
    beyond: float
    law: Law


def growth(points: Points) -> Growth:
    """Fit a power law to (size, figure) pairs of at least two sizes; raises `ValueError` else."""
    ordered = sorted(points)
    line = straight([(log(x), log(max(y, _LEAST))) for x, y in ordered])
    return Growth(
        exponent=line.slope, error=line.error, least=ordered[0][0], most=ordered[-1][0],
        line=line, cliff=cliff(ordered),
    )  # fmt: skip


def cliff(points: Points) -> Cliff | None:
    """The worst of the steps between neighbouring sizes that leave the usual exponent.

    That is the median of all steps; a step leaves it by more than `LEAVES` and three times the
    steps' usual deviation. Fewer than three steps have no usual exponent.
    """
    steps = [(one, other) for one, other in pairwise(sorted(points)) if other[0] > one[0]]
    if len(steps) < 3:
        return None
    local = [_exponent(*step) for step in steps]
    usual = median(local)
    deviation = _MAD * median(abs(one - usual) for one in local)
    worst = max(range(len(local)), key=local.__getitem__)
    if local[worst] - usual <= max(LEAVES, _SIGMAS * deviation):
        return None
    since, until = steps[worst]
    return Cliff(since[0], until[0], local[worst], usual)


def costs(points: Points) -> Costs:
    """Fit a fixed cost and one for each item; raises `ValueError` for fewer than two sizes."""
    known = [(x, max(y, _LEAST)) for x, y in points]
    if len({x for x, _ in known}) < 2:
        raise ValueError("two sizes are needed")
    s11 = fsum(1 / y**2 for _, y in known)
    s12 = fsum(x / y**2 for x, y in known)
    s22 = fsum(x**2 / y**2 for x, y in known)
    t1, t2 = fsum(1 / y for _, y in known), fsum(x / y for x, y in known)
    whole = s11 * s22 - s12 * s12
    fixed, each = (s22 * t1 - s12 * t2) / whole, (s11 * t2 - s12 * t1) / whole
    rest = fsum(((y - fixed - each * x) / y) ** 2 for x, y in known)
    freedom = len(known) - 2
    spread = sqrt(rest / freedom) if freedom > 0 else 0.0
    return Costs(fixed, each, spread, freedom, (s22 / whole, -s12 / whole, s11 / whole))


def led_on(points: Points, size: float) -> Estimate:
    """What is to be expected of a size: by a power law, or by costs, whichever fits better.

    A cost that grows with each item looks like a power law with a small exponent while the fixed
    cost prevails: led on by that it would be far too little. What came out smaller for larger sizes
    does not grow: it is not led on to nothing, or below.
    """
    power, line = growth(points), costs(points)
    beyond = max(size / power.most, 1.0)
    if power.exponent <= 0 or line.each <= 0:
        middle = exp(fsum(log(x) for x, _ in points) / len(points))
        return Estimate(power.at(middle), *power.around(middle), beyond, "flat")
    linear = _misses(points, line.at) < _misses(points, power.at)
    law: Law = "fixed and each" if linear else "power law"
    better = line if linear else power
    return Estimate(better.at(size), *better.around(size), beyond, law)


def told(found: Growth) -> str:
    """In words: the exponent with its error, and the cliff."""
    text = (
        f"Grows as n^{found.exponent:.2f} ± {found.error:.2f} from {found.least:,.0f} to "
        f"{found.most:,.0f}"
    )
    if not found.cliff:
        return f"{text}; no step leaves the fit"
    step = found.cliff
    return (
        f"{text}; from {step.since:,.0f} to {step.until:,.0f} it leaves the fit: n^"
        f"{step.exponent:.2f}, else n^{step.usual:.2f}"
    )


def estimated(found: Estimate, unit: str) -> str:
    """In words: the value, how sure it is, and that it is extrapolated."""
    where = "within what was measured"
    if found.beyond > 1:
        where = f"extrapolated ×{_round(found.beyond)} by {_LAWS[found.law]}"
    low, high = _round(found.low), _round(found.high)
    return f"{_round(found.value)} {unit}, 95% {low} to {high} ({where})"


def _misses(points: Points, law: Callable[[float], float]) -> float:
    """How far a law is from what was measured: squares of relative errors; infinite below zero."""
    expected = [(y, law(x)) for x, y in points]
    if any(value <= 0 for _, value in expected):
        return inf
    return fsum(log(value / max(y, _LEAST)) ** 2 for y, value in expected)


def _round(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _exponent(one: tuple[float, float], other: tuple[float, float]) -> float:
    rise = log(max(other[1], _LEAST)) - log(max(one[1], _LEAST))
    return rise / (log(other[0]) - log(one[0]))
