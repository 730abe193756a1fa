"""How long the garbage collector holds the process up, told to a recorder."""

import gc
from collections.abc import Callable
from typing import Any

from components.clock import Clock


class Pauses:
    """Hears of every collection from `install` to `remove`.

    A collection runs on whichever thread sets it off and holds all of them up. There is one at a
    time, so that a start belongs to the end that follows.
    """

    def __init__(self, clock: Clock, record: Callable[[int], None]) -> None:
        self._monotonic = clock.monotonic
        self._record = record
        self._started: int | None = None

    def install(self) -> None:
        """Listen. `record` then hears of each pause, in ns, on any thread."""
        if self._heard not in gc.callbacks:
            gc.callbacks.append(self._heard)

    def remove(self) -> None:
        """Listen no more."""
        if self._heard in gc.callbacks:
            gc.callbacks.remove(self._heard)

    def _heard(self, phase: str, _: dict[str, Any]) -> None:
        if phase == "start":
            self._started = self._monotonic()
        elif self._started is not None:
            self._record(self._monotonic() - self._started)
            self._started = None
