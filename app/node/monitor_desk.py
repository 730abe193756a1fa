"""The monitor for a console: alerts that people act on, trends, baselines, reports.

The calls that read open a read-only connection each, and may block for as long as that takes.
"""

import contextlib
import csv
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.baselines import BaselineProblem, Baselines, take
from app.desk import Cadence, DeskError
from app.machine import this_machine
from app.node.node import Node
from app.presenter.trends import alert_history_rows, trend_view
from app.settings import BadSettings, load
from components.monitor import (
    Bucket,
    level_for,
    read_buckets,
    read_columns,
    read_whole,
    same_machine,
)
from components.monitor.alerting import AlertBook, AlertError, Transition, ledger
from components.views import AlertHistoryRow, ReportView, TrendView
from storage import StoreError

_MINUTE_US = 60_000_000
_CSV_POINTS = 2_000


class MonitorDesk:
    """Everything that a console asks of the monitor of a running node."""

    def __init__(self, node: Node) -> None:
        self._node = node

    # What people do to alerts; on the gate's thread, so that it is recorded before it is told.

    async def acknowledge(self, alert_id: str, why: str, operator: str) -> str:
        """Somebody looks after it."""
        done = self._act(lambda book: book.acknowledge(alert_id, operator, why))
        return f"{done.rule} is acknowledged by {operator}"

    async def silence(self, alert_id: str, minutes: int, why: str, operator: str) -> str:
        """It stands no more for a while."""
        until = self._node.clock.now() + minutes * _MINUTE_US
        done = self._act(lambda book: book.silence(alert_id, until, operator, why))
        return f"{done.rule} is silent for {minutes} min"

    async def unsilence(self, alert_id: str, operator: str) -> str:
        """It may stand again."""
        done = self._act(lambda book: book.unsilence(alert_id, operator))
        return f"{done.rule} is no longer silent"

    def _act(self, act: Callable[[AlertBook], Transition]) -> Transition:
        alarms = self._node.engine.monitoring.alarms
        try:
            done = act(alarms.book)
        except AlertError as error:
            raise DeskError(str(error), 404) from error
        alarms.act(done)
        return done

    # What is read.

    def history(self, before: int | None, limit: int) -> Sequence[AlertHistoryRow]:
        """Steps in the lives of alerts, newest first."""
        with self._reader() as reader:
            return alert_history_rows(ledger.page(reader, before, limit))

    def trend(self, operation: str, since: int, until: int, points: int) -> TrendView:
        """One operation over a span, with the baseline and the times of its alerts."""
        baseline = self._node.engine.monitoring.baseline
        other = bool(baseline and same_machine(baseline.machine, this_machine()))
        with self._reader() as reader:
            level = level_for(since, until, self._node.clock.now(), points)
            width = (until - since) // max(points, 1)
            buckets = read_columns(reader, operation, level, since, until, width)
            whole = read_whole(reader, operation, since, until)
            spans = ledger.spans(reader, since, until)
        return trend_view(
            operation,
            since,
            until,
            level,
            buckets,
            whole,
            baseline,
            spans,
            other_machine=other,
        )

    def export(self, operation: str, since: int, until: int, target: Path) -> str:
        """Write the buckets of a span as CSV; never over a file that is there."""
        with self._reader() as reader:
            level = level_for(since, until, self._node.clock.now(), _CSV_POINTS)
            buckets = read_buckets(reader, operation, level, since, until)
        try:
            with target.open("x", encoding="utf-8", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(("operation", "level", *Bucket.__struct_fields__))
                for bucket in buckets:
                    row = (getattr(bucket, name) for name in Bucket.__struct_fields__)
                    writer.writerow((operation, level, *row))
        except FileExistsError:
            raise DeskError(f"{target} is there already; choose another name") from None
        except OSError as error:
            raise DeskError(f"{target} cannot be written: {error.strerror}") from error
        return f"{len(buckets):,} buckets of {operation} (level: {level}) written to {target}"

    def set_baseline(self, name: str, minutes: int) -> str:
        """Make a baseline of the last minutes; the monitor takes it up by itself."""
        baselines, now = Baselines(self._node.home), self._node.clock.now()
        try:
            with self._reader() as reader:
                made = take(reader, name, now - minutes * _MINUTE_US, now, now=now)
            baselines.write(made)
            baselines.use(name)
        except (BaselineProblem, ValueError) as error:
            raise DeskError(str(error)) from error
        return f"{name} is the baseline now: {len(made.operations)} operations"

    def report(self, cadence: Cadence) -> ReportView:
        """The report of the newest day, week, month or quarter."""
        from app.report.making import make_report, period  # heavy, and seldom wanted
        from app.report.screen import screen
        from app.trials import remembered

        now, home = self._node.clock.now(), self._node.home
        try:
            report = make_report(
                home,
                cadence,
                *period(cadence, None, None, now),
                now=now,
                trials=remembered(home, now, load(home).performance),
            )
        except (StoreError, BadSettings) as error:
            raise DeskError(str(error)) from error
        self._node.engine.advice.listed(report.recommendations)
        return screen(report)

    async def accept(self, recommendation_id: str, operator: str) -> str:
        """Put a recommended setting to a decision. Runs on the gate's thread."""
        return await self._node.engine.tuning.accept(recommendation_id, operator)

    async def dismiss(self, recommendation_id: str, why: str, operator: str) -> str:
        """Want no more of a recommendation. Runs on the gate's thread."""
        return await self._node.engine.tuning.dismiss(recommendation_id, operator, why)

    @contextlib.contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.closing(self._node.store.reader()) as reader:
                yield reader
        except (StoreError, sqlite3.Error, ValueError) as error:
            raise DeskError(str(error)) from error
