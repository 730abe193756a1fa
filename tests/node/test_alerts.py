"""Alerts of a real node: slowed, starved of disk, frozen, silent, waiting for people, restarted.

The rules here have short times, and those whose figures depend on how busy the machine is that
runs the tests are off.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest
from msgspec.structs import replace

from app.baselines import Baselines
from app.machine import this_machine
from app.node.serving import RECORDED
from app.settings import AlertSettings, Settings
from components.actions import Action
from components.audit_system import Query, query
from components.canonical import digest
from components.gate import Submission
from components.monitor.alerting import Transition, ledger
from components.monitor.baseline import make_baseline
from components.views import AlertRow
from tests.node.test_disk import SAFE, small_disk
from tests.support import RunningNode, running_node, until

HERE = 'off = ["resource*", "disk-low", "wal-large", "loop-lag", {more}]\n'
DROP = Action(tool="query", arguments={"sql": "DROP TABLE t"})

SLOW = """
[[rule]]
id = "p99"
series = "*.p99"
except = ["person.*", "runtime.*"]
window = "10s"
compare = "baseline"
above = 5.0
min_samples = 5
for = "1s"
keep_firing_for = "1s"
severity = "high"
text = "P99 of {operation} is {value}, {ratio} its baseline of {baseline}"
inhibits = ["throughput*"]

[[rule]]
id = "throughput"
series = "gate.verdict.per_s"
window = "10s"
compare = "baseline"
below = 0.8
min_samples = 20
for = "2s"
severity = "medium"
text = "{operation} runs at {value}"
"""

ERRORS = """
[[rule]]
id = "errors"
series = "*.errors"
window = "10s"
above = 0.001
severity = "medium"
text = "{value} of {operation} failed"
"""

DISK = """
off = ["resource", "wal-large", "loop-lag", "gate-silent"]

[[rule]]
id = "disk-low"
series = "store.free_mb"
below = 8
keep_firing_for = "1s"
severity = "critical"
text = "{value} are left"
inhibits = ["resource-disk"]

