"""The straight line of least squares through points, how sure it is, and where it leads. Pure."""

from collections.abc import Sequence
from math import fsum, sqrt

from msgspec import Struct

Points = Sequence[tuple[float, float]]

_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""Student's t, 97.5%, for 1 to 10 degrees of freedom."""


class Straight(Struct, frozen=True):
    """y = intercept + slope × x. `error` is the slope's standard error, `spread` the residuals'.

    With two points there is no telling how sure it is: both are 0, and every interval is a point.
    """

    slope: float
    intercept: float
    error: float
    spread: float
    count: int
    middle: float
    width: float

    def at(self, x: float) -> float:
        """The line's value."""
        return self.intercept + self.slope * x

    def around(self, x: float) -> tuple[float, float]:
        """The 95% interval of a further measurement at x, however far away: from, to."""
        away = (x - self.middle) ** 2 / self.width
        reach = students_t(self.count - 2) * self.spread * sqrt(1 + 1 / self.count + away)
        return self.at(x) - reach, self.at(x) + reach

    def slopes(self) -> tuple[float, float]:
        """The slope's 95% interval: from, to."""
        reach = students_t(self.count - 2) * self.error
        return self.slope - reach, self.slope + reach


def straight(points: Points) -> Straight:
    """The line through points of at least two different x; raises `ValueError` where there are
    fewer."""
    count = len(points)
    if len({x for x, _ in points}) < 2:
        raise ValueError("a line needs two points at different places")
    middle, height = fsum(x for x, _ in points) / count, fsum(y for _, y in points) / count
    width = fsum((x - middle) ** 2 for x, _ in points)
    slope = fsum((x - middle) * (y - height) for x, y in points) / width
    intercept = height - slope * middle
    rest = fsum((y - intercept - slope * x) ** 2 for x, y in points)
    spread = sqrt(rest / (count - 2)) if count > 2 else 0.0
    return Straight(slope, intercept, spread / sqrt(width), spread, count, middle, width)


def students_t(freedom: int) -> float:
    """Student's t for a 95% interval, within 1%; 0 where there is no freedom."""
    if freedom < 1:
        return 0.0
    return _T[freedom - 1] if freedom <= len(_T) else 1.96 + 2.55 / freedom
