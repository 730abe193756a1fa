"""The one writer: a thread that commits whatever has queued, at once, in one transaction."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter_ns
from typing import Any, TypeVar

from storage.errors import StoreClosed, StoreError, StoreFrozen, StoreFull, classify
from storage.session import FilesGone, Session
from storage.tx import Job, Participant, Tx

T = TypeVar("T")
Done = Callable[[T | None, Exception | None], None]
BatchHook = Callable[[int, int], None]
TakeHook = Callable[[int, int], None]
FailHook = Callable[[StoreError], None]
Item = tuple[Job[Any], Done[Any], int]

LARGEST_BATCH = 4096
"""Jobs in one transaction, unless set: so that the first of a burst does not wait for all of it."""

_log = logging.getLogger(__name__)


class _Refused(Exception):  # noqa: N818
    """Carries what the store says to every job of a transaction."""

    def __init__(self, error: StoreError) -> None:
        self.error = error


class Writer:
    """Runs jobs in order and tells each when its effects are durable.

    While one transaction commits the next jobs queue; they make up the next transaction. There is
    no timer. When a job of several raises, the transaction is rolled back and each half of the
    jobs runs again in one of its own, until only the guilty one fails: a job may run several
    times.

    After a failed write, sync or read of the disk the writer is frozen: every job is refused,
    even if it would succeed, until `thaw`.
    """

    def __init__(
        self, path: Path, busy_timeout_s: float, largest_batch: int = LARGEST_BATCH
    ) -> None:
        self._session = Session(path, busy_timeout_s)
        self._largest_batch = max(largest_batch, 1)
        self._frozen = ""
        self._participants: tuple[Participant, ...] = ()
        self._hooks: tuple[BatchHook, ...] = ()
        self._take_hooks: tuple[TakeHook, ...] = ()
        self._fail_hooks: tuple[FailHook, ...] = ()
        self._queue: SimpleQueue[Item | None] = SimpleQueue()
        self._finished = False
        self._thawing = threading.Lock()
        self._turn = threading.Lock()  # held through a transaction, and by whoever reconnects
        self._thread = threading.Thread(target=self._work, name="assent-writer", daemon=True)
        self._thread.start()

    # -- what others call ------------------------------------------------------------------

    @property
    def frozen(self) -> str:
        """Why nothing is written at present; empty while all is well."""
        return self._frozen

    def join(self, participant: Participant) -> None:
        """Let someone take part in every transaction from the next one on."""
        with self._turn:
            self._participants += (participant,)

    def on_batch(self, hook: BatchHook) -> None:
        """Call `hook(jobs, nanoseconds)` after every transaction and its `done` calls.

        The time is that of inserting the buffered rows and committing. The hook runs on the
        writer thread.
        """
        with self._turn:
            self._hooks += (hook,)

    def on_take(self, hook: TakeHook) -> None:
        """Call `hook(jobs, nanoseconds)` for all that is taken at once: how long the oldest waited.

        The hook runs on the writer thread, before the transaction.
        """
        with self._turn:
            self._take_hooks += (hook,)

    def on_fail(self, hook: FailHook) -> None:
        """Call `hook(error)` on the writer thread for every transaction that the store refused.

        The hook runs before the jobs of the transaction hear of it.
        """
        with self._turn:
            self._fail_hooks += (hook,)

    def submit(self, job: Job[T], done: Done[T]) -> None:
        """Queue a job, from any thread. `done(result, error)` follows on the writer thread.

        `error` is None once the job's effects are durable. Otherwise nothing of it was stored:
        it is a `StoreError`, or what the job raised. `done` calls come in the order of submission.
        """
        self._queue.put((job, done, perf_counter_ns()))
        if self._finished:
            self._refuse_late()

    def run(self, job: Job[T]) -> T:
        """Submit a job, wait until it is durable, and return its result or raise its error."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("the writer thread cannot wait for itself: use submit")
        answers: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()
        self.submit(job, lambda result, error: answers.put((result, error)))
        result, error = answers.get()
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]

    def queued(self) -> int:
        """How many jobs wait for the next transaction."""
        return self._queue.qsize()

    def freeze(self, why: str) -> None:
        """Refuse every job from now on; the first reason stays."""
        self._frozen = self._frozen or why

    def thaw(self, check: Callable[[], None]) -> None:
        """Write again, if a new connection can and `check` finds the store in order.

        `check` runs on the caller's thread while jobs are still refused; it reads through
        connections of its own and raises what it finds wrong. Whatever is raised, the writer
        stays frozen. Of two that call it at once the second waits, and finds nothing frozen.
        """
        with self._thawing:
            if not self._frozen:
                return
            with self._turn:
                if self._finished:
                    raise StoreClosed("The store is closed.")
                self._session.reopen()
            check()
            self._frozen = ""

    def close(self) -> None:
        """Commit what has queued, then stop. Jobs that come later get `StoreClosed`."""
        self._queue.put(None)
        self._thread.join()

    # -- the writer thread -----------------------------------------------------------------

    def _work(self) -> None:
        closing = False
        while not closing or self._queue.qsize():
            first = self._queue.get()
            count = min(self._queue.qsize(), self._largest_batch - 1)
            items = [first, *(self._queue.get_nowait() for _ in range(count))]
            batch = [item for item in items if item is not None]
            closing = closing or len(batch) < len(items)
            if batch:
                waited = perf_counter_ns() - batch[0][2]
                for hook in self._take_hooks:
                    _guard(hook, len(batch), waited)
                self._process(batch)
                self._tend()
            del first, items, batch  # they may hold much, and the next be long in coming
        with self._turn:
            self._finished = True
            self._session.close()
        self._refuse_late()

    def _refuse_late(self) -> None:
        """Answer what was queued while the thread ended; whoever comes last does it."""
        try:
            while True:
                item = self._queue.get_nowait()
                if item is not None:
                    late = StoreClosed("The store is closed: it came too late.")
                    _guard(item[1], None, late)
        except Empty:
            return

    def _process(self, batch: Sequence[Item]) -> None:
        try:
            with self._turn:
                results, spent = self._transact(batch)
        except _Refused as refused:
            kind, why = type(refused.error), str(refused.error)
            for tell in self._fail_hooks:
                _guard(tell, refused.error)
            for _, done, _ in batch:
                _guard(done, None, kind(why))  # one each: raising an exception changes it
        except Exception as error:
            if len(batch) == 1:
                _guard(batch[0][1], None, error)
                return
            middle = len(batch) // 2
            self._process(batch[:middle])
            self._process(batch[middle:])
        else:
            for (_, done, _), result in zip(batch, results, strict=True):
                _guard(done, result, None)
            for hook in self._hooks:
                _guard(hook, len(batch), spent)

    def _transact(self, batch: Sequence[Item]) -> tuple[list[Any], int]:
        """Run jobs in one transaction: their results, and the nanoseconds of the commit.

        Raises `_Refused` when the store failed, else what a job or a participant raised.
        """
        if self._frozen:
            raise _Refused(StoreFrozen(self._frozen))
        try:
            self._session.begin()
        except sqlite3.Error as error:
            raise self._judged(error) from error
        try:
            tx = Tx(self._session.connection)
            for participant in self._participants:
                participant.begin()
            results = [job(tx) for job, *_ in batch]
            if tx.touched:
                for participant in self._participants:
                    participant.seal(tx)
            started = perf_counter_ns()
            tx.flush()
            self._session.commit()
        except BaseException as error:
            self._roll_back()
            raise self._judged(error) from error
        spent = perf_counter_ns() - started
        self._tell("committed")
        return results, spent

    def _judged(self, error: BaseException) -> Exception:
        """What to raise for an error inside a transaction; freezes when the disk is to blame."""
        judged = StoreFrozen(str(error)) if isinstance(error, FilesGone) else classify(error)
        if isinstance(judged, StoreFrozen):
            self.freeze(str(judged))
        if judged is not None:
            return _Refused(judged)
        return error if isinstance(error, Exception) else StoreError(f"The job raised {error!r}.")

    def _roll_back(self) -> None:
        try:
            self._session.roll_back()
        except sqlite3.Error as error:
            self.freeze(f"A transaction could not be rolled back ({error}).")
        self._tell("rolled_back")

    def _tell(self, what: str) -> None:
        """Tell the participants how it ended. One that fails no longer matches what is stored."""
        for participant in self._participants:
            try:
                getattr(participant, what)()
            except Exception as error:
                _log.exception("a participant failed")
                self.freeze(f"A part of the program lost track of what is stored ({error!r}).")

    def _tend(self) -> None:
        if self._frozen:
            return
        try:
            with self._turn:
                self._session.tend()
        except sqlite3.Error as error:
            judged = classify(error)
            if not isinstance(judged, StoreFull):  # the next commit says so by itself
                self.freeze(str(judged or error))


def _guard(call: Callable[..., None], *arguments: Any) -> None:
    """Call what others gave us; it cannot stop the writer."""
    try:
        call(*arguments)
    except BaseException:
        _log.exception("a callback of the writer failed")