[[rule]]
id = "resource-disk"
series = "resource.disk_space"
above = 0.8
keep_firing_for = "1s"
severity = "medium"
text = "{value} full"
"""

SILENT = """
[[rule]]
id = "gate-silent"
series = "gate.silent_s"
above = 2
keep_firing_for = "1s"
severity = "critical"
text = "the gate has not answered for {value}"
inhibits = ["errors*", "p99"]
"""

FLOOR_US = 20_000.0
"""A baseline is not taken to be quicker: a busy machine alone must not fire the rule."""


def settings(folder: Path, rules: str, **more: object) -> Settings:
    file = folder / "rules.toml"
    file.write_text(rules)
    return Settings(alerts=AlertSettings(rules=(str(file),)), **more)


def here(*more: str) -> str:
    return HERE.format(more=", ".join(f'"{rule}"' for rule in more))


def alerts(node: RunningNode, state: str = "firing") -> dict[str, AlertRow]:
    """The alerts in a state, as the monitor left them, by rule and series."""
    rows = node.node.engine.monitoring.view.alerts
    return {f"{row.rule} {row.series}": row for row in rows if row.state == state}


def standing(node: RunningNode) -> set[str]:
    return {name for name, row in alerts(node).items() if not row.inhibited_by}


def firing(node: RunningNode, name: str) -> AlertRow:
    return until(lambda: alerts(node).get(name), f"the alert {name}")


def over(node: RunningNode, name: str) -> None:
    until(lambda: name not in alerts(node), f"the end of the alert {name}")


def told(node: RunningNode) -> list[Transition]:
    """What the history of alerts holds, the oldest first."""
    with contextlib.closing(node.node.store.reader()) as reader:
        return list(reversed(ledger.history(reader, limit=1_000)))


def logged(node: RunningNode) -> list[tuple[str, str]]:
    """Kind and alert of each alert entry in the audit log, the oldest first."""
    with contextlib.closing(node.node.store.reader()) as reader:
        found = [one.entry for one in reversed(query(reader, Query(), limit=5_000))]
    return [(one.kind, one.detail["alert"]) for one in found if one.kind.startswith("alert.")]


def kinds(node: RunningNode, alert: AlertRow) -> list[str]:
    return [kind.removeprefix("alert.") for kind, id_ in logged(node) if id_ == alert.id]


def log_is_whole(node: RunningNode) -> bool:
    """The log tells what the history tells, in the same order; each life goes on from before."""
    phases: dict[str, str] = {}
    for one in told(node):
        if one.kind == "phase":
            before = phases.get(one.id, "inactive")
            assert one.before == ("inactive" if before == "resolved" else before)
            phases[one.id] = one.after
    names = [
        (f"alert.{one.after if one.kind == 'phase' else one.kind.replace(' ', '_')}", one.id)
        for one in told(node)
    ]
    return names == logged(node)


class Load:
    """Agents that read files at a steady pace, whether or not they are answered in time."""

    def __init__(self, node: RunningNode, pace_s: float) -> None:
        self._node, self._pace_s = node, pace_s
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _work(self) -> None:
        number = 0
        while not self._end.wait(self._pace_s):
            number += 1
            self._node.node.call(self._node.node.engine.gate.submit(self._action(number)))

    def _action(self, number: int) -> Submission:
        node = self._node.node
        made = replace(SAFE, id=f"r-{number}", agent="ada")
        sealed = digest(node.identity.node, "ada", made.tool, made.arguments)
        return Submission(action=made, digest=sealed, expires_at=node.clock.now() + 300 * 1_000_000)


def baseline_of(node: RunningNode) -> float:
    """Put what was measured just now in force as the baseline; the P99 of a verdict, in s."""
    now = node.node.clock.now()
    figures = {
        name: replace(seen, p99_us=max(seen.p99_us, FLOOR_US))
        for name, seen in node.node.engine.monitor.figures("10s").items()
        if seen.p99_us is not None
    }
    made = make_baseline(
        "calm", figures, this_machine(), made_at=now, since=now - 10_000_000, until=now
    )
    folder = Baselines(node.home)
    folder.write(made)
    folder.use("calm")
    return figures["gate.verdict"].p99_us / 1e6


def slowed(commit: Callable[[], None], seconds: float) -> Callable[[], None]:
    def slow() -> None:
        time.sleep(seconds)
        commit()

    return slow


def test_a_node_slowed_on_purpose_fires_p99_and_only_p99(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(tmp_path, here("gate-silent") + SLOW)
    with running_node(tmp_path / "home", chosen, RECORDED) as node, Load(node, 0.01):
        verdicts = lambda: node.node.engine.monitor.figures("10s").get("gate.verdict")  # noqa: E731
        until(lambda: (found := verdicts()) and found.calls >= 200, "a steady load")
        usual_s = baseline_of(node)
        until(lambda: node.desk.snapshot().baseline == "calm", "the baseline")
        session = node.node.store.writer._session
        monkeypatch.setattr(session, "commit", slowed(session.commit, 20 * usual_s))
        slow = [firing(node, f"p99 {name}.p99") for name in ("storage.commit", "gate.verdict")]
        assert {name.split()[0] for name in standing(node)} == {"p99"}
        assert not [one for one in told(node) if one.rule.startswith("errors")]
        rows = {row.name: row for row in node.node.fresh_snapshot().all_operations}
        assert rows["gate.verdict"].times_baseline > 5
        monkeypatch.undo()
        for alert in slow:
            over(node, f"{alert.rule} {alert.series}")
            until(lambda alert=alert: "resolved" in kinds(node, alert), "the record of its end")
        assert log_is_whole(node)


def test_a_disk_that_fills_up_fires_and_room_resolves_it(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", "48m") as disk,
        running_node(disk / "home", settings(tmp_path, DISK)) as node,
    ):
        until(lambda: "store.free_mb" in node.node.engine.monitor.gauges(), "the first look")
        assert "disk-low store.free_mb" not in alerts(node)
        ballast = disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as out:
            while True:
                out.write(b"x" * 4096)
        low = firing(node, "disk-low store.free_mb")
        full = firing(node, "resource-disk resource.disk_space")
        assert full.inhibited_by == "disk-low (store.free_mb)"
        assert "disk-low store.free_mb" in standing(node)
        ballast.unlink()
        for alert in (low, full):
            over(node, f"{alert.rule} {alert.series}")
            until(lambda alert=alert: "resolved" in kinds(node, alert), "the record of its end")
            assert kinds(node, alert) == ["firing", "resolved"]
        assert log_is_whole(node)


def test_a_node_that_starts_again_goes_on_with_its_alerts(tmp_path: Path) -> None:
    rule = """
