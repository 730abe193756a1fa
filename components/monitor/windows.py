"""Sliding windows over what one operation did, kept by adding the newest and taking back the old.

The short windows slide by seconds, the long ones by blocks of ten seconds, so that an hour holds
360 parts and not 3,600. A window's figures are of up to one part less than its length, never more.
"""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from components.monitor.figures import Total, empty
from components.monitor.sketch import Sketch

WINDOWS: dict[str, int] = {"10s": 10, "1m": 60, "5m": 300, "1h": 3600}
"""The windows and their lengths in seconds."""

MINUTE = 60
_BLOCK = 10


class _Part(NamedTuple):
    """What came in one part of a window, packed."""

    sketch: bytes
    failed: int
    timeouts: int
    calls: int


class _Window:
    """The sum of the newest `parts` parts. `changes` counts how often it became another."""

    __slots__ = ("changes", "kept", "parts", "total")

    def __init__(self, parts: int) -> None:
        self.parts = parts
        self.kept: deque[_Part | None] = deque()
        self.total = empty()
        self.changes = 0

    def push(self, part: Total | None, packed: _Part | None) -> None:
        """Add the newest part; the oldest falls out."""
        self.kept.append(packed)
        oldest = self.kept.popleft() if len(self.kept) > self.parts else None
        if part is not None:
            self.total.add(part)
        if oldest is not None:
            self.total.subtract(_unpacked(oldest))
        self.changes += part is not None or oldest is not None


class Windows:
    """The four windows of one operation, and its P99 of each of the last sixty seconds in µs.

    Parts are kept packed: a busy operation holds about 0.3 MB, one that rests nearly nothing. Ten
    seconds are added up for who asks: mostly their number of calls is all that is wanted.
    """

    def __init__(self) -> None:
        self._minute = _Window(WINDOWS["1m"])
        self._long = {name: _Window(WINDOWS[name] // _BLOCK) for name in ("5m", "1h")}
        self._block = empty()
        self._seconds = 0
        self._pushed = 0
        self.history: deque[float] = deque([0.0] * MINUTE, maxlen=MINUTE)

    def push(self, second: Total | None) -> None:
        """Let a second pass, in which `second` came (None: nothing)."""
        self._minute.push(second, _packed(second))
        p99 = second.sketch.quantile(0.99) if second else None
        self.history.append(p99 / 1000 if p99 is not None else 0.0)
        if second is not None:
            self._block.add(second)
        self._pushed += 1
        self._seconds += 1
        if self._seconds == _BLOCK:
            self._end_block()

    def skip(self, seconds: int) -> None:
        """Let many seconds pass in which nothing came, as after a suspended machine."""
        for _ in range(min(seconds, WINDOWS["1h"] + _BLOCK)):
            self.push(None)

    def total(self, name: str) -> Total:
        """What one window holds; not to be changed. The open block counts with the long ones."""
        if name == "1m":
            return self._minute.total
        if name == "10s":
            return self._newest()
        total = self._long[name].total.copy()
        total.add(self._block)
        return total

    def calls(self, name: str) -> int:
        """How many calls one window holds, without adding up how long they took."""
        if name == "10s":
            return sum(part.calls for part in self._ten() if part is not None)
        if name == "1m":
            return self._minute.total.calls
        return self._long[name].total.calls + self._block.calls

    def seconds(self, name: str) -> int:
        """How many seconds a window spans by now: at most its length, and at least one."""
        if name in self._long:
            return max(len(self._long[name].kept) * _BLOCK + self._seconds, 1)
        return max(min(len(self._minute.kept), WINDOWS[name]), 1)

    def state(self, name: str) -> tuple[int, ...]:
        """What is the same as before as long as the window's total and its seconds are."""
        if name == "10s":
            return (self._pushed,)
        if name == "1m":
            return self._minute.changes, self.seconds(name)
        return self._long[name].changes, self._block.calls, self.seconds(name)

    def _ten(self) -> Iterator[_Part | None]:
        return islice(reversed(self._minute.kept), WINDOWS["10s"])

    def _newest(self) -> Total:
        total = empty()
        for part in self._ten():
            if part is not None:
                total.add(_unpacked(part))
        return total

    def _end_block(self) -> None:
        block, self._block, self._seconds = self._block, empty(), 0
        part = block if block.calls else None
        packed = _packed(part)
        for window in self._long.values():
            window.push(part, packed)


def _packed(total: Total | None) -> _Part | None:
    if total is None:
        return None
    return _Part(total.sketch.to_bytes(), total.failed, total.timeouts, total.calls)


def _unpacked(part: _Part) -> Total:
    return Total(Sketch.from_bytes(part.sketch), part.failed, part.timeouts)
