"""The order in which waiting decisions are shown; changes wait until somebody looks."""

from collections.abc import Iterator
from typing import Any

from sortedcontainers import SortedList

from components.hitl.agenda import Entry

_AT_MOST = 1_024
"""So many changes wait at most: where nobody looks they cost more memory than in their places."""


class Order:
    """Entries in order: entering and leaving cost a set's step, and are sorted in together.

    Agents ask and people answer between two looks at the list, and who comes and goes meanwhile
    is never sorted at all. An entry may be in only once.
    """

    def __init__(self) -> None:
        self._settled: Any = SortedList()
        self._entered: set[Entry] = set()
        self._left: set[Entry] = set()

    def __len__(self) -> int:
        return len(self._settled) + len(self._entered) - len(self._left)

    def __iter__(self) -> Iterator[Entry]:
        """First to last, as they stand at the first step."""
        self._settle()
        return iter(self._settled)

    def enter(self, entry: Entry) -> None:
        """Take an entry in."""
        if self._left and entry in self._left:
            self._left.remove(entry)
            return
        self._entered.add(entry)
        if len(self._entered) > _AT_MOST:
            self._settle()

    def leave(self, entry: Entry) -> None:
        """Let an entry go that is in."""
        if self._entered and entry in self._entered:
            self._entered.remove(entry)
            return
        self._left.add(entry)
        if len(self._left) > _AT_MOST:
            self._settle()

    def _settle(self) -> None:
        left, entered = self._left, self._entered
        if 4 * len(left) > len(self._settled):
            self._settled = SortedList(entry for entry in self._settled if entry not in left)
        else:
            for entry in left:
                self._settled.remove(entry)
        if entered:
            self._settled.update(entered)
        left.clear()
        entered.clear()