[[rule]]
id = "waiting"
series = "hitl.waiting"
above = 0
keep_firing_for = "1s"
severity = "high"
text = "{value} wait"
"""
    chosen = settings(tmp_path, here("gate-silent") + rule)
    with running_node(tmp_path / "home", chosen) as node:
        node.ask(DROP)
        node.waiting("query")
        fired = firing(node, "waiting hitl.waiting")
        message = node.desk.acknowledge(fired.id, "I see to it").result()
        assert fired.rule in message
    with running_node(tmp_path / "home", chosen) as node:
        looked = node.node.clock.monotonic()
        again = firing(node, "waiting hitl.waiting")
        assert (again.id, again.since) == (fired.id, fired.since)
        assert (again.acknowledged_by, again.why) == (node.desk.operator, "I see to it")
        until(lambda: node.node.clock.monotonic() - looked > 2_500_000_000, "some looks")
        assert alerts(node)["waiting hitl.waiting"].since == fired.since
        assert kinds(node, fired) == ["firing", "acknowledged"]
        node.answer(node.waiting("query"), "reject")
        over(node, "waiting hitl.waiting")
        until(lambda: "resolved" in kinds(node, fired), "the record of its end")
        assert kinds(node, fired) == ["firing", "acknowledged", "resolved"]
        assert log_is_whole(node)


def test_a_frozen_store_explains_the_errors_and_all_is_recorded_once_it_thaws(
    tmp_path: Path,
) -> None:
    with running_node(tmp_path / "home", settings(tmp_path, here() + ERRORS)) as node:
        node.node.store.writer.freeze("a test")
        frozen = firing(node, "audit-frozen audit.frozen")
        assert not node.ask(SAFE, timeout_s=0.3).result().allowed
        errors = firing(node, "errors gate.verdict.errors")
        assert errors.inhibited_by == "audit-frozen (audit.frozen)"
        assert not [name for name in standing(node) if name.startswith("errors")]
        node.desk.acknowledge(errors.id, "it is the store").result()
        node.desk.silence(frozen.id, 5, "it is known").result()
        assert not logged(node)
        node.desk.audit_verify(lambda *_: True)
        over(node, "audit-frozen audit.frozen")
        until(lambda: "resolved" in kinds(node, frozen), "the record of its end")
        assert kinds(node, frozen) == ["firing", "silenced", "resolved"]
        assert kinds(node, errors)[:2] == ["firing", "acknowledged"]
        assert log_is_whole(node)


def test_decisions_that_wait_past_their_time_fire_until_they_are_answered(tmp_path: Path) -> None:
    waits = {"wait_s": 0.5, "on_timeout": "hold", "release_delay_s": 0}
    patient = dict.fromkeys(("critical", "high", "medium", "low"), waits)
    chosen = settings(tmp_path, here("gate-silent"), hitl=patient)
    with running_node(tmp_path / "home", chosen) as node:
        asking = node.ask(DROP)
        overdue = firing(node, "decisions-overdue hitl.overdue")
        assert overdue.text == "decisions waiting past the time of their class: 1"
        node.answer(node.waiting("query"), "reject")
        assert not asking.result().allowed
        over(node, "decisions-overdue hitl.overdue")
        until(lambda: kinds(node, overdue)[-1:] == ["resolved"], "the record of its end")
        assert kinds(node, overdue)[-2:] == ["firing", "resolved"]


@contextlib.contextmanager
def hanging(node: RunningNode) -> Iterator[None]:
    """The gate's thread does nothing for as long."""
    go = threading.Event()
    node.node.loop.call_soon_threadsafe(go.wait)
    try:
        yield
    finally:
        go.set()


def test_a_gate_that_hangs_fires_and_one_that_goes_on_resolves(tmp_path: Path) -> None:
    with running_node(tmp_path / "home", settings(tmp_path, here() + SILENT)) as node:
        with hanging(node):
            silent = firing(node, "gate-silent gate.silent_s")
            assert silent.severity == "critical"
            until(lambda: kinds(node, silent), "the record, which needs no gate")
        over(node, "gate-silent gate.silent_s")
        until(lambda: kinds(node, silent)[:2] == ["firing", "resolved"], "the record of its end")


def test_a_node_tells_what_it_holds_and_uses(tmp_path: Path) -> None:
    with running_node(tmp_path / "home", settings(tmp_path, here("gate-silent"))) as node:
        assert node.ask(SAFE).result().allowed
        components = 7
        snapshot = until(
            lambda: (
                found if len((found := node.node.fresh_snapshot()).memory) == components else None
            ),
            "every component's count",
        )
        held = {row.component: row for row in snapshot.memory}
        assert set(held) == {
            "gate", "intent_firewall", "love_engine", "hitl", "evolution_core", "audit_system",
            "monitor",
        }  # fmt: skip
        assert all(row.bytes > 0 for row in held.values())
        gauges = {gauge.name for gauge in snapshot.gauges}
        assert {"process.rss_mb", "store.mb", "gate.in_flight", "audit.frozen"} <= gauges
        assert "bridge.down" not in gauges
