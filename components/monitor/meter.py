"""Where an operation's calls are recorded: cheap, from any thread."""

from typing import TypeVar

from components.monitor.figures import Total
from components.monitor.sketch import Sketch

_T = TypeVar("_T")


class Meter:
    """Durations, failures and timeouts of one operation; a call ends in just one of them.

    Every step is an append to a list, so any thread may record. `take` belongs to one thread.
    """

    __slots__ = ("_failures", "_fresh", "_timeouts", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._fresh: list[int] = []
        self._failures: list[None] = []
        self._timeouts: list[None] = []

    def record(self, ns: int) -> None:
        """Count a call that worked, and its duration in nanoseconds."""
        self._fresh.append(ns)

    def fail(self) -> None:
        """Count a call that failed; its duration is not recorded."""
        self._failures.append(None)

    def timeout(self) -> None:
        """Count a call that was given up after its time."""
        self._timeouts.append(None)

    def take(self) -> Total | None:
        """What came since the last call, digested; None where nothing did."""
        durations = _taken(self._fresh)
        failed, timeouts = len(_taken(self._failures)), len(_taken(self._timeouts))
        if not (durations or failed or timeouts):
            return None
        return Total(Sketch.of(durations), failed, timeouts)


def _taken(items: list[_T]) -> list[_T]:
    """Empty a list that other threads append to; each step is atomic, so nothing is lost."""
    taken = items[:]
    if taken:
        del items[: len(taken)]
    return taken
