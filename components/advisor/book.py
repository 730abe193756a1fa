"""Which recommendations were made, and what a person made of them: table `recommendations`.

What a person dismissed, or what was done, does not come back until the evidence for it is
materially another: much worse, of another cause, or for another value.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from threading import Lock
from typing import Literal

import msgspec
from msgspec import Struct

from components.advisor.recommend import Recommendation
from components.clock import Clock
from storage import SteadyReader, Tx, Writer

State = Literal["open", "accepted", "dismissed", "done"]

WORSE = 1.5
"""A factor or a measured gain that grew so much is another one."""

_RANKS = {"drifted": 0, "acceptable": 1, "missed": 2}
_WRITE = (
    "INSERT INTO recommendations (id, state, time, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) "
    "DO UPDATE SET state = excluded.state, time = excluded.time, body = excluded.body"
)


class Kept(Struct, frozen=True, kw_only=True):
    """A recommendation as it was when its state last changed: when (µs), by whom and why.

    `request_id` is that of the action it was put to a decision with.
    """

    recommendation: Recommendation
    state: State
    time: int
    by: str = ""
    why: str = ""
    request_id: str = ""


_decode = msgspec.msgpack.Decoder(Kept).decode


def read_kept(reader: sqlite3.Connection | SteadyReader) -> dict[str, Kept]:
    """All that is kept, by id; rows that cannot be read are left out."""
    kept = {}
    for found, body in reader.execute("SELECT id, body FROM recommendations ORDER BY time, id"):
        try:
            kept[found] = _decode(body)
        except msgspec.DecodeError:
            continue
    return kept


def unanswered(
    recommendations: Iterable[Recommendation], kept: Mapping[str, Kept]
) -> tuple[Recommendation, ...]:
    """Those that nobody has answered: new, open, or of other evidence than what was answered."""
    return tuple(one for one in recommendations if _stands(one, kept.get(one.id)))


def changed(then: Recommendation, now: Recommendation) -> bool:
    """Whether the evidence is materially another."""
    if now.setting != then.setting or _kinds(now).isdisjoint(_kinds(then)):
        return True
    worse = _RANKS.get(now.status, 0) > _RANKS.get(then.status, 0)
    gained = (now.measured or 1.0) - 1 >= WORSE * ((then.measured or 1.0) - 1) > 0
    return worse or gained or now.factor >= WORSE * then.factor


class RecommendationBook:
    """The recommendations of one home. Any thread may call."""

    def __init__(
        self, writer: Writer, clock: Clock, reader: sqlite3.Connection | SteadyReader
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._lock = Lock()
        self._kept = read_kept(reader)

    def get(self, recommendation_id: str) -> Kept | None:
        """What is kept of one."""
        return self._kept.get(recommendation_id)

    def accepted(self) -> tuple[Kept, ...]:
        """Those that are put to a decision which has not ended yet."""
        return tuple(kept for kept in self._kept.values() if kept.state == "accepted")

    def listed(self, made: Iterable[Recommendation]) -> tuple[Recommendation, ...]:
        """Those that nobody has answered; they are kept as open, so that they can be accepted."""
        with self._lock:
            standing = unanswered(made, self._kept)
        for one in standing:
            known = self._kept.get(one.id)
            if known is None or known.state != "open" or known.recommendation != one:
                self._keep(Kept(recommendation=one, state="open", time=self._clock.now()))
        return standing

    def mark(
        self, recommendation_id: str, state: State, *, by: str = "", why: str = "",
        request_id: str = "",
    ) -> "Future[None]":  # fmt: skip
        """Note what became of one; the future ends when that is durable. `KeyError` if unknown."""
        known = self._kept[recommendation_id]
        return self._keep(
            Kept(
                recommendation=known.recommendation,
                state=state,
                time=self._clock.now(),
                by=by or known.by,
                why=why or known.why,
                request_id=request_id or known.request_id,
            )
        )

    def _keep(self, kept: Kept) -> "Future[None]":
        """Keep in memory at once, in the store soon; what fails there is forgotten here, too."""
        key, future = kept.recommendation.id, Future[None]()
        with self._lock:
            before = self._kept.get(key)
            self._kept[key] = kept
        row = (key, kept.state, kept.time, msgspec.msgpack.encode(kept))

        def write(tx: Tx) -> None:
            tx.execute(_WRITE, row)

        def written(_: None, error: Exception | None) -> None:
            if error is None:
                future.set_result(None)
                return
            with self._lock:
                if self._kept.get(key) is kept:
                    self._put_back(key, before)
            future.set_exception(error)

        self._writer.submit(write, written)
        return future

    def _put_back(self, key: str, before: Kept | None) -> None:
        if before is None:
            del self._kept[key]
        else:
            self._kept[key] = before


def _stands(made: Recommendation, known: Kept | None) -> bool:
    if known is None or known.state == "open":
        return True
    return known.state != "accepted" and changed(known.recommendation, made)


def _kinds(one: Recommendation) -> frozenset[str]:
    return frozenset(cause.kind for cause in one.causes)
