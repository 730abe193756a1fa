"""The hooks in the agents' settings: in, found again, out, and not a byte else."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.hooks.agents import CONTRACTS
from tests.hooks.hook import ROOT, event
from tests.support import running_node

FILES = {"claude-code": ".claude/settings.json", "codex": ".codex/hooks.json"}
EVENTS = {
    "claude-code": ["PreToolUse", "PermissionRequest", "PostToolUse", "PostToolUseFailure"],
    "codex": ["PreToolUse", "PostToolUse"],
}
OTHER = '{"type": "command", "command": "lint"}'
SETTINGS = {
    "empty": "{}",
    "empty with a newline": "{}\n",
    "empty over two lines": "{\n}\n",
    "empty with a space": "{ }",
    "one line": '{"model": "opus", "permissions":{"allow":["Bash(ls)"]}}',
    "odd spaces": '{ "a" :1 ,\n   "b":[ 1,2 ] }\n\n',
    "indented": '{\n  "model": "opus",\n  "env": {}\n}\n',
    "tabs": '{\n\t"model": "opus",\n\t"env": {\n\t\t"A": "b"\n\t}\n}',
    "four": '{\n    "hooks": {\n        "Stop": []\n    }\n}\n',
    "CRLF": '{\r\n  "model": "opus"\r\n}\r\n',
    "empty hooks": '{\n  "hooks": {},\n  "z": 1\n}\n',
    "empty hooks with space": '{\n  "hooks": {\n  }\n}\n',
    "empty event": '{\n  "hooks": {\n    "PreToolUse": []\n  }\n}\n',
    "empty event in a line": '{"hooks": {"PreToolUse": [ ]}, "b": {}}',
    "other hooks": '{\n  "hooks": {\n    "PreToolUse": [\n      {\n        "matcher": "Edit",\n'
    f'        "hooks": [{OTHER}]\n      }}\n    ],\n    "Stop": [{{"hooks": [{OTHER}]}}]\n  }},\n'
    '  "z": "\\u00e9 é"\n}\n',
    "others in a line": f'{{"hooks":{{"PostToolUse":[{{"hooks":[{OTHER}]}}]}}}}',
}


def run(folder: Path, agent: str, verb: str, *words: str, **env: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "app", "hook", agent, verb, "--project", str(folder), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONWARNINGS": "error", **env},
    )
    assert "Traceback" not in done.stderr
    return done


def handlers(path: Path) -> dict[str, list[dict[str, Any]]]:
    hooks = json.loads(path.read_text())["hooks"]
    return {
        name: [
            handler
            for group in groups
            for handler in group["hooks"]
            if " hook " in handler["command"]
        ]
        for name, groups in hooks.items()
    }


@pytest.mark.parametrize("agent", FILES)
@pytest.mark.parametrize("before", SETTINGS.values(), ids=SETTINGS)
def test_what_is_put_in_is_taken_out_to_the_byte(tmp_path: Path, agent: str, before: str) -> None:
    path = tmp_path / FILES[agent]
    path.parent.mkdir()
    path.write_bytes(before.encode())
    path.chmod(0o640)
    assert run(tmp_path, agent, "install").returncode == 0
    after = path.read_bytes()
    kept, given = json.loads(after), json.loads(before)
    assert {key: value for key, value in kept.items() if key != "hooks"} == {
        key: value for key, value in given.items() if key != "hooks"
    }
    assert [len(found) for name, found in handlers(path).items() if name in EVENTS[agent]] == [
        1
    ] * len(EVENTS[agent])
    again = run(tmp_path, agent, "install", "--json")
    assert json.loads(again.stdout) == {"ok": True, "file": str(path), "changed": False}
    assert path.read_bytes() == after
    assert run(tmp_path, agent, "status").returncode == 0
    assert run(tmp_path, agent, "uninstall").returncode == 0
    assert path.read_bytes() == before.encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert run(tmp_path, agent, "status").returncode == 1


@pytest.mark.parametrize("agent", FILES)
def test_a_file_that_came_with_the_hooks_goes_with_them(tmp_path: Path, agent: str) -> None:
    path = tmp_path / FILES[agent]
    assert run(tmp_path, agent, "install").returncode == 0
    assert list(handlers(path)) == EVENTS[agent]
    assert run(tmp_path, agent, "uninstall").returncode == 0
    assert not path.exists()
    assert "nothing of ours" in run(tmp_path, agent, "uninstall").stdout


def test_what_was_added_since_stays(tmp_path: Path) -> None:
    path = tmp_path / FILES["claude-code"]
    run(tmp_path, "claude-code", "install")
    settings = json.loads(path.read_text())
    settings["model"] = "opus"
    settings["hooks"]["PreToolUse"].append({"hooks": [{"type": "command", "command": "lint"}]})
    settings["hooks"]["PostToolUse"][0]["hooks"].append({"type": "command", "command": "fmt"})
    path.write_text(json.dumps(settings, indent=2))
    run(tmp_path, "claude-code", "uninstall")
    left = json.loads(path.read_text())
    assert left == {
        "hooks": {
            "PreToolUse": [{"hooks": [{"type": "command", "command": "lint"}]}],
            "PostToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "fmt"}]}],
        },
        "model": "opus",
    }


def test_another_installation_takes_the_place_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / FILES["claude-code"]
    home = tmp_path / "it's home"
    run(tmp_path, "claude-code", "install", ASSENT_HOME="")
    first = handlers(path)["PreToolUse"][0]["command"]
    assert "ASSENT_HOME" not in first
    words = ("--agent", "robot", "--matcher", "Bash|Edit", "--timeout", "90")
    run(tmp_path, "claude-code", "install", *words, ASSENT_HOME=str(home))
    groups = json.loads(path.read_text())["hooks"]["PreToolUse"]
    assert [group["matcher"] for group in groups] == ["Bash|Edit"]
    (handler,) = groups[0]["hooks"]
    assert handler["timeout"] == 150
    assert handler["onFailure"] == "block"
    assert handler["command"].startswith("env 'ASSENT_HOME=")
    assert handler["command"].endswith(" hook claude-code --agent robot --timeout 90 || exit 2")


def test_the_command_that_is_written_works_from_anywhere(tmp_path: Path) -> None:
    home = tmp_path / "a home; it's"
    home.mkdir()
    run(tmp_path, "claude-code", "install", ASSENT_HOME=str(home))
    commands = handlers(tmp_path / FILES["claude-code"])
    elsewhere = {name: value for name, value in os.environ.items() if name != "ASSENT_HOME"}

    def shell(command: str, given: bytes) -> Any:
        return subprocess.run(
            ["sh", "-c", command], cwd="/", env=elsewhere, input=given, capture_output=True,
            timeout=60,
        )  # fmt: skip

    command = commands["PreToolUse"][0]["command"]
    with running_node(home):
        done = shell(command, event())
        assert (done.returncode, done.stdout, done.stderr) == (0, b"{}\n", b"")
        after = shell(commands["PostToolUse"][0]["command"], event("PostToolUse"))
        assert (after.returncode, after.stdout, after.stderr) == (0, b"", b"")
    assert shell(command, event()).returncode == 2
    program = str(Path(sys.executable).with_name("assent"))
    assert program in command
    assert shell(command.replace(program, "/nowhere/assent"), event()).returncode == 2


@pytest.mark.parametrize("agent", FILES)
def test_a_dry_run_shows_the_change_and_writes_nothing(tmp_path: Path, agent: str) -> None:
    path = tmp_path / FILES[agent]
    shown = run(tmp_path, agent, "install", "--dry-run")
    assert shown.returncode == 0
    assert '+    "PreToolUse": [' in shown.stdout
    assert not path.parent.exists()
    run(tmp_path, agent, "install")
    before = path.read_bytes()
    assert '-    "PreToolUse": [' in run(tmp_path, agent, "uninstall", "--dry-run").stdout
    assert path.read_bytes() == before
    told = json.loads(run(tmp_path, agent, "uninstall", "--dry-run", "--json").stdout)
    assert told["changed"] is False
    assert '-    "PreToolUse": [' in told["diff"]
    assert path.read_bytes() == before


BROKEN = {
    "a comment": ('{\n  // no\n  "a": 1\n}', ":2:3:"),
    "nothing": ("", ":1:1:"),
    "cut off": ('{"a": [1, 2', ":1:"),
    "an array": ("[]", "not an object"),
    "a key twice": ('{"hooks": {}, "hooks": {}}', "stands twice"),
    "NaN": ('{"a": NaN}', "NaN"),
    "deep": ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "nested"),
    "hooks are a list": ('{\n "hooks": []\n}', ":2:11: `hooks`"),
    "an event is an object": ('{"hooks": {"PreToolUse": {}}}', "`hooks.PreToolUse`"),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_not_as_settings_are_is_refused(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / FILES["claude-code"]
    path.parent.mkdir()
    path.write_text(text)
    done = run(tmp_path, "claude-code", "install")
    assert (done.returncode, done.stdout) == (2, "")
    assert str(path) in done.stderr
    assert told in done.stderr
    assert path.read_text() == text
    refused = run(tmp_path, "claude-code", "install", "--json")
    assert json.loads(refused.stdout)["ok"] is False


def test_a_file_that_is_no_text_and_a_folder_that_is_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / FILES["codex"]
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe{}")
    assert "not UTF-8" in run(tmp_path, "codex", "install").stderr
    assert "not a folder" in run(tmp_path / "none", "codex", "install").stderr


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path = tmp_path / FILES["claude-code"]
    path.parent.mkdir()
    real = tmp_path / "dotfiles.json"
    real.write_text("{}\n")
    path.symlink_to(real)
    run(tmp_path, "claude-code", "install")
    assert path.is_symlink()
    assert handlers(real)["PreToolUse"]
    run(tmp_path, "claude-code", "uninstall")
    assert real.read_text() == "{}\n"


@pytest.mark.parametrize(
    ("agent", "variable"), [("claude-code", "CLAUDE_CONFIG_DIR"), ("codex", "CODEX_HOME")]
)
def test_the_users_settings_are_where_the_agent_keeps_them(
    tmp_path: Path, agent: str, variable: str
) -> None:
    def user(**env: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "app", "hook", agent, "install"], cwd=ROOT, timeout=60,
            capture_output=True, env={**os.environ, variable: "", **env},
        )  # fmt: skip
        assert done.returncode == 0

    user(HOME=str(tmp_path))
    assert (tmp_path / FILES[agent]).exists()
    user(**{variable: str(tmp_path / "elsewhere")})
    assert (tmp_path / "elsewhere" / CONTRACTS[agent].file).exists()


def test_status_tells_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / FILES["claude-code"]
    run(tmp_path, "claude-code", "install")
    settings = json.loads(path.read_text())
    del settings["hooks"]["PermissionRequest"]
    path.write_text(json.dumps(settings))
    done = run(tmp_path, "claude-code", "status", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["installed"]) == (1, False)
    assert told["missing"] == ["PermissionRequest"]
