"""When each decision wants to be looked at: a heap whose stale entries are dropped as met."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush

Entry = tuple[int, int, int, str]
"""A moment (µs), what settles the order of equals, and the id.

The place of a decision in the order of its priority starts with the end of its wait, which is
mostly its moment too: both hold the same tuple then, which 100,000 decisions feel.
"""

_SLACK = 1_024


class Agenda:
    """Ids by the moment at which time changes them; entering costs O(log n), leaving nothing.

    `moment_of` tells the present moment of an id, or None where time does not concern it. An
    entry counts only while it agrees with that, so whoever leaves just stops agreeing, and must
    be entered again when it comes back.
    """

    def __init__(self, moment_of: Callable[[str], int | None]) -> None:
        self._moment_of = moment_of
        self._heap: list[Entry] = []
        self._limit = _SLACK

    def __len__(self) -> int:
        """How many entries there are, stale ones included."""
        return len(self._heap)

    def enter(self, entry: Entry) -> None:
        """Put an id on the agenda."""
        heappush(self._heap, entry)
        if len(self._heap) > self._limit:
            self._heap = list({entry for entry in self._heap if self._stands(entry)})
            heapify(self._heap)
            self._limit = 2 * len(self._heap) + _SLACK

    def first(self) -> int | None:
        """The earliest moment on the agenda (µs), None where there is none."""
        while self._heap and not self._stands(self._heap[0]):
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: int) -> str | None:
        """Take the first id whose moment has come, None where none has."""
        first = self.first()
        if first is None or first > now:
            return None
        return heappop(self._heap)[3]

    def _stands(self, entry: Entry) -> bool:
        return self._moment_of(entry[3]) == entry[0]
