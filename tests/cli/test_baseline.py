"""`assent baseline`: made of recorded history, shown, compared, put in force; what scripts see."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from app.baselines import Baselines
from app.cli import main
from components.clock import SystemClock
from components.monitor.sketch import Sketch
from storage import STORE_NAME, open_store

MINUTE = 60_000_000
ROW = "INSERT INTO metric_buckets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path))
    return tmp_path


def work(
    home: Path, minutes_ago: int, *, us: int = 100, calls: int = 1200,
    operation: str = "gate.verdict",
) -> int:  # fmt: skip
    """Record a minute of an operation as a node does, in seconds and rolled up; when it began."""
    open_store(home).close()
    start = SystemClock().now() // MINUTE * MINUTE - minutes_ago * MINUTE
    a_second = [us * 1000 + step * us for step in range(calls // 60)]
    spans = [("second", start + at * 1_000_000, a_second) for at in range(60)]
    spans.append(("minute", start, a_second * 60))
    with contextlib.closing(sqlite3.connect(home / STORE_NAME)) as db, db:
        for level, at, durations in spans:
            sketch = Sketch.of(durations)
            count = (len(durations), 0, 0, sketch.total)
            found = (ns and ns / 1000 for ns in sketch.quantiles((0.5, 0.95, 0.99, 0.999)))
            db.execute(ROW, (level, operation, at, *count, *found, sketch.to_bytes()))
    return start


def baseline(*words: str) -> int:
    return main(["baseline", *words])


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_baseline_is_made_of_history_and_put_in_force(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work(home, 10)
    assert baseline("set", "before", "--note", "as it was", "--json") == 0
    made = told(capsys)
    assert (made["ok"], made["name"], made["in_force"]) == (True, "before", True)
    figures = made["operations"]["gate.verdict"]
    assert figures["calls"] == 1200
    assert figures["p99_us"] == pytest.approx(100, rel=0.05)
    kept = Baselines(home)
    assert kept.current() == kept.read("before")

    assert baseline("show") == 0
    shown = capsys.readouterr().out
    assert "before (in force)" in shown
    assert "as it was" in shown
    assert "gate.verdict" in shown
    assert "another machine" not in shown
    assert baseline("show", "before", "--json") == 0
    assert told(capsys) == {**made, "other_machine": []}


def test_throughput_is_of_the_time_in_which_a_node_ran(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = work(home, 10)
    work(home, 10, calls=60, operation="runtime.loop_lag")
    assert baseline("set", "short", "--json") == 0
    made = told(capsys)
    assert (made["since"], made["until"]) == (start, start + MINUTE)
    assert made["operations"]["gate.verdict"]["per_s"] == pytest.approx(20)


def test_another_is_made_beside_it_listed_used_and_removed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work(home, 10)
    assert baseline("set", "one") == 0
    assert "it is in force now" in capsys.readouterr().out
    assert baseline("set", "two", "--keep-current", "--json") == 0
    assert told(capsys)["in_force"] is False
    (home / "baselines" / "broken.json").write_text("{")
    assert baseline("list") == 0
    broken, one, two = capsys.readouterr().out.splitlines()
    assert "cannot be used" in broken
    assert (one[:5], two[:5]) == ("* one", "  two")
    assert baseline("use", "two", "--json") == 0
    assert told(capsys) == {"ok": True, "name": "two", "in_force": True}
    assert baseline("list", "--json") == 0
    rows = {row["name"]: row for row in told(capsys)}
    assert [rows[name]["in_force"] for name in ("broken", "one", "two")] == [False, False, True]
    assert [rows[name]["ok"] for name in ("broken", "one", "two")] == [False, True, True]
    assert baseline("remove", "two") == 0
    assert "no baseline is in force" in capsys.readouterr().out
    assert baseline("show") == 1
    assert baseline("remove", "broken", "--json") == 0
    assert baseline("remove", "broken") == 1


def test_without_any_it_says_how_to_make_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert baseline("show") == 1
    assert "assent baseline set NAME" in capsys.readouterr().err
    assert baseline("show", "--json") == 1
    assert told(capsys)["ok"] is False
    assert baseline("compare") == 2
    assert baseline("list", "--json") == 0
    assert told(capsys) == []
    assert baseline("list") == 0
    assert "assent baseline set NAME" in capsys.readouterr().out


def test_too_little_makes_no_baseline(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert baseline("set", "none") == 1
    assert "assent run" in capsys.readouterr().err
    work(home, 10, calls=240)
    assert baseline("set", "few") == 1
    said = capsys.readouterr().err
    assert "240 verdicts" in said
    assert "500" in said
    work(home, 120)
    assert baseline("set", "few") == 1
    assert baseline("set", "many", "--since", "3h") == 0
    assert Baselines(home).names() == ["many"]


def test_a_name_is_replaced_only_where_asked(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work(home, 10)
    assert baseline("set", "one") == 0
    assert baseline("set", "one") == 1
    assert "--replace" in capsys.readouterr().err
    assert baseline("set", "one", "--replace", "--note", "new") == 0
    assert Baselines(home).read("one").note == "new"


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a b", "x" * 65, "ü"])
def test_hostile_names_are_refused(
    home: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    work(home, 10)
    before = sorted(home.rglob("*"))
    assert baseline("set", name, "--json") == 2
    assert told(capsys)["ok"] is False
    for verb in ("use", "remove"):
        assert baseline(verb, name) == 1
    assert sorted(home.rglob("*.json")) == [path for path in before if path.suffix == ".json"]


def test_slower_than_before_is_told_and_is_a_status(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work(home, 90)
    assert baseline("set", "before", "--since", "2h", "--until", "1h") == 0
    work(home, 5, us=300)
    capsys.readouterr()
    assert baseline("compare", "--json") == 1
    found = told(capsys)
    assert (found["ok"], found["regressions"], found["before"]) == (False, 1, "before")
    (row,) = found["operations"]
    assert (row["operation"], row["verdict"]) == ("gate.verdict", "slower")
    (bad,) = [change for change in row["changes"] if change["regression"]]
    assert bad["figure"] == "p99"
    assert bad["ratio"] == pytest.approx(3, rel=0.05)
    assert baseline("compare", "before") == 1
    said = capsys.readouterr().out
    assert "1 regression\n" in said
    assert "gate.verdict: P99" in said

    assert baseline("set", "after", "--keep-current") == 0
    capsys.readouterr()
    assert baseline("compare", "after", "before", "--json") == 0
    assert told(capsys)["operations"][0]["verdict"] == "faster"
    assert baseline("compare", "before", "after") == 1


def test_another_machine_is_a_warning(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work(home, 10)
    assert baseline("set", "here") == 0
    file = home / "baselines" / "here.json"
    there = json.loads(file.read_text())
    there["name"] = "there"
    there["machine"]["cpu"] = "Some \x1b[31m CPU"
    file.with_name("there.json").write_text(json.dumps(there))
    capsys.readouterr()
    assert baseline("compare", "there", "here") == 0
    said = capsys.readouterr().out
    assert "warning the machines differ: processor Some" in said
    assert "\x1b" not in said
    assert baseline("show", "there") == 0
    said = capsys.readouterr().out
    assert "warning  made on another machine" in said
    assert "\x1b" not in said
    assert baseline("compare", "there", "here", "--json") == 0
    assert len(told(capsys)["machine"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "one", "one", "--since", "2h"), ("compare", "one", "--since", "1h",
         "--until", "2h"), ("set", "x", "--note", "x" * 201), ("compare", "nowhere"),
        ("compare", "one", "--since", "0s"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_no_regression(
    home: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    work(home, 10)
    assert baseline("set", "one") == 0
    capsys.readouterr()
    assert baseline(*words, "--json") == 2
    assert told(capsys)["ok"] is False


def test_a_time_that_is_none_is_wrong_usage(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        baseline("set", "x", "--since", "yesterday")
    assert ended.value.code == 2
    assert "a time ago such as 2h" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough" * 99])
def test_a_damaged_store_is_a_sentence(
    home: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / STORE_NAME).write_bytes(content)
    assert baseline("set", "x", "--json") == 1
    assert "Errno" not in told(capsys)["why"]


def test_a_damaged_sketch_is_a_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work(home, 10)
    with contextlib.closing(sqlite3.connect(home / STORE_NAME)) as db, db:
        db.execute("UPDATE metric_buckets SET sketch = x'00'")
    assert baseline("set", "x", "--json") == 1
    assert "history cannot be read" in told(capsys)["why"]
