"""How a hook ends: once, with everything it says, whichever thread was first to say it."""

import os
import threading
from typing import NoReturn

from app.hooks.contract import BLOCK, Reply

_PATIENCE_S = 1.0


class LastWord:
    """Says one reply and ends the program with it; nothing can be said after."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def say(self, reply: Reply) -> NoReturn:
        """Write the reply and end. What cannot be written whole ends as a block."""
        if not self._lock.acquire(timeout=_PATIENCE_S):
            os._exit(BLOCK)  # another reply is stuck on its way out
        try:
            _write(2, reply.err)
            _write(1, reply.out)
        except OSError:
            os._exit(BLOCK)
        os._exit(reply.status)


def _write(stream: int, text: str) -> None:
    rest = f"{text}\n".encode() if text else b""
    while rest:
        rest = rest[os.write(stream, rest) :]
