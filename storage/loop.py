"""The writer's face to asyncio."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from storage.tx import Job
from storage.writer import Writer

T = TypeVar("T")

Heard = Callable[[Any, Exception | None], None]
"""Called on the loop with a job's result once it is durable, or with its error."""


class LoopWriter:
    """Awaits commits on one event loop.

    Results gather while the loop is woken, so a transaction wakes it once, not once a job.
    """

    def __init__(self, writer: Writer, loop: asyncio.AbstractEventLoop) -> None:
        self._writer = writer
        self._loop = loop
        self._ready: deque[tuple[Heard, Any, Exception | None]] = deque()
        self._woken = False

    def submit(self, job: Job[T], heard: Heard) -> None:
        """Run a job; `heard` is called on the loop, whatever has become of who asked for it."""

        def done(result: T | None, error: Exception | None) -> None:
            self._ready.append((heard, result, error))
            if not self._woken:
                self._woken = True
                self._loop.call_soon_threadsafe(self._deliver)

        self._writer.submit(job, done)

    async def commit(self, job: Job[T]) -> T:
        """Run a job and return its result once it is durable, or raise its error.

        Cancelling the caller does not take the job back: it may still become durable.
        """
        future: asyncio.Future[T] = self._loop.create_future()

        def heard(result: T, error: Exception | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        self.submit(job, heard)
        return await future

    def _deliver(self) -> None:
        self._woken = False  # first: what is appended from here on wakes the loop again
        while self._ready:
            heard, result, error = self._ready.popleft()
            try:
                heard(result, error)
            except Exception as failure:
                # One listener's fault must not keep the others from hearing.
                self._loop.call_exception_handler(
                    {"message": "a listener to a commit failed", "exception": failure}
                )
