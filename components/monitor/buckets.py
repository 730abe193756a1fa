"""The rows of the history, and what is read back from them. Times are µs since 1970 UTC.

A node that rests keeps some 21 MiB in all, one of 50 actions a second some 130 MiB: 16 MiB of
seconds, 33 of minutes, 31 of five minutes, 35 of hours, and in three years 16 of days. Seconds
take the place of older ones, so what grows in a day is at most 21 MiB, and nothing once each level
has its length. A day of all operations is read from five minutes, of which few need be added up.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from components.monitor.figures import Figures, Total, empty, figures
from components.monitor.sketch import Sketch

SECOND_US = 1_000_000
LEVELS: tuple[tuple[str, int], ...] = (
    ("second", 1),
    ("minute", 60),
    ("five minutes", 300),
    ("hour", 3600),
    ("day", 86_400),
)
"""The levels with the seconds of one bucket, finest first."""

SPAN_S = dict(LEVELS)

_SLACK_S = 60
"""An hour that ends now began, by the time of its query, a little more than an hour ago."""

KEEP_S = {
    "second": 3_700,
    "minute": 2 * 86_400 + 3_600,
    "five minutes": 8 * 86_400,
    "hour": 100 * 86_400,
    "day": 1_100 * 86_400,
}
"""How long each level is kept. An hour, a week, a quarter and three years can so be looked at."""


_Stored = Callable[[bytes, int, int], Total]
_Piece = tuple[str, int, int]  # level, from, to

HEARTBEAT = "runtime.loop_lag"
"""The operation that runs in every second of a node: where it has no bucket, no node ran."""

LATEST = 2**63 - 1
"""Later than any time."""


class Bucket(Struct, frozen=True):
    """One operation in one span of time. `calls` counts all; the durations those that worked."""

    start: int
    seconds: int
    calls: int
    failed: int
    timeouts: int
    total_ns: int
    p50_us: float | None
    p95_us: float | None
    p99_us: float | None
    p999_us: float | None

    @property
    def errors(self) -> float:
        """The share of calls that failed or timed out, 0–1."""
        return (self.failed + self.timeouts) / self.calls if self.calls else 0.0


class GaugePoint(Struct, frozen=True):
    """One gauge in one span of time."""

    start: int
    seconds: int
    low: float
    mean: float
    high: float


class Spread(Struct):
    """What a gauge was: how often looked at, lowest, sum and highest. Mutable, one owner."""

    count: int
    low: float
    total: float
    high: float

    def add(self, other: "Spread") -> None:
        """Count another span, too."""
        self.count += other.count
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.total += other.total


def metric_row(level: str, operation: str, start: int, total: Total) -> tuple[Any, ...]:
    """The row of one operation's bucket."""
    found = figures(total, SPAN_S[level])
    return (
        level, operation, start, found.calls, found.failed, found.timeouts, total.sketch.total,
        found.p50_us, found.p95_us, found.p99_us, found.p999_us, total.sketch.to_bytes(),
    )  # fmt: skip


def gauge_row(level: str, name: str, start: int, spread: Spread) -> tuple[Any, ...]:
    """The row of one gauge's bucket."""
    return level, name, start, spread.count, spread.low, spread.total, spread.high


def stored_total(sketch: bytes, failed: int, timeouts: int) -> Total:
    """What a row counted, to be added to others. Raises `ValueError` for a damaged sketch."""
    return Total(Sketch.from_bytes(sketch), failed, timeouts)


def salvaged_total(sketch: bytes, failed: int, timeouts: int) -> Total:
    """As `stored_total`, but of a damaged sketch what went wrong: a node is not to stop at it."""
    try:
        return stored_total(sketch, failed, timeouts)
    except ValueError:
        return Total(Sketch(), failed, timeouts)


def level_for(since: int, until: int, now: int, points: int) -> str:
    """The coarsest level with a bucket for each point, of those that are still kept at `since`.

    Where there is none, the finest: coarser than asked for beats a hole.
    """
    seconds = max((until - since) / SECOND_US, 1)
    kept = [
        (level, span)
        for level, span in LEVELS
        if now - since <= (KEEP_S[level] + _SLACK_S) * SECOND_US
    ] or [LEVELS[-1]]
    fine = [level for level, span in kept if seconds / span >= points]
    return fine[-1] if fine else kept[0][0]


