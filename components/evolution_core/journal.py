"""Experiences on their way into the store: a buffer, and one job that drains it.

`add` costs its caller an encoding and an append. While one drain job is under way the buffer
fills; what has gathered is the next job. Rows leave the buffer only when they are durable, so a
failed commit loses nothing and changes no order.

A full buffer holds its callers back while the store works, which it does until callers log
faster than it can write; while it fails, they are refused at once.
"""

from collections import deque
from collections.abc import Callable
from threading import Condition, Lock

from components.actions import Experience
from components.clock import Clock
from components.evolution_core.metrics import Metrics
from components.evolution_core.rows import encode, row
from components.monitor.footprint import Held, deep_size
from components.monitor.timer import Recorder, count_error
from storage import StoreError, Tx, Writer

MAX_WEIGHT = 64 * 2**20
"""The buffer's bound in bytes, each experience counted as its encoding and 1,024 bytes of objects:
some 50,000 of the usual size."""

WAIT_S = 1.0
"""A caller is held back while at least one drain job ends in this time."""

SAVE_EVERY = 8192
"""The metrics are saved after this many experiences; a restart counts at most as many again."""

LARGEST_BATCH = 512
"""Experiences that one drain job writes at most, unless set otherwise."""

_OBJECTS = 1024
_RETRY_NS = 50_000_000
_RETRY_AT_MOST_NS = 5_000_000_000

OnTrouble = Callable[[str], None]
"""Called with what is wrong, and with "" when it is over; on the thread that found it."""


class BufferFull(StoreError):  # noqa: N818 - the store's errors are named for the state
    """The store has failed for so long that the buffer is full: this experience was not taken."""

    code = 429


class Journal:
    """The buffer, its drain job, and the metrics of what is durable.

    Any thread may add. The drain job and its end run on the writer thread, which is the only one
    to add to the metrics. `refused` counts what found the buffer full.
    """

    def __init__(
        self,
        writer: Writer,
        clock: Clock,
        metrics: Metrics,
        saved_up_to: int,
        trouble: OnTrouble,
        batch: int = LARGEST_BATCH,
        flushed: Recorder | None = None,
    ) -> None:
        self.refused = 0
        self._writer = writer
        self._clock = clock
        self._metrics = metrics
        self._saved_up_to = saved_up_to
        self._trouble = trouble
        self._batch = max(batch, 1)
        self._flushed = flushed
        self._drain_since = 0
        self._lock = Lock()
        self._room = Condition(self._lock)
        self._buffer: deque[tuple[Experience, bytes]] = deque()
        self._taken: list[tuple[Experience, bytes]] = []
        self._weight = 0
        self._draining = False
        self._troubled = False
        self._failures = 0
        self._retry_at = 0
        self._error: Exception | None = None

    def add(self, experience: Experience) -> None:
        """Take an experience; it is durable soon after.

        Raises `BufferFull`, and `ValueError` for what cannot be stored.
        """
        body = encode(experience)
        with self._lock:
            full = not self._has_room()
            if full:
                self.refused += 1
            else:
                self._buffer.append((experience, body))
                self._weight += len(body) + _OBJECTS
            start = not self._draining and self._may_try()
            self._draining = self._draining or start
        if start:
            self._start()
        if full:
            self._refuse()

    def retry(self) -> None:
        """Try again what failed, once its pause is over: for when nothing more is added."""
        with self._lock:
            start = bool(self._failures) and not self._draining and self._may_try()
            self._draining = self._draining or start
        if start:
            self._start()

    def _has_room(self) -> bool:
        """Whether there is room, waited for while drain jobs go on ending well."""
        while self._weight >= MAX_WEIGHT:
            if self._failures or not self._room.wait(WAIT_S):
                return False
        return True

    def _refuse(self) -> None:
        why = self._error or "the store does not answer"
        text = f"The buffer of experiences is full; {self.refused} were refused: {why}"
        self._tell(text)
        raise BufferFull(text)

    def _tell(self, trouble: str) -> None:
        self._troubled = bool(trouble)
        self._trouble(trouble)

    def pending(self) -> int:
        """How many experiences are not yet known to be durable."""
        return len(self._taken) + len(self._buffer)

    def footprint(self) -> Held:
        """The experiences in the buffer, and those in the drain job under way."""
        return Held(self.pending(), deep_size(self._buffer, self._taken))

    def flush(self) -> None:
        """Wait until all that was added is durable, or raise why it is not."""
        while self.pending():
            with self._lock:
                start = not self._draining
                self._draining = True
                self._error = None
            if start:
                self._start()
            self._writer.run(_nothing)  # jobs end in order, so the drain job has ended before
            if self._error is not None:
                raise self._error

    def save(self, tx: Tx) -> int:
        """Write the metrics as one row, and return the last experience they cover."""
        up_to = self._metrics.up_to
        tx.execute(
            "INSERT OR REPLACE INTO evolution_state VALUES ('metrics', ?, ?)",
            (up_to, self._metrics.to_bytes()),
        )
        return up_to

    def _may_try(self) -> bool:
        return not self._failures or self._clock.monotonic() >= self._retry_at

    def _start(self) -> None:
        """Start a drain job. There is one at a time, so its start needs no lock."""
        self._drain_since = self._clock.monotonic()
        self._writer.submit(self._drain, self._drained)

    def _drain(self, tx: Tx) -> bool:
        """Write up to a batch of rows; whether the metrics were saved too. May run twice."""
        with self._lock:
            room = self._batch - len(self._taken)
            self._taken += [self._buffer.popleft() for _ in range(min(room, len(self._buffer)))]
        save = self._metrics.up_to - self._saved_up_to >= SAVE_EVERY
        if save:
            self.save(tx)
        for row_id, (experience, body) in enumerate(self._taken, self._metrics.up_to + 1):
            tx.insert("experiences", row(row_id, experience, body))
        return save

    def _drained(self, saved: bool | None, error: Exception | None) -> None:
        if error is not None:
            self._failed(error)
            return
        if self._flushed is not None and self._taken:
            self._flushed.record(self._clock.monotonic() - self._drain_since)
        if saved:
            self._saved_up_to = self._metrics.up_to
        for experience, _ in self._taken:
            self._metrics.add(self._metrics.up_to + 1, experience)
        with self._lock:
            self._weight -= sum(len(body) + _OBJECTS for _, body in self._taken)
            self._taken.clear()
            more = self._draining = bool(self._buffer)
            self._failures = 0
            self._error = None
            self._room.notify_all()
        if more:
            self._start()
        if self._troubled:
            self._tell("")

    def _failed(self, error: Exception) -> None:
        """Keep the rows. The first retry may come at once, later ones back off."""
        if self._flushed is not None:
            count_error(error, self._flushed)
        with self._lock:
            pause = min(_RETRY_NS * (2 ** min(self._failures, 16) - 1), _RETRY_AT_MOST_NS)
            self._retry_at = self._clock.monotonic() + pause
            self._failures += 1
            self._error = error
            self._draining = False
            kept = self.pending()
            self._room.notify_all()
        self._tell(f"{kept} experiences wait in memory: {error}")


def _nothing(_: Tx) -> None: ...
