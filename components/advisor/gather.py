"""Reads from the store what a report is built of. Blocks: not for the gate thread.

Nothing is loaded whole: history comes in buckets of a level that suits the period, decisions are
counted one at a time, tables without an index on time are entered by halving.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from components.advisor.deciding import DecisionTally, SeenDecision
from components.advisor.gathered import Gathered
from components.advisor.pictures import gauge_trends, trends
from components.advisor.places import CLOCK_SLACK_US, first_at
from components.advisor.report import (
    ActionFigures,
    AgentFigures,
    AuditFigures,
    DecisionFigures,
    ResourceFigures,
)
from components.advisor.sirens import alert_figures
from components.advisor.stretches import Stretch, spreads, stretches
from components.monitor.alerting.ledger import spans
from components.monitor.baseline import Baseline
from components.monitor.buckets import HEARTBEAT, Spread, read_buckets, read_summary

Progress = Callable[[str, int, int], object]
"""Told what is being read, how much of it was, and of how much."""

MOST_AGENTS = 20

_STEP = 2_000  # decisions between two reports of progress
_DAY_S = 86_400
_decode = msgspec.msgpack.Decoder(SeenDecision).decode


class _Born(msgspec.Struct):
    created_at: int


_born = msgspec.msgpack.Decoder(_Born).decode


def gather(
    reader: sqlite3.Connection,
    since: int,
    until: int,
    *,
    now: int,
    baseline: Baseline | None = None,
    progress: Progress | None = None,
) -> Gathered:
    """Everything of the period from `since` to `until` (µs, `until` excluded).

    Raises `sqlite3.Error` for a store that is damaged.
    """
    tell = progress or _silent
    tell("history", 0, 1)
    figures = read_summary(reader, since, until)
    before = read_summary(reader, since - (until - since), since)
    fired = spans(reader, since, until)
    parts = stretches(reader, since, until, now)
    looked = spreads(reader, parts)
    tell("history", 1, 1)
    return Gathered(
        since=since,
        until=until,
        covered_s=_covered_s(reader, looked, parts, (until - since) / 1e6),
        figures=figures,
        before=before,
        alerts=alert_figures(fired, since, until),
        actions=_actions(reader, since, until),
        decisions=decisions(reader, since, until, tell),
        resources=tuple(_resource(name, looked[name]) for name in sorted(looked)),
        audit=_audit(reader, since, until),
        trends=trends(reader, parts, since, until, fired, baseline),
        gauges=gauge_trends(reader, parts, since, until, looked),
    )


def decisions(
    reader: sqlite3.Connection, since: int, until: int, progress: Progress | None = None
) -> DecisionFigures:
    """The decisions asked for in the period."""
    tell = progress or _silent
    step_s = 3600 if until - since <= 2 * _DAY_S * 1_000_000 else _DAY_S
    tally = DecisionTally(since, until, step_s)
    first = first_at(reader, "decisions", "rowid", "body", since - CLOCK_SLACK_US, _birth)
    last = first_at(reader, "decisions", "rowid", "body", until + CLOCK_SLACK_US, _birth)
    for at, body in enumerate(_bodies(reader, first, last)):
        try:
            tally.add(_decode(body))
        except msgspec.DecodeError:
            tally.unreadable()
        if not at % _STEP:
            tell("decisions", at, last - first)
    return tally.figures()


def _bodies(reader: sqlite3.Connection, first: int, last: int) -> Iterator[bytes]:
    rows = reader.execute(
        "SELECT body FROM decisions WHERE rowid >= ? AND rowid < ? ORDER BY rowid", (first, last)
    )
    return (body for (body,) in rows)


def _birth(body: bytes) -> int | None:
    try:
        return _born(body).created_at
    except msgspec.DecodeError:
        return None


def _actions(reader: sqlite3.Connection, since: int, until: int) -> ActionFigures:
    received = first_at(reader, "requests", "id", "received_at", until) - first_at(
        reader, "requests", "id", "received_at", since
    )
    judged = reader.execute(
        "SELECT coalesce(sum(verdict = 'allow'), 0), coalesce(sum(verdict = 'deny'), 0), "
        "coalesce(sum(verdict = 'expired'), 0), coalesce(sum(decided_by = 'operator'), 0), "
        "coalesce(sum(status = 'failed'), 0) FROM experiences WHERE time >= ? AND time < ?",
        (since, until),
    ).fetchone()
    agents = reader.execute(
        "SELECT agent, count(*) AS n, sum(verdict != 'allow'), sum(status = 'failed') "
        "FROM experiences WHERE time >= ? AND time < ? GROUP BY agent ORDER BY n DESC, agent "
        "LIMIT ?",
        (since, until, MOST_AGENTS),
    )
    allowed, denied, expired, by_operator, failed = judged
    return ActionFigures(
        received=received,
        allowed=allowed,
        denied=denied,
        expired=expired,
        by_operator=by_operator,
        failed=failed,
        agents=tuple(AgentFigures(*row) for row in agents),
    )


def _audit(reader: sqlite3.Connection, since: int, until: int) -> AuditFigures:
    first, last = (first_at(reader, "audit_entries", "seq", "time", at) for at in (since, until))
    size = reader.execute("SELECT coalesce(max(seq) + 1, 0) FROM audit_entries").fetchone()[0]
    kept, newest = reader.execute(
        "SELECT coalesce(sum(size > ? AND size <= ?), 0), coalesce(max(size), 0) FROM checkpoints",
        (first, last),
    ).fetchone()
    return AuditFigures(last - first, kept, size, newest)


def _resource(name: str, seen: Spread) -> ResourceFigures:
    return ResourceFigures(name, seen.low, seen.total / seen.count, seen.high)


def _covered_s(
    reader: sqlite3.Connection, looked: Mapping[str, Spread], parts: Sequence[Stretch], most: float
) -> float:
    """How many seconds were recorded: gauges count them; without any, the heartbeat's buckets."""
    seconds = max((spread.count for spread in looked.values()), default=0)
    if not seconds:
        beats = (row for part in parts for row in read_buckets(reader, HEARTBEAT, *part))
        seconds = sum(row.seconds for row in beats)
    return float(min(seconds, most))


def _silent(what: str, done: int, of: int) -> None:
    pass
