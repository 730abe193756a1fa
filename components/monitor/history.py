"""What was measured, rolled up: from seconds to minutes, five minutes, hours and days.

Sketches add up without loss, so each bucket of a coarser level is the exact sum of the finer ones.
What is complete is written every ten seconds in one job; after a crash at most that much is
missing, and the open minute, hour and day are put together again from the rows below them.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from itertools import pairwise

from components.monitor.buckets import (
    HEARTBEAT,
    LEVELS,
    SECOND_US,
    SPAN_S,
    Spread,
    newest,
    read_spreads,
    read_totals,
    salvaged_total,
)
from components.monitor.figures import Total, empty
from components.monitor.monitor import Second
from components.monitor.rows import Rows, prune_rows, store_rows
from storage import Store, Tx

FLUSH_S = 10
MAX_KEPT = 100_000
"""Rows that wait while the store takes none; the oldest beyond are given up."""

_PRUNE_EVERY = 6


class _Open:
    """The bucket of one level that is being filled."""

    __slots__ = ("gauges", "start", "totals")

    def __init__(self, start: int) -> None:
        self.start = start
        self.totals: dict[str, Total] = {}
        self.gauges: dict[str, Spread] = {}

    def add(self, totals: dict[str, Total], gauges: dict[str, Spread]) -> None:
        for name, total in totals.items():
            self.totals.setdefault(name, empty()).add(total)
        for name, spread in gauges.items():
            if known := self.gauges.get(name):
                known.add(spread)
            else:
                self.gauges[name] = Spread(spread.count, spread.low, spread.total, spread.high)


class History:
    """Takes every digested second; writes through the store's writer. Used by one thread.

    `breathe` is called between small pieces of work (see `Monitor`).
    """

    def __init__(self, store: Store, breathe: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._breathe = breathe
        self._open: dict[str, _Open] = {}
        self._rows = Rows()
        self._returned: deque[Rows] = deque()
        self._written: dict[str, int] = {}
        self._flushes = 0
        self._since_flush = 0
        self.given_up = 0

    def resume(self, now: int) -> None:
        """Put together the open buckets from what is stored; finish those that a stop cut off."""
        reader = self._store.reader()
        try:
            for (below, _), (level, seconds) in pairwise(LEVELS):
                self._finish(reader, below, level, now)
                current = now // (seconds * SECOND_US) * (seconds * SECOND_US)
                opened = self._open[level] = _Open(current)
                opened.add(
                    read_totals(reader, below, current, now + 1, salvaged_total),
                    read_spreads(reader, below, current, now + 1),
                )
            self._written = {level: newest(reader, level) for level, _ in LEVELS}
        finally:
            reader.close()

    def hear(self, second: Second) -> None:
        """Take a second that was digested."""
        start = (second.time // SECOND_US - 1) * SECOND_US
        totals = dict(second.totals)
        gauges = {name: Spread(1, value, value, value) for name, value in second.gauges.items()}
        for name, total in totals.items():
            self._rows.keep("second", start, {name: total}, {})
            self._breathe()
        self._rows.keep("second", start, {}, gauges)
        self._roll(start, totals, gauges)
        self._since_flush += second.passed
        if self._since_flush >= FLUSH_S:
            self._since_flush = 0
            self.flush(second.time)

    def _roll(self, start: int, totals: dict[str, Total], gauges: dict[str, Spread]) -> None:
        """Add a second to the open minute; what ends with it is a part of the level above."""
        ended: _Open | None = None
        for place, (level, seconds) in enumerate(LEVELS[1:]):
            current = start // (seconds * SECOND_US) * (seconds * SECOND_US)
            opened = self._open.setdefault(level, _Open(current))
            if ended is not None:
                opened.add(ended.totals, ended.gauges)
            ended = None
            if opened.start != current:
                for name, total in opened.totals.items():
                    self._rows.keep(level, opened.start, {name: total}, {})
                    self._breathe()
                self._rows.keep(level, opened.start, {}, opened.gauges)
                ended, opened = opened, _Open(current)
                self._open[level] = opened
            if place == 0:
                opened.add(totals, gauges)

    def flush(self, now: int) -> None:
        """Hand what is complete to the writer; it comes back when the store takes nothing.

        What is left when a node ends is written so, too: the open minute, hour and day are put
        together from their rows at the next start.
        """
        rows, self._rows = self._rows, Rows()
        while self._returned:
            self.given_up += rows.take_up(self._returned.popleft(), MAX_KEPT)
        fresh, again = rows.split(self._written)
        for level, start in rows.newest().items():
            self._written[level] = max(start, self._written.get(level, start))
        prune = self._flushes % _PRUNE_EVERY == 0
        self._flushes += 1

        def job(tx: Tx) -> None:
            store_rows(tx, fresh, again)
            if prune:
                prune_rows(tx, rows, now)

        def heard(_: None, error: Exception | None) -> None:
            if error is not None:
                self._returned.append(rows)

        self._store.writer.submit(job, heard)

    def _finish(self, reader: sqlite3.Connection, below: str, level: str, now: int) -> None:
        """Roll up whole buckets whose own row a stop prevented."""
        span = SPAN_S[level] * SECOND_US
        rows = Rows()
        for at in _starts(reader, below, span, newest(reader, level, now) + 1, now // span * span):
            totals = read_totals(reader, below, at, at + span, salvaged_total)
            rows.keep(level, at, totals, read_spreads(reader, below, at, at + span))
        if rows.metrics or rows.gauges:
            self._store.writer.run(lambda tx: store_rows(tx, rows, Rows()))


def _starts(reader: sqlite3.Connection, below: str, span: int, since: int, until: int) -> list[int]:
    """Where those buckets of `span` µs begin that have rows of the level below."""
    rows = reader.execute(
        "SELECT DISTINCT start / ? * ? AS whole FROM metric_buckets "
        "WHERE level=? AND operation=? AND whole>=? AND whole<? ORDER BY whole",
        (span, span, below, HEARTBEAT, since, until),
    )
    return [row[0] for row in rows]
