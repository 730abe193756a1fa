"""How sure a share is when only a few were seen."""

from math import sqrt

_Z = 1.959963984540054
"""The normal quantile of a two-sided 95% interval."""


def wilson(count: int, n: int) -> tuple[float, float]:
    """The 95% Wilson score interval of the share `count / n`; (0, 1) where nothing was seen."""
    if n == 0:
        return 0.0, 1.0
    share = count / n
    centre = share + _Z * _Z / (2 * n)
    spread = _Z * sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    scale = 1 + _Z * _Z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
