"""What the rows of the stress tables are held against. Pure."""

from bench.figures import Limits
from bench.targets import targets

PIPELINE_P95_MS = 100.0
RECOVERED_S = 30.0
ERRORS_IN_BURST, ERRORS_ELSE = 5.0, 0.1
"""Of a hundred actions."""

LEAK_BYTES = 32.0
"""An item that leaves more than this behind leaks: a small object and the pointer to it."""

MARKS = (10_000, 100_000)
"""The sizes for which memory has limits."""

NOTHING_LOST = Limits(kind="stress", unit="lost", target=0)
P95 = Limits(kind="stress", unit="ms", target=PIPELINE_P95_MS)
PLAIN = Limits(kind="stress", unit="/s")


def throughput(name: str) -> Limits:
    """Operations a second; of `hitl_pending` decisions that wait at once."""
    unit = "waiting" if name == "hitl_pending" else "/s"
    target, acceptable = targets().stress.throughput[name]
    return Limits(kind="stress", unit=unit, target=target, acceptable=acceptable, at_least=True)


def concurrent(name: str) -> tuple[int, int]:
    """How many callers there are, and how many operations each of them makes."""
    return targets().stress.concurrent[name]


def memory(name: str, items: int = MARKS[0]) -> Limits:
    """Megabytes at so many items; there is no limit but at those of `MARKS`."""
    found = targets().stress.memory_mb[name]
    both = found if isinstance(found, tuple) else (found, found)
    return Limits(kind="stress", unit="MB", target=dict(zip(MARKS, both, strict=True)).get(items))


def leaving() -> Limits:
    """Bytes that an item leaves behind."""
    return Limits(kind="stress", unit="B/item", target=LEAK_BYTES)


def percent(most: float) -> Limits:
    """A share of a hundred."""
    return Limits(kind="stress", unit="%", target=most)


def seconds(most: float) -> Limits:
    """A stretch of time."""
    return Limits(kind="stress", unit="s", target=most)
