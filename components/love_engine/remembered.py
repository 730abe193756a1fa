"""What pure functions make of words, remembered at the speed of a dict."""

from collections.abc import Callable
from typing import TypeVar

from components.monitor.footprint import Held, deep_size

LONGEST_WORD = 40
"""What is made of longer ones is not kept, so that no text can fill the memory with its bulk."""

_MOST = 16384
T = TypeVar("T")


class Remembered(dict[str, T]):
    """A bounded cache: `map(remembered.__getitem__, words)` calls no Python for a known word."""

    def __init__(
        self, make: Callable[[str], T], longest: int = LONGEST_WORD, most: int = _MOST
    ) -> None:
        self._make = make
        self._longest = longest
        self._most = most

    def __missing__(self, word: str) -> T:
        made = self._make(word)
        if len(word) <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[word] = made
        return made

    def footprint(self) -> Held:
        """How many are kept, and their size."""
        return Held(len(self), deep_size(self))
