"""`assent rules what-if`, `proposals`, `accept` and `dismiss`: what they say, and how they end."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import rules
from components.actions import Action
from tests.support import RunningNode, running_node, until

PACK = """\
[pack]
name = "{name}"
[[rule]]
id = "strict.query"
effect = "{effect}"
reason = "No statements at all"
match.tool = ["query"]
for = ["query"]
against = ["other"]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("ASSENT_HOME", str(folder))
    return folder


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    rules.add(parser.add_subparsers(required=True))
    args = parser.parse_args(["rules", *words])
    return int(args.run(args))


def pack(folder: Path, effect: str = "block", name: str = "strict") -> str:
    file = folder / "strict.toml"
    file.write_text(PACK.format(effect=effect, name=name))
    return str(file)


def settle(node: RunningNode, statement: str, kind: str) -> None:
    asking = node.ask(Action(tool="query", arguments={"sql": statement}), agent="coder")
    node.answer(node.waiting("query"), kind, reason="never")
    asking.result()
    node.node.engine.evolution.flush()


def filled(node: RunningNode) -> None:
    node.ask(Action(tool="query", arguments={"sql": "SELECT 1"})).result()
    node.ask(Action(tool="read_file", arguments={"path": "notes.txt"})).result()
    settle(node, "DROP TABLE scratch", "approve")
    for table in ("a", "b", "c"):
        settle(node, f"DROP TABLE {table}", "reject")


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_what_a_pack_would_have_done(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_node(home) as node:
        filled(node)
    assert run("what-if", pack(tmp_path), "--json") == 0
    found = told(capsys)
    whole = found["whole"]
    assert (whole["seen"], whole["caught"]) == (6, 5)
    assert (whole["allowed"], whole["denied"], whole["passed"]) == (1, 3, 2)
    assert (whole["newly_blocked"], whole["newly_asked"], whole["eased"]) == (5, 0, 0)
    assert whole["allowed_examples"][0]["tool"] == "query"
    (rule,) = found["rules"]
    assert (rule["rule"], rule["effect"], rule["caught"]) == ("strict.query", "block", 5)
    assert run("what-if", pack(tmp_path, "ask")) == 0
    text = capsys.readouterr().out
    assert "6 past actions since" in text
    assert "People had allowed 1 of them" in text
    assert run("what-if", pack(tmp_path), "--json", "--most", "2") == 0
    assert told(capsys)["whole"]["seen"] == 2
    assert run("what-if", pack(tmp_path), "--json", "--since", "2100-01-01") == 0
    assert told(capsys)["whole"] | {"since": 0} == {**dict.fromkeys(whole, 0)} | {
        "allowed_examples": [], "denied_examples": [],
    }  # fmt: skip


def test_a_pack_takes_the_place_of_the_one_with_its_name(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_node(home) as node:
        filled(node)
    (home / "assent.toml").write_text(f'[firewall]\npacks = ["{pack(tmp_path)}"]\n')
    mine = tmp_path / "mine.toml"
    mine.write_text(PACK.format(effect="ask", name="strict"))
    assert run("what-if", str(mine), "--json") == 0
    whole = told(capsys)["whole"]
    assert (whole["newly_blocked"], whole["eased"]) == (0, 5)
    mine.write_text(PACK.format(effect="ask", name="another"))
    assert run("what-if", str(mine)) == 2
    assert "strict.query" in capsys.readouterr().err


def test_what_cannot_be_told_is_said(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("what-if", pack(tmp_path)) == 1
    assert "no store" in capsys.readouterr().err
    (tmp_path / "bad.toml").write_text("nonsense")
    assert run("what-if", str(tmp_path / "bad.toml"), "--json") == 2
    assert "not TOML" in told(capsys)["why"]
    assert run("proposals") == 1
    for words in (("what-if", "x", "--most", "0"), ("what-if",), ("accept",)):
        with pytest.raises(SystemExit):
            run(*words)


def test_proposals_are_listed_accepted_and_dismissed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_node(home) as node:
        filled(node)

        def listed() -> list[dict[str, Any]]:
            assert run("proposals", "--json") == 0
            return [row for row in told(capsys) if row["mark"]]

        (row,) = until(listed, "the proposal")
        assert row["kind"] == "block_rule"
        assert run("proposals") == 0
        out = capsys.readouterr().out
        assert "People had allowed 1 of them, and denied 3." in out
        assert "match.sql.kind" in out
        assert run("accept", row["id"][:6]) == 2  # nobody can be asked
        assert "--yes" in capsys.readouterr().err
        assert run("accept", "nothing", "--yes") == 2
        capsys.readouterr()
        assert run("accept", row["id"][:6], "--yes") == 0
        assert "in force" in capsys.readouterr().out
        asking = node.ask(Action(tool="query", arguments={"sql": "DROP TABLE d"}))
        assert asking.result().rule.startswith("learned.")
        until(lambda: listed() == [], "the end of the proposal")
        for table in ("a", "b", "c"):
            settle(node, f"DELETE FROM {table}", "reject")
        (row,) = until(listed, "the next proposal")
        assert run("dismiss", row["id"], "--why", "they may", "--json") == 0
        assert "not proposed again" in told(capsys)["said"]
        until(lambda: listed() == [], "the end of it")
    assert run("proposals") == 0
    assert "0 proposals" in capsys.readouterr().out


def test_without_a_node_nothing_is_accepted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_node(home) as node:
        filled(node)
        until(lambda: any(one.mark for one in node.node.engine.learning.proposals), "a proposal")
    assert run("proposals", "--json") == 0
    (row,) = told(capsys)
    assert run("accept", row["id"], "--yes") == 5
    assert run("dismiss", row["id"]) == 5
    assert not (home / "rules").exists()
