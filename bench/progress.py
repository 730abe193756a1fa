"""How far long work is: one plain line on standard error."""

import sys
import time
from typing import TextIO

EVERY_S = 10.0
"""Where nobody looks at a terminal, a line at most so often."""


class Progress:
    """Tells a share done (0–1), the time left, and what is at work.

    On a terminal the line is replaced; elsewhere, as in a log, lines follow each other.
    """

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self._what = what
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._began = time.monotonic()
        self._told = float("-inf")

    def tell(self, share: float, now_at: str = "") -> None:
        """Say how far it is."""
        now = time.monotonic()
        if not self._terminal and now - self._told < EVERY_S and share < 1:
            return
        self._told = now
        said = line(self._what, share, now - self._began, now_at)
        self._write(f"\r\033[K{said[:110]}" if self._terminal else f"{said}\n")

    def clear(self) -> None:
        """Take the line away, so that something else can be written there."""
        if self._terminal:
            self._write("\r\033[K")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def line(what: str, share: float, elapsed_s: float, now_at: str = "") -> str:
    """`bench 34%, about 2 min left: …`; nothing is said of the time left before 2% are done."""
    left = f", about {_span(elapsed_s / share - elapsed_s)} left" if 0.02 <= share < 1 else ""
    return f"{what} {share:.0%}{left}" + (f": {now_at}" if now_at else "")


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
