"""How much is done: a look that all works, the usual run, or what is specified."""

from msgspec import Struct


class Options(Struct, frozen=True, kw_only=True):
    """The sizes of a run.

    `step_s` is a step of a ramp; `share` how much of their operations concurrent callers make;
    `items` how many memory is weighed at, `traced` how many of them with tracemalloc; `waiting` how
    many decisions wait at once, at most. Seconds and rates (actions a second) for the rest.
    """

    step_s: float = 1.0
    share: float = 0.1
    items: int = 100_000
    traced: int = 10_000
    waiting: int = 10_000
    idle_s: float = 5.0
    endure_s: float = 45.0
    normal_s: float = 15.0
    burst_s: float = 8.0
    cycles: int = 1
    normal_per_s: float = 500.0


QUICK = Options(
    step_s=0.1, share=0.002, items=200, traced=100, waiting=40, idle_s=0.2, endure_s=2.5,
    normal_s=1.5, burst_s=0.5, normal_per_s=40.0,
)  # fmt: skip
SHORT = Options()
FULL = Options(
    step_s=10.0, share=1.0, traced=100_000, waiting=100_000, idle_s=60.0, endure_s=24 * 3600.0,
    normal_s=300.0, burst_s=60.0, cycles=40,
)  # fmt: skip
"""Forty bursts of a minute, five minutes apart, are four hours."""
