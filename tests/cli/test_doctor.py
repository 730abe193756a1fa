"""`assent doctor` on what the monitor needs: rules, baselines, history, what can be told here."""

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from app import doctor
from app.baselines import Baselines
from app.doctor import Check, examine
from app.machine import this_machine
from components.clock import SystemClock
from components.monitor.baseline import Baseline, BaselineFigures
from components.monitor.buckets import HEARTBEAT
from components.monitor.probe import Readings
from components.monitor.resources import missing
from storage import STORE_NAME, connect, open_store
from tests.support import running_node

FIGURES = BaselineFigures(1000, 12.5, 0.001, 40.0, 90.0, 2_000.0, None)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path))
    return tmp_path


def found(name: str) -> list[Check]:
    return [check for check in examine() if check.name == name]


def kept(home: Path, name: str, **more: str) -> None:
    machine = replace(this_machine(), **more)
    made = Baseline(name, 3, 1, 2, machine, {"gate.verdict": FIGURES})
    Baselines(home).write(made)


def test_a_bad_alert_rule_is_named(home: Path) -> None:
    (home / "assent.toml").write_text("[alerts]\nrules = ['mine.toml']\n")
    (home / "mine.toml").write_text("[[rule]]\nid = 'x'\nnonsense = 1\n")
    (check,) = found("alerts")
    assert check.result == "bad"
    assert "mine.toml:3" in check.text
    (home / "mine.toml").write_text("")
    assert [check.result for check in found("alerts")] == ["ok"]


def test_baselines_are_read_one_by_one(home: Path) -> None:
    assert [check.result for check in found("baseline")] == ["note"]
    kept(home, "here")
    Baselines(home).use("here")
    assert [check.result for check in found("baseline")] == ["ok"]
    (home / "baselines" / "broken.json").write_text("{")
    ok, broken = found("baseline")
    assert (ok.result, broken.result) == ("ok", "note")
    assert "broken.json" in broken.text
    (home / "baselines" / "current").write_text("gone\n")
    bad, _ = found("baseline")
    assert bad.result == "bad"
    assert "gone" in bad.text


def test_a_baseline_of_another_machine_is_a_note(home: Path) -> None:
    kept(home, "there", cpu="another \x1b[31m")
    Baselines(home).use("there")
    (check,) = found("baseline")
    assert check.result == "note"
    assert "another machine" in check.text
    assert "\x1b" not in check.text


def test_figures_that_the_platform_lacks_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Readings(**dict.fromkeys(Readings.__struct_fields__, 1))
    assert missing(whole) == ()
    assert [gauge.name for gauge in missing(replace(whole, disk_busy_s=None, read=None))] == [
        "resource.disk_io", "process.read_mb_s",
    ]  # fmt: skip
    monkeypatch.setattr(
        "components.monitor.probe.SystemProbe.read", lambda _: replace(whole, cpu_busy_s=None)
    )
    (check,) = found("figures")
    assert (check.result, home.exists()) == ("note", True)
    assert "resource.cpu" in check.text


def beat(home: Path, seconds_ago: int) -> None:
    start = SystemClock().now() - seconds_ago * 1_000_000
    store = open_store(home)
    try:
        row = ("second", HEARTBEAT, start, 1, 0, 0, 1, 1.0, 1.0, 1.0, 1.0, b"")
        store.writer.run(lambda tx: tx.insert("metric_buckets", row))
    finally:
        store.close()


def test_a_history_that_stands_still_is_bad_only_while_a_node_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(home).close()
    assert [check.result for check in found("history")] == ["note"]
    beat(home, 500)
    assert [check.result for check in found("history")] == ["ok"]
    monkeypatch.setattr(doctor, "_answers", lambda _: True)
    (check,) = found("history")
    assert check.result == "bad"
    assert re.search(r"5[0-9]{2} s", check.text)
    beat(home, 5)
    assert [check.result for check in found("history")] == ["ok"]


def test_a_home_at_work_is_all_well(home: Path) -> None:
    with running_node(home):
        checks = examine()
    assert not [check for check in checks if check.result == "bad"]
    assert json.dumps([check.text for check in checks])


def test_keys_without_which_it_does_not_start_are_told(home: Path) -> None:
    assert [check.result for check in found("key")] == ["note"]
    with running_node(home):
        pass
    assert [check.result for check in (*found("key"), *found("operators"))] == ["ok", "ok"]
    ring = home / "operators" / "keyring"
    ring.write_text("nonsense\n")
    assert [check.result for check in found("operators")] == ["bad"]
    (home / "node.key").write_bytes(b"")
    assert [check.result for check in found("key")] == ["bad"]
    (home / "node.key").unlink()
    (check,) = found("key")
    assert (check.result, "put it back" in check.text) == ("bad", True)


@pytest.mark.fault(23)
def test_fault_23_a_store_that_may_not_be_written_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(home).close()
    assert [check.result for check in found("store")] == ["ok"]
    monkeypatch.setattr(connect, "_writable", lambda place: place.name != STORE_NAME)
    (check,) = found("store")
    assert check.result == "bad"
    assert "store.db cannot be read and written" in check.text


def test_a_home_that_does_not_start_is_told(home: Path) -> None:
    with running_node(home):
        pass
    assert [check.result for check in found("home")] == ["ok"]
    (home / "moved").write_text("to elsewhere by somebody\n")
    assert [check.result for check in found("home")] == ["ok", "bad"]
    assert "has moved: to elsewhere by somebody" in found("home")[-1].text
    (home / "restoring").write_text("from somewhere\n")
    assert "not wholly restored" in found("home")[-1].text
