"""Time, injected: nothing in the components asks the machine for it directly."""

import time
from typing import Protocol


class Clock(Protocol):
    """A source of time."""

    def now(self) -> int:
        """Wall clock: microseconds since 1970-01-01 UTC."""
        ...

    def monotonic(self) -> int:
        """A clock that never goes back, in nanoseconds from an arbitrary origin."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> int:
        """Wall clock: microseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1000

    def monotonic(self) -> int:
        """A clock that never goes back, in nanoseconds from an arbitrary origin."""
        return time.perf_counter_ns()


class ManualClock:
    """A clock that stands still until it is told to move; for tests and simulations."""

    def __init__(self, now: int = 1_700_000_000_000_000) -> None:
        self._now = now
        self._monotonic = 0

    def now(self) -> int:
        """Wall clock: microseconds since 1970-01-01 UTC."""
        return self._now

    def monotonic(self) -> int:
        """A clock that never goes back, in nanoseconds from an arbitrary origin."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move both clocks forward."""
        self._now += round(seconds * 1e6)
        self._monotonic += round(seconds * 1e9)

    def set_wall(self, now: int) -> None:
        """Set the wall clock alone, as an administrator or NTP does."""
        self._now = now
