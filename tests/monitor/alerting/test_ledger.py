"""Alerts in the store: what a restart finds, what people read, what is forgotten."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.monitor.alerting import Transition, alert_id, ledger
from storage import Store, open_store
from tests.monitor.alerting.world import World, rule

SECOND = 1_000_000


class Kept:
    """A world whose changes are stored."""

    def __init__(self, store: Store, reader: sqlite3.Connection) -> None:
        self.store, self.reader = store, reader
        self.world = World(rule(keep_firing_for="5s"))
        self.start = self.world.clock.now()

    def run(self, value: float, seconds: int, series: str = "a") -> None:
        self.world.set(series, value)
        self.world.run(seconds)

    def save(self, *more: Transition) -> None:
        told, self.world.told = [*self.world.told, *more], []
        self.store.writer.run(lambda tx: ledger.save(tx, self.world.book.dump(), told))

    def spans(self, since: int = 0, until: int = 10**6) -> list[tuple[str, int, int | None]]:
        """Spans in seconds from the start."""
        low, high = self.start + since * SECOND, self.start + until * SECOND
        return [
            (one.series, self._s(one.since), one.until and self._s(one.until))
            for one in ledger.spans(self.reader, low, high)
        ]

    def _s(self, time: int) -> int:
        return (time - self.start) // SECOND


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    store = open_store(tmp_path)
    reader = store.reader()
    yield Kept(store, reader)
    reader.close()
    store.close()


def test_what_is_saved_is_loaded(kept: Kept) -> None:
    kept.run(1, 2)
    kept.save()
    assert ledger.load(kept.reader) == kept.world.book.dump()
    kept.run(0, 10)
    kept.save()
    assert ledger.load(kept.reader) == {}


def test_history_is_told_the_latest_first_and_in_pages(kept: Kept) -> None:
    kept.run(1, 5)
    told = kept.world.book.acknowledge(alert_id("r", "a"), "ann", "seen")
    kept.save(told)
    kept.run(0, 10)
    kept.save()
    found = ledger.history(kept.reader)
    assert [(one.kind, one.after) for one in found] == [
        ("phase", "resolved"), ("acknowledged", "firing"), ("phase", "firing"),
    ]  # fmt: skip
    assert ledger.history(kept.reader, limit=1) == found[:1]
    assert ledger.history(kept.reader, before=found[0].time) == found[1:]


def test_spans_are_those_that_touch_the_time_asked_for(kept: Kept) -> None:
    kept.run(1, 10)
    kept.run(0, 10)
    kept.run(1, 10, "b")
    kept.save()
    assert kept.spans() == [("a", 0, 15), ("b", 20, None)]
    assert kept.spans(16, 19) == []
    assert kept.spans(14, 20) == [("a", 0, 15)]
    assert kept.spans(100, 200) == [("b", 20, None)]


def test_a_span_knows_when_somebody_saw_it(kept: Kept) -> None:
    kept.run(1, 10)
    kept.save(kept.world.book.acknowledge(alert_id("r", "a"), "ann"))
    kept.run(1, 10)
    kept.save(kept.world.book.acknowledge(alert_id("r", "a"), "bob"))
    kept.run(0, 10)
    kept.save()
    (span,) = ledger.spans(kept.reader, 0, 2**62)
    assert span.acknowledged_at == kept.start + 10 * SECOND
    assert (span.rule, span.severity, span.text) == ("r", "high", "a 1")


def test_a_wall_clock_set_back_makes_no_span_of_less_than_nothing(kept: Kept) -> None:
    kept.run(1, 10)
    kept.world.clock.set_wall(kept.start - 3600 * SECOND)
    kept.run(0, 10)
    kept.save()
    assert kept.spans() == [("a", 0, 0)]


def test_what_is_old_is_forgotten_but_not_the_beginning_of_what_still_fires(kept: Kept) -> None:
    kept.run(1, 10)
    kept.run(1, 10, "b")
    kept.run(0, 10, "b")
    kept.save()
    kept.store.writer.run(lambda tx: ledger.prune(tx, kept.start + 3600 * SECOND))
    assert [one.series for one in ledger.history(kept.reader)] == ["a"]
    assert kept.spans() == [("a", 0, None)]


def test_a_span_whose_beginning_is_forgotten_is_known_by_its_end(kept: Kept) -> None:
    kept.run(1, 10)
    kept.run(0, 10)
    kept.save()
    kept.store.writer.run(lambda tx: ledger.prune(tx, kept.start + 5 * SECOND))
    assert kept.spans() == [("a", 0, 15)]


def test_history_is_bounded_whatever_its_age(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_HISTORY", 3)
    for value in (1, 0) * 5:
        kept.run(value, 10)
    kept.save()
    kept.store.writer.run(lambda tx: ledger.prune(tx, 0))
    assert len(ledger.history(kept.reader)) == 3


def test_saving_the_same_twice_tells_it_once(kept: Kept) -> None:
    kept.run(1, 2)
    kept.save()
    kept.save()
    assert len(ledger.history(kept.reader)) == 1
    assert len(ledger.load(kept.reader)) == 1
