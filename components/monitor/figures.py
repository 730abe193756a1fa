"""What one operation amounted to over one span of time."""

from msgspec import Struct

from components.monitor.sketch import Sketch

SHARES = (0.5, 0.95, 0.99, 0.999)


class Figures(Struct, frozen=True):
    """Calls and durations of a span. Durations are in µs, None where nothing was timed.

    `calls` counts all: those that worked, failed and timed out; the durations are of those that
    worked.
    """

    calls: int
    failed: int
    timeouts: int
    per_s: float
    p50_us: float | None
    p95_us: float | None
    p99_us: float | None
    p999_us: float | None
    mean_us: float | None

    @property
    def errors(self) -> float:
        """The share of calls that failed or timed out, 0–1."""
        return (self.failed + self.timeouts) / self.calls if self.calls else 0.0


class Total(Struct):
    """What was counted: durations that worked, and how many did not. Mutable, one owner."""

    sketch: Sketch
    failed: int = 0
    timeouts: int = 0

    @property
    def calls(self) -> int:
        """All calls."""
        return self.sketch.count + self.failed + self.timeouts

    def add(self, other: "Total") -> None:
        """Count what the other has counted, too."""
        self.sketch.add(other.sketch)
        self.failed += other.failed
        self.timeouts += other.timeouts

    def subtract(self, other: "Total") -> None:
        """Take back what was added before."""
        self.sketch.subtract(other.sketch)
        self.failed -= other.failed
        self.timeouts -= other.timeouts

    def copy(self) -> "Total":
        """One that changes no more."""
        other = empty()
        other.add(self)
        return other


def empty() -> Total:
    """Nothing counted yet."""
    return Total(Sketch())


def figures(total: Total, seconds: float) -> Figures:
    """The figures of what was counted in so many seconds."""
    sketch = total.sketch
    p50, p95, p99, p999 = (
        None if value is None else value / 1000 for value in sketch.quantiles(SHARES)
    )
    mean = sketch.total / sketch.count / 1000 if sketch.count else None
    return Figures(
        total.calls, total.failed, total.timeouts, total.calls / seconds, p50, p95, p99, p999, mean
    )
