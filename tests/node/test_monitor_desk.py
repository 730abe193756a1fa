"""What a console asks of the monitor of a real node whose clock the test moves."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from app.desk import Cadence, DeskError
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.settings import AlertSettings, Settings
from components.clock import ManualClock
from components.views import AlertHistoryRow, AlertRow
from tests.support import PATIENCE_S

HERE = 'off = ["resource*", "disk-low", "wal-large", "loop-lag", "gate-silent"]\n'
"""What depends on the machine, or on real time while the node's clock is moved by hand."""


class Desk:
    """A node, its desk, and its clock."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        (home / "rules.toml").write_text(HERE)
        self.home, self.clock = home, ManualClock()
        settings = Settings(alerts=AlertSettings(rules=("rules.toml",)))
        self.node = Node(home, settings, self.clock)
        self.node.start()
        self.engine = self.node.engine
        self.desk = LocalDesk(self.node)
        self.began = self.clock.now()

    def run(self, seconds: int, *, calls: int = 0, us: int = 200) -> None:
        """So many seconds pass, each with calls of a verdict that take so long."""
        record = self.engine.monitor.meter("gate.verdict").record
        beat = self.engine.monitor.meter("runtime.loop_lag").record
        for _ in range(seconds):
            beat(0)  # the real ones are too few where a minute passes in a moment
            for _ in range(calls):
                record(us * 1000)
            self.clock.advance(1)
            self.engine.monitoring.look()
        self.node.store.writer.run(lambda _: None)

    def raise_alert(self, name: str = "demo") -> AlertRow:
        self.engine.conditions.report(name, f"{name} is not well")
        self.run(1)
        return self.alert(name)

    def alert(self, name: str = "demo") -> AlertRow:
        rows = self.node.fresh_snapshot().alerts
        return next(row for row in rows if row.series == f"condition.{name}")

    def standing(self) -> tuple[str, ...]:
        return self.engine.monitoring.view.standing

    def steps(self) -> list[tuple[str, str]]:
        """State and operator of every step that the history holds, the oldest first."""
        self.node.store.writer.run(lambda _: None)
        return [(row.state, row.operator) for row in reversed(self.page(None, 1_000))]

    def page(self, before: int | None, limit: int) -> list[AlertHistoryRow]:
        return list(self.desk.alert_history(before, limit))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "home")
    try:
        yield desk
    finally:
        desk.node.stop()


def test_an_alert_is_acknowledged_until_it_resolves(desk: Desk) -> None:
    alert = desk.raise_alert()
    who = desk.desk.operator
    said = desk.desk.acknowledge(alert.id, "I see to it").result(PATIENCE_S)
    assert said == f"condition is acknowledged by {who}"
    desk.run(1)
    found = desk.alert()
    assert (found.state, found.acknowledged_by, found.why) == ("firing", who, "I see to it")
    desk.engine.conditions.report("demo", "")
    desk.run(7)
    assert desk.alert().state == "resolved"
    assert desk.alert().resolved_at > found.since
    with pytest.raises(DeskError, match="over"):
        desk.desk.acknowledge(alert.id, "").result(PATIENCE_S)
    assert desk.steps() == [("firing", ""), ("acknowledged", who), ("resolved", "")]


def test_a_silence_ends_by_itself(desk: Desk) -> None:
    alert, who = desk.raise_alert(), desk.desk.operator
    assert desk.standing() == ("demo is not well",)
    desk.desk.silence(alert.id, 1, "known").result(PATIENCE_S)
    desk.run(58)
    assert desk.alert().silenced_until > desk.clock.now()
    assert desk.alert().state == "firing"
    assert not desk.standing()
    desk.run(3)
    assert not desk.alert().silenced_until
    assert desk.standing() == ("demo is not well",)
    assert desk.steps() == [("firing", ""), ("silenced", who), ("silence over", "")]


def test_a_silence_is_ended_by_hand(desk: Desk) -> None:
    alert, who = desk.raise_alert(), desk.desk.operator
    desk.desk.silence(alert.id, 60, "known").result(PATIENCE_S)
    desk.run(1)
    assert not desk.standing()
    desk.desk.unsilence(alert.id).result(PATIENCE_S)
    desk.run(1)
    assert desk.standing() == ("demo is not well",)
    assert desk.steps() == [("firing", ""), ("silenced", who), ("unsilenced", who)]


def test_what_is_not_there_cannot_be_acted_upon(desk: Desk) -> None:
    alert = desk.raise_alert()
    for act in (
        lambda: desk.desk.acknowledge("nonsense", "why"),
        lambda: desk.desk.silence("nonsense", 5, "why"),
        lambda: desk.desk.silence(alert.id, 0, "no time"),
        lambda: desk.desk.unsilence(alert.id),
        lambda: desk.desk.accept_recommendation("nonsense"),
        lambda: desk.desk.dismiss_recommendation("nonsense", "why"),
    ):
        with pytest.raises(DeskError):
            act().result(PATIENCE_S)
    assert desk.steps() == [("firing", "")]


def test_the_history_comes_in_pages(desk: Desk) -> None:
    for number in range(5):
        desk.raise_alert(f"demo-{number}")
    whole = desk.page(None, 100)
    assert [row.series for row in whole] == [f"condition.demo-{n}" for n in range(4, -1, -1)]
    paged = [desk.page(None, 2)]
    while paged[-1]:
        paged.append(desk.page(paged[-1][-1].id, 2))
    assert [len(page) for page in paged] == [2, 2, 1, 0]
    assert [row for page in paged for row in page] == whole


def test_what_happened_at_once_is_on_some_page(desk: Desk) -> None:
    for number in range(3):
        desk.engine.conditions.report(f"demo-{number}", "all at once")
    desk.run(1)
    paged = [desk.page(None, 2)]
    while paged[-1]:
        paged.append(desk.page(paged[-1][-1].id, 2))
    rows = [row for page in paged for row in page]
    assert len({row.id for row in rows}) == len(rows)
    assert {row.series for row in rows} == {f"condition.demo-{number}" for number in range(3)}


def test_a_trend_shows_the_baseline_and_when_alerts_fired(desk: Desk) -> None:
    desk.run(21, calls=50)
    desk.desk.set_baseline("calm", 5)
    desk.run(1, calls=50)
    alert = desk.raise_alert()
    desk.engine.conditions.report("demo", "")
    desk.run(20, calls=50, us=900)
    trend = desk.desk.trend("gate.verdict", desk.began, desk.clock.now(), 100)
    assert trend.level == "second"
    assert {point.calls for point in trend.points} == {50}
    assert len(trend.points) >= 30
    assert trend.points[0].p99_us == pytest.approx(200, rel=0.01)
    assert trend.points[-1].p99_us == pytest.approx(900, rel=0.01)
    assert trend.baseline is not None
    assert (trend.baseline.name, trend.baseline.other_machine) == ("calm", False)
    assert trend.baseline.p99_us == pytest.approx(200, rel=0.01)
    (band,) = [band for band in trend.bands if band.rule == alert.rule]
    assert band.since == alert.since
    assert band.since < band.until < desk.clock.now()


def test_a_trend_is_exported_and_never_over_another(desk: Desk, tmp_path: Path) -> None:
    desk.run(20, calls=50)
    target = tmp_path / "trend.csv"
    given = ("gate.verdict", desk.began, desk.clock.now(), target)
    assert "20" in desk.desk.trend_export(*given)
    with target.open(newline="") as source:
        rows = list(csv.DictReader(source))
    assert len(rows) == 20
    assert {(row["operation"], row["level"], row["calls"]) for row in rows} == {
        ("gate.verdict", "second", "50")
    }
    before = target.read_bytes()
    with pytest.raises(DeskError, match="there already"):
        desk.desk.trend_export(*given)
    assert target.read_bytes() == before
    with pytest.raises(DeskError, match="cannot be written"):
        desk.desk.trend_export(*given[:3], tmp_path / "nowhere" / "trend.csv")


def test_a_baseline_is_taken_once_enough_was_seen(desk: Desk) -> None:
    desk.run(11, calls=10)
    with pytest.raises(DeskError, match="500"):
        desk.desk.set_baseline("calm", 5)
    desk.run(20, calls=50)
    assert "calm is the baseline now" in desk.desk.set_baseline("calm", 5)
    desk.run(70, calls=50, us=600)
    snapshot = desk.node.fresh_snapshot()
    assert snapshot.baseline == "calm"
    assert not snapshot.baseline_offered
    row = next(row for row in snapshot.all_operations if row.name == "gate.verdict")
    assert row.times_baseline == pytest.approx(3.0, rel=0.02)
    with pytest.raises(DeskError, match="already"):
        desk.desk.set_baseline("calm", 5)
    with pytest.raises(DeskError, match="cannot name"):
        desk.desk.set_baseline("../calm", 5)


def test_a_first_baseline_is_offered_once_enough_was_seen(desk: Desk) -> None:
    desk.run(200, calls=3)
    assert not desk.node.fresh_snapshot().baseline_offered
    desk.run(120, calls=3)
    assert desk.node.fresh_snapshot().baseline_offered


@pytest.mark.parametrize("cadence", get_args(Cadence))
def test_a_node_with_little_behind_it_has_a_report(desk: Desk, cadence: Cadence) -> None:
    desk.run(12, calls=10)
    report = desk.desk.report(cadence)
    assert report.title
    text = "\n".join(line for line, _ in report.lines)
    assert "gate" in text.lower()
