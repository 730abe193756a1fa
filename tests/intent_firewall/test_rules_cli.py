import argparse
import json
from pathlib import Path

import pytest

from app.cli import rules

PACK = """\
[pack]
name = "mine"
[[rule]]
id = "my.rule"
reason = "Because"
match.literal = ["forbidden"]
for = ["{for_}"]
against = ["harmless"]
"""


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    rules.add(parser.add_subparsers(required=True))
    args = parser.parse_args(["rules", *arguments])
    return int(args.run(args))


def pack(folder: Path, for_: str = "forbidden") -> str:
    file = folder / "mine.toml"
    file.write_text(PACK.format(for_=for_))
    return str(file)


def test_the_packs_that_ship_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check") == 0
    assert " 0 rules failed" in capsys.readouterr().out


def test_a_failing_example_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", pack(tmp_path, "allowed")) == 1
    out = capsys.readouterr().out
    assert "my.rule: does not catch: allowed" in out
    assert "FAILED" in out


def test_hostile_examples_are_shown_harmless(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", pack(tmp_path, "x \\u001b[2J")) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\\u{1b}" in out


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--json", pack(tmp_path)) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "pack": "mine", "rule": "my.rule", "effect": "ask", "for": 1, "against": 1,
            "ok": True, "wrong": [],
        }
    ]  # fmt: skip


def test_a_bad_pack_says_file_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(PACK.format(for_="x").replace("reason", "raison"))
    assert run("check", str(file)) == 2
    assert run("list", str(file)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{file}:5: rule.raison" in captured.err


def test_list_shows_every_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", pack(tmp_path)) == 0
    assert "my.rule  medium    ask     text  Because" in capsys.readouterr().out
    assert run("list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"pack", "id", "severity", "effect", "by", "reason"} == set(listed[0])
