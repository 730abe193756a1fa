"""The history of a period as lines to be drawn."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from components.advisor.report import Band, GaugePoint, GaugeTrend, Point, Trend
from components.advisor.stretches import POINTS, Stretch
from components.monitor import buckets
from components.monitor.alerting.ledger import AlertSpan
from components.monitor.baseline import Baseline
from components.monitor.buckets import Bucket
from components.monitor.catalogue import OPERATIONS

MOST_GAUGES = 60

_Row = TypeVar("_Row", Bucket, buckets.GaugePoint)


def trends(
    reader: sqlite3.Connection,
    parts: Sequence[Stretch],
    since: int,
    until: int,
    fired: Sequence[AlertSpan],
    baseline: Baseline | None,
) -> tuple[Trend, ...]:
    """The main operations over time, from the stretches of the history that are the period."""
    drawn = []
    for operation in OPERATIONS:
        if operation.main:
            known = baseline.operations.get(operation.name) if baseline else None
            rows = [
                row for part in parts for row in buckets.read_buckets(reader, operation.name, *part)
            ]
            drawn.append(
                Trend(
                    operation.name,
                    operation.title,
                    tuple(map(_point, _slots(rows, since, until))),
                    known.p95_us if known else None,
                    _bands(fired, operation.name, since, until),
                )
            )
    return tuple(drawn)


def gauge_trends(
    reader: sqlite3.Connection,
    parts: Sequence[Stretch],
    since: int,
    until: int,
    names: Iterable[str],
) -> tuple[GaugeTrend, ...]:
    """These gauges over time, at most `MOST_GAUGES`."""
    drawn = []
    for name in sorted(names)[:MOST_GAUGES]:
        rows = [row for part in parts for row in buckets.read_gauge(reader, name, *part)]
        drawn.append(GaugeTrend(name, tuple(map(_gauge_point, _slots(rows, since, until)))))
    return tuple(drawn)


def _slots(rows: Sequence[_Row], since: int, until: int) -> Iterator[list[_Row]]:
    """Rows in groups: of one four-hundredth of the period each, or single ones."""
    width = max((until - since) // POINTS, 1)
    for _, group in groupby(rows, key=lambda row: (row.start - since) // width):
        yield list(group)


def _seconds(rows: Sequence[_Row]) -> int:
    return (rows[-1].start - rows[0].start) // 1_000_000 + rows[-1].seconds


def _point(rows: Sequence[Bucket]) -> Point:
    """Neighbours joined: the worst percentile of them stands."""
    calls = sum(one.calls for one in rows)
    failed = sum(one.failed + one.timeouts for one in rows)
    seconds = _seconds(rows)
    return Point(
        start=rows[0].start,
        seconds=seconds,
        calls=calls,
        errors=failed / calls if calls else 0.0,
        per_s=calls / seconds,
        p50_us=_worst(one.p50_us for one in rows),
        p95_us=_worst(one.p95_us for one in rows),
        p99_us=_worst(one.p99_us for one in rows),
    )


def _gauge_point(points: Sequence[buckets.GaugePoint]) -> GaugePoint:
    weight = sum(point.seconds for point in points)
    return GaugePoint(
        points[0].start,
        _seconds(points),
        min(point.low for point in points),
        sum(point.mean * point.seconds for point in points) / weight,
        max(point.high for point in points),
    )


def _worst(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _bands(fired: Sequence[AlertSpan], operation: str, since: int, until: int) -> tuple[Band, ...]:
    return tuple(
        Band(max(span.since, since), min(_end(span, until), until), span.rule, span.severity)
        for span in fired
        if span.series.startswith(operation + ".")
    )


def _end(span: AlertSpan, until: int) -> int:
    return until if span.until is None else span.until
