"""`assent alerts`: rule files are checked to the key, rules listed, the past told."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from components.clock import SystemClock
from components.monitor.alerting import Transition, builtin_rules, ledger
from storage import open_store

RULE = """
[[rule]]
id = "{id}"
series = "{series}"
above = {above}
severity = "low"
text = "{{series}} is {{value}}"
"""
HOUR = 3600 * 1_000_000


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path))
    return tmp_path


def rule(
    home: Path, name: str = "mine", series: str = "gate.verdict.p99", above: str = "5"
) -> Path:
    file = home / f"{name}.toml"
    file.write_text(RULE.format(id=name, series=series, above=above))
    return file


def alerts(*words: object) -> int:
    return main(["alerts", *map(str, words)])


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_the_rules_that_ship_are_all_right(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert alerts("check") == 0
    assert f"{len(builtin_rules().rules)} rules in force" in capsys.readouterr().out
    assert not list(home.iterdir())


def test_files_are_read_over_the_rules_that_ship(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert alerts("check", rule(home), rule(home, "p99"), "--json") == 0
    assert told(capsys) == {
        "ok": True, "rules": len(builtin_rules().rules) + 1, "watching_nothing": [],
    }  # fmt: skip


def test_what_is_wrong_is_named_with_file_line_and_key(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = rule(home, above="'much'")
    assert alerts("check", file) == 2
    said = capsys.readouterr().err
    assert f"{file}:5: rule.above: " in said
    assert alerts("check", home / "none.toml", "--json") == 2
    assert "none.toml: file: No such file" in told(capsys)["why"]


def test_the_files_of_the_home_are_checked_and_listed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule(home)
    (home / "assent.toml").write_text("[alerts]\nrules = ['mine.toml']\n")
    assert alerts("list", "--json") == 0
    (mine,) = [one for one in told(capsys) if one["id"] == "mine"]
    assert (mine["series"], mine["for"], mine["severity"]) == (["gate.verdict.p99"], "0s", "low")
    assert mine["condition"] == "> 5 µs over 1m"
    assert alerts("list") == 0
    said = capsys.readouterr().out
    for fires in ("> 2× baseline over 1m", "> 80% over 1m", "> 0 ", "< 512 MB "):
        assert fires in said
    rule(home, above="true")
    for verb in ("check", "list"):
        assert alerts(verb) == 2
        assert "mine.toml:5" in capsys.readouterr().err
    (home / "assent.toml").write_text("[alerts]\nrule = []\n")
    assert alerts("check") == 2
    assert "assent.toml" in capsys.readouterr().err


@pytest.mark.parametrize("series", ["gate.verdikt.p99", "memory", "resource.cpu.p99"])
def test_a_rule_that_watches_nothing_is_told(
    home: Path, series: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert alerts("check", rule(home, series=series), "--json") == 1
    assert told(capsys)["watching_nothing"] == [{"rule": "mine", "series": series}]


@pytest.mark.parametrize("series", ["condition.rules", "memory.*", "*.p999", "bridge.down"])
def test_what_a_node_may_come_to_measure_is_known(home: Path, series: str) -> None:
    assert alerts("check", rule(home, series=series)) == 0


def happened(home: Path, hours_ago: float, **more: str) -> Transition:
    time = SystemClock().now() - round(hours_ago * HOUR)
    fields = {"rule": "p99", "series": "gate.verdict.p99", "id": "1", "before": "pending",
              "after": "firing", "severity": "high", "text": "slow \x1b[31m"} | more  # fmt: skip
    one = Transition(time=time, **fields)  # type: ignore[arg-type]
    store = open_store(home)
    try:
        store.writer.run(lambda tx: ledger.save(tx, {}, [one]))
    finally:
        store.close()
    return one


def test_history_is_told_in_its_order_and_span(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    happened(home, 30)
    happened(home, 2)
    happened(home, 1, kind="acknowledged", operator="ada", why="seen", after="firing")
    assert alerts("history", "--json") == 0
    assert [one["kind"] for one in told(capsys)] == ["phase", "acknowledged"]
    assert alerts("history", "--since", "2d", "--until", "90m", "--json") == 0
    assert len(told(capsys)) == 2
    assert alerts("history") == 0
    said = capsys.readouterr().out
    assert "ada: seen" in said
    assert "2 changes" in said
    assert "\x1b" not in said


def test_history_without_a_store_or_with_a_span_that_is_none(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert alerts("history", "--json") == 1
    assert told(capsys)["ok"] is False
    assert alerts("history", "--since", "1h", "--until", "2h") == 2
    assert "--since" in capsys.readouterr().err