def read_buckets(
    reader: sqlite3.Connection, operation: str, level: str, since: int, until: int
) -> list[Bucket]:
    """The buckets of one operation that begin within [since, until), oldest first."""
    rows = reader.execute(
        "SELECT start, calls, failed, timeouts, total_ns, p50_us, p95_us, p99_us, p999_us "
        "FROM metric_buckets WHERE level=? AND operation=? AND start>=? AND start<? "
        "ORDER BY start",
        (level, operation, since, until),
    )
    span = SPAN_S[level]
    return [Bucket(start, span, *rest) for start, *rest in rows]


def read_columns(
    reader: sqlite3.Connection, operation: str, level: str, since: int, until: int, width: int
) -> list[Bucket]:
    """As `read_buckets`, but what falls into one column of `width` µs is one bucket, exactly."""
    columns: dict[int, list[tuple[Any, ...]]] = {}
    for row in reader.execute(
        "SELECT start, calls, failed, timeouts, total_ns, p50_us, p95_us, p99_us, p999_us, sketch "
        "FROM metric_buckets WHERE level=? AND operation=? AND start>=? AND start<? "
        "ORDER BY start",
        (level, operation, since, until),
    ):
        columns.setdefault((row[0] - since) // max(width, 1), []).append(row)
    width, span = max(width, 1), SPAN_S[level] * SECOND_US
    until = min(until, newest(reader, level, until) + span)  # what is not over has no bucket yet
    found = []
    for at, rows in columns.items():
        first = since + at * width
        buckets = -(-min(first + width, until) // span) - -(-first // span)
        found.append(_column(rows, max(buckets, 1) * SPAN_S[level]))
    return found


def _column(rows: list[tuple[Any, ...]], seconds: int) -> Bucket:
    """What ran seldom has no rows for most of the column, which is as long all the same."""
    start = rows[0][0]
    if len(rows) == 1:
        return Bucket(start, seconds, *rows[0][1:-1])
    total = empty()
    for row in rows:
        total.add(stored_total(row[-1], row[2], row[3]))
    found = figures(total, seconds)
    return Bucket(
        start, seconds, found.calls, found.failed, found.timeouts, total.sketch.total,
        found.p50_us, found.p95_us, found.p99_us, found.p999_us,
    )  # fmt: skip


def read_totals(
    reader: sqlite3.Connection,
    level: str,
    since: int,
    until: int,
    stored: _Stored = stored_total,
) -> dict[str, Total]:
    """What each operation amounted to in the buckets of a level within [since, until)."""
    found: dict[str, Total] = {}
    for operation in _names(reader, "metric_buckets", "operation", level):
        total = empty()
        _add_up(reader, total, operation, level, since, until, stored)
        if total.calls:
            found[operation] = total
    return found


def _add_up(
    reader: sqlite3.Connection,
    total: Total,
    operation: str,
    level: str,
    since: int,
    until: int,
    stored: _Stored = stored_total,
) -> None:
    for row in reader.execute(
        "SELECT sketch, failed, timeouts FROM metric_buckets "
        "WHERE level=? AND operation=? AND start>=? AND start<?",
        (level, operation, since, until),
    ):
        total.add(stored(*row))


def read_spreads(
    reader: sqlite3.Connection, level: str, since: int, until: int
) -> dict[str, Spread]:
    """What each gauge was in the buckets of a level within [since, until)."""
    found: dict[str, Spread] = {}
    for name in _names(reader, "gauge_buckets", "name", level):
        count, low, total, high = reader.execute(
            "SELECT sum(count), min(low), sum(total), max(high) FROM gauge_buckets "
            "WHERE level=? AND name=? AND start>=? AND start<?",
            (level, name, since, until),
        ).fetchone()
        if count:
            found[name] = Spread(count, low, total, high)
    return found


def newest(reader: sqlite3.Connection, level: str, until: int = LATEST) -> int:
    """The start of a level's newest bucket that begins before `until`; -1 where there is none."""
    found = reader.execute(
        "SELECT max(start) FROM metric_buckets WHERE level=? AND operation=? AND start<?",
        (level, HEARTBEAT, until),
    ).fetchone()[0]
    return -1 if found is None else int(found)


def _names(reader: sqlite3.Connection, table: str, column: str, level: str) -> list[str]:
    """The names of a level, each found by one seek: a plain DISTINCT reads every row."""
    rows = reader.execute(
        f"WITH RECURSIVE names (name) AS (SELECT min({column}) FROM {table} WHERE level=?1 "  # noqa: S608
        f"UNION ALL SELECT (SELECT min({column}) FROM {table} WHERE level=?1 AND {column}>name) "
        "FROM names WHERE name IS NOT NULL) SELECT name FROM names WHERE name IS NOT NULL",
        (level,),
    )
    return [row[0] for row in rows]


def read_summary(reader: sqlite3.Connection, since: int, until: int) -> dict[str, Figures]:
    """The figures of every operation that ran in a span: an exact sum of its sketches.

    Rates are of the time in which a node ran.
    Whole hours come from their own rows, the rest at both ends from minutes, then seconds; so a
    span is exact to the second as far as seconds are kept, else to the minute.
    """
    found: dict[str, Total] = {}
    pieces = _pieces(reader, since, until)
    for level, start, end in pieces:
        for operation, total in read_totals(reader, level, start, end).items():
            found.setdefault(operation, empty()).add(total)
    seconds = _ran_s(reader, pieces, since, until)
    return {operation: figures(total, seconds) for operation, total in found.items()}


def read_whole(
    reader: sqlite3.Connection, operation: str, since: int, until: int
) -> Figures | None:
    """One operation of `read_summary`; None where it did not run."""
    total = empty()
    pieces = _pieces(reader, since, until)
    for level, start, end in pieces:
        _add_up(reader, total, operation, level, start, end)
    return figures(total, _ran_s(reader, pieces, since, until)) if total.calls else None


def _ran_s(reader: sqlite3.Connection, pieces: list[_Piece], since: int, until: int) -> float:
    """For how many seconds of a span a node ran: its gauges are looked at once in each.

    Without any gauge all of it; at least one.
    """
    spreads = [read_spreads(reader, *piece) for piece in pieces]
    counted = sum(max((one.count for one in piece.values()), default=0) for piece in spreads)
    whole = (until - since) / SECOND_US
    return max(min(counted or whole, whole), 1)


def _pieces(reader: sqlite3.Connection, since: int, until: int) -> list[_Piece]:
    """What together is the span, each piece with rows of its own."""
    pieces: list[_Piece] = []
    at = since
    for level, _ in reversed(LEVELS[1:]):
        span = SPAN_S[level] * SECOND_US
        first = -(-at // span) * span
        last = min(newest(reader, level, until) + span, until // span * span)
        if first < last:
            pieces += _finer(level, at, first)
            pieces.append((level, first, last))
            at = last
    if at < until:
        pieces.append(("second", at, until))
    return pieces


def _finer(level: str, since: int, until: int) -> list[_Piece]:
    """What lies before the first whole bucket of a level, from the levels below it."""
    if since >= until:
        return []
    names = [name for name, _ in LEVELS]
    below = names[names.index(level) - 1]
    if below == "second":
        return [("second", since, until)]
    span = SPAN_S[below] * SECOND_US
    first = min(-(-since // span) * span, until)
    return [*_finer(below, since, first), (below, first, until)]


def read_gauge(
    reader: sqlite3.Connection, name: str, level: str, since: int, until: int
) -> list[GaugePoint]:
    """The buckets of one gauge that begin within [since, until), oldest first."""
    rows = reader.execute(
        "SELECT start, count, low, total, high FROM gauge_buckets "
        "WHERE level=? AND name=? AND start>=? AND start<? ORDER BY start",
        (level, name, since, until),
    )
    span = SPAN_S[level]
    return [
        GaugePoint(start, span, low, total / count, high) for start, count, low, total, high in rows
    ]


def gauge_names(reader: sqlite3.Connection) -> list[str]:
    """The gauges of which there is any history."""
    return sorted(
        {name for level in SPAN_S for name in _names(reader, "gauge_buckets", "name", level)}
    )
