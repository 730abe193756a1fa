"""The history is the exact sum of what was digested, at every level and through every restart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.clock import ManualClock
from components.monitor import (
    KEEP_S,
    LEVELS,
    History,
    Monitor,
    gauge_names,
    level_for,
    read_buckets,
    read_columns,
    read_gauge,
    read_summary,
    read_whole,
)
from components.monitor.buckets import HEARTBEAT
from storage import Store, open_reader, open_store

GATE = "gate.verdict"
DAY = 86_400
_END = 10**18
START = 1_700_006_400_000_000  # a midnight


class Running:
    """A monitor with a history, as the node has them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clock = ManualClock(START)
        self.store: Store
        self.monitor: Monitor
        self.history: History
        self.open()

    def open(self) -> None:
        self.store = open_store(self.home)
        self.monitor = Monitor(self.clock)
        self.history = History(self.store)
        self.history.resume(self.clock.now())
        self.monitor.on_second(self.history.hear)

    def run(self, seconds: int, step: int = 1) -> None:
        for _ in range(seconds // step):
            self.monitor.meter(GATE).record(1_000_000)
            self.monitor.meter(HEARTBEAT).record(1_000)
            self.monitor.gauge("resource.cpu", 0.5)
            self.clock.advance(step)
            self.monitor.tick()

    def end(self) -> None:
        self.history.flush(self.clock.now())
        self.store.close()

    def die(self) -> None:
        """End without handing over what is left."""
        self.store.close()

    def calls(self, level: str) -> list[int]:
        reader = open_reader(self.home)
        try:
            return [bucket.calls for bucket in read_buckets(reader, GATE, level, 0, _END)]
        finally:
            reader.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    one = Running(tmp_path)
    yield one
    one.store.close()


def test_seconds_become_minutes_and_minutes_hours(running: Running) -> None:
    running.run(2 * 3_600 + 125)
    running.end()
    assert running.calls("minute") == [60] * 122
    assert running.calls("five minutes") == [300] * 24
    assert running.calls("hour") == [3_600] * 2
    assert sum(running.calls("second")) <= KEEP_S["second"] + 70


def test_hours_become_days(running: Running) -> None:
    running.run(2 * DAY + 60, step=20)
    running.end()
    assert running.calls("day") == [DAY // 20] * 2


@pytest.mark.parametrize("orderly", [True, False])
def test_a_restart_goes_on_where_it_ended(running: Running, orderly: bool) -> None:
    running.run(3_600 + 90)
    running.end() if orderly else running.die()
    running.clock.advance(5)
    running.open()
    running.run(2 * 3_600)
    running.end()
    lost = 0 if orderly else 10
    assert running.calls("hour")[0] == 3_600
    assert 3_600 - 5 - lost <= running.calls("hour")[1] <= 3_600
    summary = read_summary(reader := open_reader(running.home), START, running.clock.now())
    reader.close()
    assert 3 * 3_600 + 90 - lost - 1 <= summary[GATE].calls <= 3 * 3_600 + 90


def test_what_a_long_stop_cut_off_is_rolled_up_at_the_start(running: Running) -> None:
    running.run(90)
    running.end()
    assert (running.calls("minute"), running.calls("hour")) == ([60], [])
    running.clock.advance(3 * DAY)
    running.open()
    assert (running.calls("minute"), running.calls("hour"), running.calls("day")) == (
        [60, 30], [90], [90],
    )  # fmt: skip


def test_a_clock_set_back_loses_and_doubles_nothing(running: Running) -> None:
    running.run(600)
    running.history.flush(running.clock.now())
    running.clock.set_wall(START + 300_000_000)
    running.run(600)
    running.end()
    assert sum(running.calls("second")) == 1_200
    assert sum(running.calls("minute")) >= 1_200 - 2 * 60


def test_summaries_are_exact_whatever_levels_they_come_from(running: Running) -> None:
    running.run(2 * 3_600 + 600)
    running.end()
    now = running.clock.now()
    reader = open_reader(running.home)
    try:
        for seconds in (1, 59, 600, 1_800):
            found = read_summary(reader, now - seconds * 1_000_000, now)[GATE]
            assert (found.calls, found.per_s) == (seconds, 1.0)
        assert read_summary(reader, START, now)[GATE].calls == 2 * 3_600 + 600
        assert read_whole(reader, GATE, START, now) == read_summary(reader, START, now)[GATE]
        assert read_whole(reader, "gate.answer", START, now) is None
        assert read_summary(reader, START, now)[GATE].p99_us == pytest.approx(1_000, rel=0.01)
    finally:
        reader.close()


def test_a_column_is_the_exact_sum_of_its_buckets(running: Running) -> None:
    running.run(3_600)
    running.end()
    now = running.clock.now()
    reader = open_reader(running.home)
    try:
        columns = read_columns(reader, GATE, "second", now - 3_600_000_000, now, 36_000_000)
    finally:
        reader.close()
    assert [one.calls for one in columns] == [36] * 100
    assert {one.seconds for one in columns} == {36}
    assert columns[0].p99_us == pytest.approx(1_000, rel=0.01)


def test_a_column_is_as_long_as_the_buckets_that_it_can_hold(running: Running) -> None:
    running.run(3_600)
    running.end()
    now = running.clock.now()
    reader = open_reader(running.home)
    try:  # of 108 s: one minute or two begin in it
        columns = read_columns(reader, GATE, "minute", now - 3_600_000_000, now, 108_000_000)
    finally:
        reader.close()
    assert {one.seconds for one in columns} == {60, 120}
    assert {one.calls / one.seconds for one in columns} == {1.0}


def test_what_ran_seldom_has_a_low_rate(running: Running) -> None:
    for _ in range(6):
        running.monitor.meter("gate.answer").record(1_000)
        running.run(600)
    running.end()
    now = running.clock.now()
    reader = open_reader(running.home)
    try:
        found = read_columns(reader, "gate.answer", "second", now - 3_600_000_000, now, 36_000_000)
        whole = read_whole(reader, "gate.answer", now - 3_600_000_000, now)
    finally:
        reader.close()
    assert {one.calls / one.seconds for one in found} == {1 / 36}
    assert whole is not None
    assert whole.per_s == pytest.approx(6 / 3_600)


def test_a_rate_is_of_the_time_in_which_a_node_ran(running: Running) -> None:
    running.run(400)
    running.end()
    running.clock.advance(3_000)
    running.open()
    running.run(400)
    running.end()
    now = running.clock.now()
    reader = open_reader(running.home)
    try:
        assert read_summary(reader, now - 3_800_000_000, now)[GATE].per_s == pytest.approx(1.0)
    finally:
        reader.close()


def test_gauges_have_a_history_too(running: Running) -> None:
    running.run(130)
    running.end()
    reader = open_reader(running.home)
    try:
        assert gauge_names(reader) == ["resource.cpu"]
        points = read_gauge(reader, "resource.cpu", "minute", 0, _END)
        assert [(one.low, one.mean, one.high) for one in points] == [(0.5, 0.5, 0.5)] * 2
    finally:
        reader.close()


def test_rows_come_back_while_the_store_takes_none(running: Running) -> None:
    running.run(30)
    running.store.writer.freeze("a test")
    running.run(60)
    assert sum(running.calls("second")) <= 30
    running.store.writer.thaw(lambda: None)
    running.run(20)
    running.end()
    assert sum(running.calls("second")) == 110


def test_the_level_reaches_back_and_is_as_fine_as_asked() -> None:
    now = START
    hour, day = 3_600_000_000, DAY * 1_000_000
    assert level_for(now - hour // 6, now, now, 200) == "second"
    assert level_for(now - hour, now, now, 100) == "second"
    assert level_for(now - 6 * hour, now, now, 100) == "minute"
    assert level_for(now - day, now, now, 400) == "minute"
    assert level_for(now - day, now, now, 272) == "five minutes"
    assert level_for(now - 7 * day, now, now, 100) == "hour"
    assert level_for(now - 92 * day, now, now, 200) == "hour"
    assert level_for(now - 400 * day, now, now, 10_000) == "day"
    for level, _ in LEVELS:
        assert KEEP_S[level]


def test_a_damaged_sketch_is_left_out_and_stops_nothing(running: Running) -> None:
    running.run(90)
    running.history.flush(running.clock.now())
    running.store.writer.run(
        lambda tx: tx.execute("UPDATE metric_buckets SET sketch=x'00' WHERE level='minute'")
    )
    running.end()
    running.open()
    running.run(3_600)
    running.end()
    reader = open_reader(running.home)
    try:
        found = read_whole(reader, GATE, START, running.clock.now())
    finally:
        reader.close()
    assert found is not None
    assert 3_600 <= found.calls <= 3_690
