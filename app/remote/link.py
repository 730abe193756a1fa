"""What a console elsewhere needs of whatever brings its messages."""

from collections.abc import Callable
from typing import Protocol


class ConsoleLink(Protocol):
    """The way to one node, for one operator. It mends itself; messages may be lost meanwhile."""

    @property
    def connected(self) -> bool:
        """Whether messages can be sent now."""
        ...

    def listen(self, heard: Callable[[bytes], None]) -> None:
        """Have every message from the node's `item` and `res` topics handed over, in order.

        `heard` may be called from any thread, one call at a time, and does not raise.
        """
        ...

    def send(self, payload: bytes) -> None:
        """Send to the `ans` topic; returns at once. Raises `OSError` where it cannot."""
        ...

    def close(self) -> None:
        """Send what is left, for a moment, and hang up."""
        ...
