"""`assent report`: forms, files and exit statuses, from the store of a home."""

import argparse
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import report
from storage import STORE_NAME
from tests.advisor.period import NOON, SECOND, Period, answer

SPAN = ("--since", "2023-11-14", "--until", "2023-11-15")
"""The day in which `NOON` is."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def period(home: Path) -> Iterator[Period]:
    made = Period(home)
    made.measured("gate.verdict", 0, [900.0] * 200)
    made.decided(0, "allowed", answers=(answer(10, operator="\x1b[2Jevil|"),))
    made.audited(20, 3)
    made.write(NOON + 7200 * SECOND)
    yield made
    made.close()


def run(*words: str) -> int:
    """The command alone, as the whole command line runs it."""
    top = argparse.ArgumentParser(prog="assent")
    report.add(top.add_subparsers())
    args = top.parse_args(["report", *words])
    return int(args.run(args))


def test_markdown_is_printed_while_the_store_is_open(
    period: Period, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("daily", *SPAN) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("# Daily report of node-1\n")
    assert re.search(r"\| gate.verdict +\| +200 \|.*✓ met", out)
    assert "\x1b" not in out
    assert "\\u{1b}" in out


def test_json_has_what_it_promises(period: Period, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("weekly", *SPAN, "--json") == 0
    first = capsys.readouterr().out
    data = json.loads(first)
    assert (data["ok"], data["version"], data["kind"], data["node"]) == (
        True,
        1,
        "weekly",
        "node-1",
    )
    assert data["until"] - data["since"] == 86_400 * SECOND
    assert data["decisions"]["asked"] == 1
    assert data["audit"]["entries"] == 3
    help_text = report.__dict__["_EPILOG"]
    assert set(data) <= set(re.findall(r'"(\w+)"', help_text))
    assert run("weekly", *SPAN, "--format", "json") == 0
    again = json.loads(capsys.readouterr().out)
    assert {**data, "made_at": 0} == {**again, "made_at": 0}


def test_a_file_is_written_whole(
    period: Period, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out" / "report.html"
    target.parent.mkdir()
    target.write_text("old")
    assert run("daily", *SPAN, "--format", "html", "-o", str(target)) == 0
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert list(target.parent.iterdir()) == [target]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("form", ["md", "json"])
def test_a_file_that_cannot_be_written_is_told(
    period: Period, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "not" / "there"
    assert run("daily", *SPAN, "--format", form, "-o", str(target)) == 1
    out, err = capsys.readouterr()
    said = json.loads(out)["why"] if form == "json" else err
    assert str(target) in said
    assert "no such file" in said


def test_the_default_period_ends_now(period: Period, capsys: pytest.CaptureFixture[str]) -> None:
    before = time.time_ns() // 1000
    assert run("monthly", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert before <= data["until"] <= time.time_ns() // 1000
    assert data["until"] - data["since"] == 30 * 86_400 * SECOND
    assert data["summary"].startswith("Nothing was measured in this period (30 days)")


@pytest.mark.parametrize(
    "words",
    [
        ("daily", "--since", "2023-11-15", "--until", "2023-11-14"),
        ("daily", "--since", "2999-01-01"),
        ("daily", "--json", "--format", "html"),
    ],
)
def test_wrong_use_is_refused(
    period: Period, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["ok"] is False if "--json" in words else err.startswith("assent report")


@pytest.mark.parametrize("words", [("yearly",), (), ("daily", "--since", "soon")])
def test_the_parser_refuses(home: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*words)
    assert caught.value.code == 2


def test_without_a_store_it_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("daily") == 1
    assert capsys.readouterr().err.startswith("assent report: ")
    assert run("daily", "--json") == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_trials_are_made_where_asked_for(
    period: Period, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    homes: list[Path] = []

    def try_out(home: Path, now: int, progress: object) -> tuple[()]:
        homes.append(home)
        return ()

    monkeypatch.setattr("app.cli.report_actions.try_out", try_out)
    assert run("daily", *SPAN) == 0
    assert homes == []
    assert run("daily", *SPAN, "--try") == 0
    assert homes == [period.folder]


def test_an_older_store_wants_its_node_started(
    period: Period, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    period.store.close()
    with sqlite3.connect(home / STORE_NAME) as connection:
        connection.execute("DROP TABLE metric_buckets")
    connection.close()
    assert run("daily") == 1
    assert "start its node once" in capsys.readouterr().err
