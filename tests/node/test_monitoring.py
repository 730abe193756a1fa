"""What watches a node, on a clock that the test moves: errors, conditions, gauges, restarts."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from app.baselines import Baselines
from app.machine import this_machine
from app.node.alarms import Alarms
from app.node.monitoring import Monitoring
from app.node.rule_files import RuleFiles
from app.settings import AlertSettings, Settings
from components.actions import Action
from components.audit_system import AuditLog, Query, query
from components.clock import ManualClock
from components.monitor import (
    Baseline,
    BaselineFigures,
    Conditions,
    Held,
    Monitor,
    Resources,
)
from components.monitor.alerting import Transition
from components.monitor.probe import Readings
from components.views import AlertRow
from storage import Store, StoreError, open_store
from tests.support import PATIENCE_S, running_node, until

HERE = 'off = ["resource*", "disk-low", "wal-large"]\n'
"""What depends on the machine that the test happens to run on."""

KEY = SigningKey(b"k" * 32)

OWN = """
[[rule]]
id = "waiting"
series = "hitl.waiting"
above = 0
for = "{hold}"
keep_firing_for = "2s"
severity = "high"
text = "{{value}} wait"
"""


class Counted:
    def footprint(self) -> Held:
        return Held(3, 4_096)


class Watch:
    """A store, a log, and what watches them: looked at by the test, once for each second."""

    def __init__(self, home: Path, clock: ManualClock, rules: str = HERE) -> None:
        self.clock, self.rules, self.home = clock, home / "rules.toml", home
        self.rules.write_text(rules)
        self.store: Store = open_store(home)
        self.audit = AuditLog.open(self.store, KEY, "node", clock)
        self.told: list[Transition] = []
        self.facts: dict[str, float] = {}
        self.conditions = Conditions(clock)
        self.monitor = Monitor(clock)
        self.monitoring = Monitoring(
            self.store,
            clock,
            self.monitor,
            self.conditions,
            Alarms(self.store, self.audit, clock, self.conditions, self.told.append),
            RuleFiles(home, Settings(alerts=AlertSettings(rules=("rules.toml",)))),
            lambda: self.facts,
            lambda: {"hitl": [Counted(), Counted()]},
        )
        self.monitoring.start()

    def run(self, seconds: int) -> None:
        """So many seconds pass, and each is looked at."""
        for _ in range(seconds):
            self.clock.advance(1)
            self.monitoring.look()

    def work(self, calls: int, failed: int, *, seconds: int) -> None:
        """So many calls of one operation over some seconds, the failed ones spread among them."""
        meter, done, wrong = self.monitor.meter("gate.verdict"), 0, 0
        for second in range(1, seconds + 1):
            while done < calls * second // seconds:
                done += 1
                if wrong * calls < done * failed:
                    wrong += 1
                    (meter.fail if wrong % 2 else meter.timeout)()
                else:
                    meter.record(200_000)
            self.run(1)

    def alerts(self, state: str = "firing") -> dict[str, AlertRow]:
        rows = self.monitoring.view.alerts
        return {f"{row.rule} {row.series}": row for row in rows if row.state == state}

    def condition(self, name: str) -> str:
        return next((one.text for one in self.conditions.active() if one.name == name), "")

    def logged(self) -> list[str]:
        """The kinds of the alert entries of the log, oldest first, once all is written."""
        self.store.writer.run(lambda _: None)
        with contextlib.closing(self.store.reader()) as reader:
            found = [found.entry.kind for found in query(reader, Query(), limit=1_000)]
        return [kind for kind in reversed(found) if kind.startswith("alert.")]

    def close(self) -> None:
        self.monitoring.stop()
        self.store.close()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(tmp_path, ManualClock(), HERE + OWN.format(hold="3s"))
    try:
        yield watch
    finally:
        watch.close()


def baseline(**more: object) -> Baseline:
    figures = BaselineFigures(1_000, 10.0, 0.0, 100.0, 150.0, 200.0, 300.0)
    now = ManualClock().now()
    made = Baseline("calm", now, now, now, this_machine(), {"gate.verdict": figures})
    return replace(made, **more)


def put(home: Path, made: Baseline) -> None:
    Baselines(home).write(made, replace=True)
    Baselines(home).use(made.name)


def test_two_failures_in_a_thousand_fire_and_nothing_else_does(watch: Watch) -> None:
    watch.work(20_000, 40, seconds=120)
    assert set(watch.alerts()) == {"errors gate.verdict.errors"}
    watch.work(80_000, 0, seconds=300)
    assert not watch.alerts()
    assert watch.logged() == ["alert.pending", "alert.firing", "alert.resolved"]


def test_half_a_failure_in_a_thousand_fires_nothing(watch: Watch) -> None:
    watch.work(20_000, 10, seconds=120)
    assert not watch.alerts()
    assert not watch.alerts("pending")
    assert not watch.logged()


def test_a_restart_in_the_middle_of_an_alert_tells_nothing_twice(tmp_path: Path) -> None:
    clock = ManualClock()
    before = Watch(tmp_path, clock, HERE + OWN.format(hold="3s"))
    before.facts = {"hitl.waiting": 2.0}
    before.run(5)
    fired = before.alerts()["waiting hitl.waiting"]
    before.close()
    clock.advance(30)
    after = Watch(tmp_path, clock, HERE + OWN.format(hold="3s"))
    try:
        after.facts = {"hitl.waiting": 1.0}
        after.run(3)
        again = after.alerts()["waiting hitl.waiting"]
        assert (again.id, again.since) == (fired.id, fired.since)
        assert after.logged() == ["alert.pending", "alert.firing"]
        after.facts = {"hitl.waiting": 0.0}
        after.run(4)
        assert "waiting hitl.waiting" in after.alerts("resolved")
        assert after.logged() == ["alert.pending", "alert.firing", "alert.resolved"]
    finally:
        after.close()


def test_an_alert_that_fires_again_is_listed_as_what_it_is_now(watch: Watch) -> None:
    for _ in range(2):
        watch.facts = {"hitl.waiting": 1.0}
        watch.run(5)
        watch.facts = {"hitl.waiting": 0.0}
        watch.run(4)
    rows = [row for row in watch.monitoring.view.alerts if row.rule == "waiting"]
    assert [row.state for row in rows] == ["resolved"]
    watch.facts = {"hitl.waiting": 1.0}
    watch.run(5)
    rows = [row for row in watch.monitoring.view.alerts if row.rule == "waiting"]
    assert [row.state for row in rows] == ["firing"]


def test_what_changes_while_the_store_is_frozen_is_recorded_once_it_is_not(watch: Watch) -> None:
    watch.store.writer.freeze("a test")
    watch.facts = {"hitl.waiting": 1.0}
    watch.run(5)
    book = watch.monitoring.alarms.book
    (one,) = book.active()
    watch.monitoring.alarms.act(book.acknowledge(one.id, "anna", "on it"))
    watch.facts = {"hitl.waiting": 0.0}
    watch.run(4)
    assert not watch.told
    watch.store.writer.thaw(watch.audit.reload)
    until(lambda: len(watch.monitoring.alarms._untold) == 4, "the return of what was refused")
    watch.run(2)
    expected = ["alert.pending", "alert.firing", "alert.acknowledged", "alert.resolved"]
    assert watch.logged() == expected
    watch.run(2)
    assert watch.logged() == expected
    assert len(watch.told) == len(expected)


def test_a_store_that_is_slow_to_refuse_does_not_mix_up_what_changes(watch: Watch) -> None:
    go, busy = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        busy.set()
        go.wait(PATIENCE_S)

    watch.store.writer.submit(hold, lambda *_: None)
    assert busy.wait(PATIENCE_S)
    watch.facts = {"hitl.waiting": 1.0}
    watch.run(5)  # pending, and three seconds later firing; nothing is written meanwhile
    watch.store.writer.freeze("a test")
    go.set()
    with pytest.raises(StoreError):
        watch.store.writer.run(lambda _: None)
    watch.store.writer.thaw(watch.audit.reload)
    watch.run(2)
    assert watch.logged() == ["alert.pending", "alert.firing"]


def test_a_broken_rule_file_leaves_the_old_rules_and_a_mended_one_is_taken(watch: Watch) -> None:
    good = watch.rules.read_text()
    watch.rules.write_text(good.replace("above = 0", 'above = "much"'))
    watch.run(1)
    told = watch.condition("alert-rules")
    line = 1 + good[: good.index("above")].count("\n")
    assert f"{watch.rules}:{line}: " in told
    assert "above" in told
    assert "condition condition.alert-rules" in watch.alerts()
    watch.facts = {"hitl.waiting": 1.0}
    watch.run(5)
    assert "waiting hitl.waiting" in watch.alerts()
    watch.rules.write_text(good + "# mended\n")
    watch.run(1)
    assert not watch.condition("alert-rules")
    assert "waiting hitl.waiting" in watch.alerts()
    watch.run(7)
    assert "condition condition.alert-rules" in watch.alerts("resolved")


def test_a_rule_file_that_is_broken_from_the_start_leaves_the_rules_that_ship(
    tmp_path: Path,
) -> None:
    watch = Watch(tmp_path, ManualClock(), "off = 3\n")
    try:
        assert "rules.toml:1: off" in watch.condition("alert-rules")
        watch.facts = {"audit.frozen": 1.0}
        watch.run(1)
        assert "audit-frozen audit.frozen" in watch.alerts()
    finally:
        watch.close()


def test_a_rule_that_is_taken_away_ends_its_alert(watch: Watch) -> None:
    watch.facts = {"hitl.waiting": 1.0}
    watch.run(5)
    watch.rules.write_text(HERE)
    watch.run(1)
    assert not watch.alerts()
    assert watch.logged()[-1] == "alert.resolved"


def test_a_baseline_comes_into_force_by_itself_and_a_broken_one_changes_nothing(
    watch: Watch,
) -> None:
    put(watch.home, baseline())
    watch.work(100, 0, seconds=1)
    view = watch.monitoring.view
    assert view.baseline == "calm"
    row = next(row for row in view.operations if row.name == "gate.verdict")
    assert row.times_baseline == pytest.approx(1.0, rel=0.02)
    (watch.home / "baselines" / "calm.json").write_text("{")
    watch.run(1)
    assert "calm.json" in watch.condition("baseline")
    assert "condition condition.baseline" in watch.alerts()
    assert watch.monitoring.view.baseline == "calm"
    put(watch.home, baseline(note="mended"))
    watch.run(1)
    assert not watch.condition("baseline")


def test_a_baseline_of_another_machine_is_told(watch: Watch) -> None:
    put(watch.home, baseline(machine=replace(this_machine(), cpu="abacus")))
    watch.run(1)
    assert "another machine: processor abacus" in watch.condition("baseline")
    assert watch.monitoring.view.baseline == "calm"
    put(watch.home, baseline(note="measured anew"))
    watch.run(1)
    assert not watch.condition("baseline")


def test_what_is_held_and_what_can_be_known_is_shown(watch: Watch) -> None:
    watch.facts = {"hitl.waiting": 4.0}
    watch.run(10)
    view = watch.monitoring.view
    (row,) = view.memory
    assert (row.component, row.items, row.bytes) == ("hitl", 6, 8_192)
    assert watch.monitor.gauges()["memory.hitl"] == 8_192
    gauges = {gauge.name: gauge for gauge in view.gauges}
    assert gauges["hitl.waiting"].value == "4"
    assert {"process.rss_mb", "process.threads", "store.mb", "store.free_mb"} <= gauges.keys()
    watch.facts = {}
    watch.run(1)
    assert "hitl.waiting" not in {gauge.name for gauge in watch.monitoring.view.gauges}


def test_a_gauge_that_the_platform_lacks_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bare:
        def read(self) -> Readings:
            return Readings(threads=7)

    monkeypatch.setattr(
        "app.node.monitoring.Resources", lambda _, clock: Resources(tmp_path, clock, Bare())
    )
    watch = Watch(tmp_path, ManualClock())
    try:
        watch.run(3)
        assert [(one.name, one.value) for one in watch.monitoring.view.gauges] == [
            ("process.threads", "7")
        ]
        assert not watch.alerts()
    finally:
        watch.close()


def test_a_look_that_fails_is_shown_and_the_next_is_taken(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> dict[str, float]:
        raise RuntimeError("no gauges today")

    monkeypatch.setattr(watch.monitoring, "_facts", fail)
    until(lambda: "no gauges today" in watch.condition("monitor"), "the sign of the failure")
    monkeypatch.undo()
    until(lambda: not watch.condition("monitor"), "the end of the failure")
    assert "condition condition.monitor" in watch.alerts()


def test_a_history_that_cannot_be_taken_up_is_told_and_keeps_no_gate_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("not a history")

    monkeypatch.setattr("components.monitor.history.History.resume", broken)
    with running_node(tmp_path / "home") as node:
        conditions = {one.name: one.text for one in node.node.engine.conditions.active()}
        assert "not a history" in conditions["history"]
        asked = node.ask(Action(tool="get_weather", arguments={"city": "Oslo"}, request="weather"))
        assert asked.result().allowed
