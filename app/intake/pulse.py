"""Whether a broker that owes an acknowledgement is heard at all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Pulse:
    """What is owed by the other end of a connection, and when it was heard last.

    A broker that sends thousands of messages before one acknowledgement is alive; one from which
    nothing comes for `patience_s` while it owes something is not.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._owed: set[asyncio.Timeout] = set()
        self._heard_at = 0.0

    def heard(self) -> None:
        """Something came."""
        self._heard_at = asyncio.get_running_loop().time()

    @contextlib.asynccontextmanager
    async def owing(self) -> AsyncIterator[None]:
        """Wait inside for what is owed; ended by a `TimeoutError` at `give_up`."""
        if not self._owed:
            self.heard()
        async with asyncio.timeout(None) as timer:
            self._owed.add(timer)
            try:
                yield
            finally:
                self._owed.discard(timer)

    async def stopped(self) -> None:
        """Returns when nothing has come for too long."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._patience_s / 16)
            if self._owed and loop.time() - self._heard_at >= self._patience_s:
                return

    def give_up(self) -> None:
        """The connection is gone: nothing that is owed will come."""
        for timer in tuple(self._owed):
            timer.reschedule(asyncio.get_running_loop().time())
