"""How long the console's frames take: what a pull does, and the repaints that it leads to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from components.clock import Clock

PULL_S = 0.125
"""The time between two frames."""

LONG_NS = int(PULL_S * 1e9 / 5)


class Frames:
    """Adds up what is drawn between two ends. On the main thread."""

    def __init__(self, clock: Clock, heard: Callable[[int], None]) -> None:
        self._clock = clock
        self._heard = heard
        self._ns: int | None = None
        self._rested = False

    def rest(self) -> bool:
        """Whether to leave out the next frame, at a beat: every other one while they take long.

        Keys find time between two frames, and so does the gate.
        """
        self._rested = not self._rested and (self._ns or 0) > LONG_NS
        return self._rested

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Count what is done within to the frame under way."""
        started = self._clock.monotonic()
        try:
            yield
        finally:
            self._ns = (self._ns or 0) + self._clock.monotonic() - started

    def end(self) -> None:
        """The frame is over: tell how long it took (ns), if anything was drawn."""
        if self._ns is not None:
            self._heard(self._ns)
            self._ns = None
