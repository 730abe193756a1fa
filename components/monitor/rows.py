"""Rows of the history on their way into the store."""

from typing import Any

from components.monitor.buckets import (
    KEEP_S,
    SECOND_US,
    Spread,
    gauge_row,
    metric_row,
    salvaged_total,
)
from components.monitor.figures import Total
from storage import Tx

_Key = tuple[str, str, int]
_Kept = dict[_Key, tuple[Any, ...]]


class Rows:
    """Complete buckets by level, name and start."""

    __slots__ = ("gauges", "metrics")

    def __init__(self) -> None:
        self.metrics: _Kept = {}
        self.gauges: _Kept = {}

    def keep(
        self, level: str, start: int, totals: dict[str, Total], gauges: dict[str, Spread]
    ) -> None:
        """Make the rows of a bucket that is complete."""
        for name, total in totals.items():
            key = level, name, start
            row = metric_row(level, name, start, total)
            self.metrics[key] = _merged(row, self.metrics[key]) if key in self.metrics else row
        for name, spread in gauges.items():
            key = level, name, start
            if key in self.gauges:  # a clock that is set back ends a bucket twice
                known = Spread(*self.gauges[key][3:])
                known.add(spread)
                self.gauges[key] = gauge_row(level, name, start, known)
            else:
                self.gauges[key] = gauge_row(level, name, start, spread)

    def take_up(self, older: "Rows", most: int) -> int:
        """Keep what could not be written before, too; the result is how many were given up."""
        self.metrics = older.metrics | self.metrics
        self.gauges = older.gauges | self.gauges
        given_up = 0
        for kept in (self.metrics, self.gauges):
            while len(kept) > most:
                del kept[next(iter(kept))]
                given_up += 1
        return given_up

    def newest(self) -> dict[str, int]:
        """The newest start of each level."""
        found: dict[str, int] = {}
        for level, _, start in (*self.metrics, *self.gauges):
            found[level] = max(start, found.get(level, start))
        return found

    def split(self, written: dict[str, int]) -> "tuple[Rows, Rows]":
        """Rows newer than what was written, and those that may be there already."""
        fresh, again = Rows(), Rows()
        for key, row in self.metrics.items():
            (fresh if key[2] > written.get(key[0], 0) else again).metrics[key] = row
        for key, row in self.gauges.items():
            (fresh if key[2] > written.get(key[0], 0) else again).gauges[key] = row
        return fresh, again


def store_rows(tx: Tx, fresh: Rows, again: Rows) -> None:
    """Insert rows; one that is there already, since the clock was set back, is added to."""
    for row in again.metrics.values():
        known = tx.execute(
            "SELECT * FROM metric_buckets WHERE level=? AND operation=? AND start=?", row[:3]
        ).fetchone()
        if known:
            tx.execute(
                "DELETE FROM metric_buckets WHERE level=? AND operation=? AND start=?", row[:3]
            )
        tx.insert("metric_buckets", _merged(row, known) if known else row)
    for row in again.gauges.values():
        tx.execute(
            "INSERT INTO gauge_buckets VALUES (?,?,?,?,?,?,?) "
            "ON CONFLICT (level, name, start) DO UPDATE SET count=count+excluded.count, "
            "low=min(low, excluded.low), total=total+excluded.total, "
            "high=max(high, excluded.high)",
            row,
        )
    for row in fresh.metrics.values():
        tx.insert("metric_buckets", row)
    for row in fresh.gauges.values():
        tx.insert("gauge_buckets", row)


def prune_rows(tx: Tx, named: Rows, now: int) -> None:
    """Delete what is older than its level is kept, of those that were just written.

    By name, since the rows of a name stand together in the order of time.
    """
    for table, column, names in (
        ("metric_buckets", "operation", {name for _, name, _ in named.metrics}),
        ("gauge_buckets", "name", {name for _, name, _ in named.gauges}),
    ):
        for level, seconds in KEEP_S.items():
            before = now - seconds * SECOND_US
            for name in names:
                tx.execute(
                    f"DELETE FROM {table} WHERE level=? AND {column}=? AND start<?",  # noqa: S608
                    (level, name, before),
                )


def _merged(row: tuple[Any, ...], known: tuple[Any, ...]) -> tuple[Any, ...]:
    total = salvaged_total(row[-1], row[4], row[5])
    total.add(salvaged_total(known[-1], known[4], known[5]))
    return metric_row(row[0], row[1], row[2], total)
