"""The writer's face to asyncio."""

from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from storage.tx import Job
from storage.writer import Writer

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


class LoopWriter:
    """Awaits commits on one event loop.

    Results gather while the loop is woken, so a transaction wakes it once, not once a job.
    """

    def __init__(self, writer: Writer, loop: "asyncio.AbstractEventLoop") -> None:
        self._writer = writer
        self._loop = loop
        self._ready: deque[tuple[asyncio.Future[Any], Any, Exception | None]] = deque()
        self._woken = False

    async def commit(self, job: Job[T]) -> T:
        """Run a job and return its result once it is durable, or raise its error.

        Cancelling the caller does not take the job back: it may still become durable.
        """
        future: asyncio.Future[T] = self._loop.create_future()

        def done(result: T | None, error: Exception | None) -> None:
            self._ready.append((future, result, error))
            if not self._woken:
                self._woken = True
                self._loop.call_soon_threadsafe(self._deliver)

        self._writer.submit(job, done)
        return await future

    def _deliver(self) -> None:
        self._woken = False  # first: what is appended from here on wakes the loop again
        while self._ready:
            future, result, error = self._ready.popleft()
            if future.done():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)
