"""Sliding windows over what one operation did, kept by adding the newest and taking back the old.

The short windows slide by seconds, the long ones by blocks of ten seconds, so that an hour holds
360 parts and not 3,600. A window's figures are of up to one part less than its length, never more.
"""

from collections import deque

from components.monitor.figures import Total, empty
from components.monitor.sketch import Sketch

WINDOWS: dict[str, int] = {"10s": 10, "1m": 60, "5m": 300, "1h": 3600}
"""The windows and their lengths in seconds."""

MINUTE = 60
_BLOCK = 10
_Packed = tuple[bytes, int, int] | None


class _Window:
    """The sum of the newest `parts` parts."""

    __slots__ = ("kept", "parts", "total")

    def __init__(self, parts: int) -> None:
        self.parts = parts
        self.kept: deque[_Packed] = deque()
        self.total = empty()

    def push(self, part: Total | None, packed: _Packed) -> None:
        """Add the newest part; the oldest falls out."""
        self.kept.append(packed)
        if part is not None:
            self.total.add(part)
        if len(self.kept) > self.parts and (oldest := self.kept.popleft()) is not None:
            self.total.subtract(_unpacked(oldest))


class Windows:
    """The four windows of one operation, and its P99 of each of the last sixty seconds in µs.

    Parts are kept packed: a busy operation holds about 0.3 MB, one that rests nearly nothing.
    """

    def __init__(self) -> None:
        self._short = {name: _Window(WINDOWS[name]) for name in ("10s", "1m")}
        self._long = {name: _Window(WINDOWS[name] // _BLOCK) for name in ("5m", "1h")}
        self._block = empty()
        self._seconds = 0
        self.history: deque[float] = deque([0.0] * MINUTE, maxlen=MINUTE)

    def push(self, second: Total | None) -> None:
        """Let a second pass, in which `second` came (None: nothing)."""
        packed = _packed(second)
        for window in self._short.values():
            window.push(second, packed)
        p99 = second.sketch.quantile(0.99) if second else None
        self.history.append(p99 / 1000 if p99 is not None else 0.0)
        if second is not None:
            self._block.add(second)
        self._seconds += 1
        if self._seconds == _BLOCK:
            self._end_block()

    def skip(self, seconds: int) -> None:
        """Let many seconds pass in which nothing came, as after a suspended machine."""
        for _ in range(min(seconds, WINDOWS["1h"] + _BLOCK)):
            self.push(None)

    def total(self, name: str) -> Total:
        """What one window holds. The open block counts with the long ones."""
        if name in self._short:
            return self._short[name].total
        total = self._long[name].total.copy()
        total.add(self._block)
        return total

    def seconds(self, name: str) -> int:
        """How many seconds a window spans by now: at most its length, and at least one."""
        if name in self._short:
            return max(len(self._short[name].kept), 1)
        return max(len(self._long[name].kept) * _BLOCK + self._seconds, 1)

    def _end_block(self) -> None:
        block, self._block, self._seconds = self._block, empty(), 0
        part = block if block.calls else None
        packed = _packed(part)
        for window in self._long.values():
            window.push(part, packed)


def _packed(total: Total | None) -> _Packed:
    if total is None:
        return None
    return total.sketch.to_bytes(), total.failed, total.timeouts


def _unpacked(packed: tuple[bytes, int, int]) -> Total:
    return Total(Sketch.from_bytes(packed[0]), packed[1], packed[2])
