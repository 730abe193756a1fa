"""What scripts rely on: exit statuses, JSON objects, one line for each line."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage import open_reader
from tests.support import PATIENCE_S, running_node, shared_data

ASSENT = Path(sys.executable).with_name("assent")


def assent(
    home: Path, *words: str, given: str | bytes = "", timeout: float = PATIENCE_S * 3
) -> subprocess.CompletedProcess[str]:
    raw = given.encode() if isinstance(given, str) else given
    done = subprocess.run(
        [str(ASSENT), *words],
        input=raw,
        capture_output=True,
        timeout=timeout,
        env={**os.environ, "ASSENT_HOME": str(home), "PYTHONWARNINGS": "error"},
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


REPLAY_KEYS = {
    "actions", "allow", "deny", "expired", "asked", "errors", "seconds", "per_s",
    "p50_us", "p95_us", "p99_us", "audit_entries",
}  # fmt: skip

ROWS = [
    {"tool": "read_file", "arguments": {"path": "a.txt"}},
    {"tool": "query", "arguments": {"sql": "DROP TABLE customers"}},
    {"tool": "shell", "arguments": {"command": ":(){ :|:& };:"}},
    {"kind": "tool_call", "content": "list files", "tool": "bash", "parameters": {"command": "ls"}},
]


@pytest.mark.parametrize(
    ("decide", "counts"),
    [
        ("deny", {"allow": 2, "deny": 2, "expired": 0, "asked": 1, "waiting": 0}),
        ("approve", {"allow": 3, "deny": 1, "expired": 0, "asked": 1, "waiting": 0}),
        ("wait", {"allow": 2, "deny": 1, "expired": 0, "asked": 1, "waiting": 1}),
    ],
)
def test_replay_prints_one_object_last(tmp_path: Path, decide: str, counts: dict[str, int]) -> None:
    given = "\n".join(map(json.dumps, ROWS))
    done = assent(tmp_path, "replay", "-", "--decide", decide, "--json", given=given)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert set(result) >= REPLAY_KEYS
    assert {name: result[name] for name in counts} == counts
    assert result["actions"] == 4
    assert result["errors"] == 0
    # one entry a verdict, one more for each question, and the node's start
    asked_and_answered = 1 if decide != "wait" else 0
    assert result["audit_entries"] == 1 + 4 + asked_and_answered
    verified = assent(tmp_path, "audit", "verify", "--json")
    assert verified.returncode == 0
    assert json.loads(verified.stdout)["ok"] is True


def test_replay_names_rows_it_cannot_read_and_goes_on(tmp_path: Path) -> None:
    given = '{"tool":"read_file"}\nnot json\n{"tool":1}\n\n[]\n{"tool":"list_files"}\n'
    done = assent(tmp_path, "replay", "-", "--decide", "deny", "--json", given=given)
    assert done.returncode == 0
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["actions"], result["errors"]) == (2, 3)
    assert [f":{number}:" in done.stderr for number in (2, 3, 5)] == [True] * 3


def test_replay_of_a_missing_file_says_so(tmp_path: Path) -> None:
    done = assent(tmp_path, "replay", str(tmp_path / "none.jsonl"))
    assert done.returncode == 2
    assert "none.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_recorded_traffic_goes_through_the_whole_gate(tmp_path: Path) -> None:
    traffic = shared_data("traffic.jsonl")
    done = assent(tmp_path, "replay", str(traffic), "--decide", "deny", "--json", timeout=110)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    rows = sum(1 for line in traffic.read_bytes().splitlines() if line.strip())
    assert result["actions"] == rows
    assert result["errors"] == 0
    assert result["allow"] + result["deny"] + result["expired"] == rows
    assert result["asked"] > 0
    with contextlib.closing(open_reader(tmp_path)) as reader:  # the machine may be busy: alerts
        alerts = reader.execute("SELECT count(*) FROM audit_entries WHERE kind LIKE 'alert.%'")
        assert result["audit_entries"] == rows + result["asked"] + 1 + alerts.fetchone()[0]


def test_screen_assesses_each_line_and_records_nothing(tmp_path: Path) -> None:
    given = "\n".join(
        json.dumps(row)
        for row in (
            {"id": "1", "tool": "read_file", "arguments": {"path": "a"}},
            {"id": "2", "tool": "query", "arguments": {"sql": "DROP TABLE t"}, "agent": "x"},
            {
                "tool": "http_get",
                "arguments": {"url": "https://example.org"},
                "context": [{"source": "s", "trusted": False, "text": "t"}],
                "narrative": "look",
                "request": "look it up",
            },
        )
    )
    done = assent(tmp_path / "home", "screen", given=given)
    assert done.returncode == 0, done.stderr
    first, second, third = lines(done.stdout)
    assert (first["id"], first["disposition"]) == ("1", "allow")
    assert (second["id"], second["disposition"]) == ("2", "ask")
    assert set(second["safety"]) == {"score", "intent", "disposition", "reasons"}
    assert {"rule", "severity", "text"} <= set(second["safety"]["reasons"][0])
    assert {"score", "dimensions", "concerns"} == set(second["ethics"])
    assert len(third["ethics"]["dimensions"]) == 5
    assert not (tmp_path / "home").exists()


def test_screen_answers_bad_lines_with_errors_and_status_1(tmp_path: Path) -> None:
    given = b'{"id":"a","arguments":{}}\n\xff\xfe\n{"id":"b","tool":3}\n{"tool":"x","tool":"y"}\n'
    given += b"[" * 100_000 + b'\n{"tool":"ls"}\n'
    done = assent(tmp_path, "screen", "-", given=given)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    found = lines(done.stdout)
    assert ["error" in row for row in found] == [True] * 5 + [False]
    assert [row.get("id") for row in found[:4]] == ["a", None, "b", None]


def test_ask_without_a_node_exits_5(tmp_path: Path) -> None:
    done = assent(tmp_path, "ask", "--tool", "ls", "--arguments", "{}", "--json")
    assert done.returncode == 5


@pytest.mark.parametrize("arguments", ["[]", "{", '{"a":1,"a":2}', "NaN"])
def test_ask_with_bad_arguments_exits_2(tmp_path: Path, arguments: str) -> None:
    done = assent(tmp_path, "ask", "--tool", "ls", "--arguments", arguments, "--json")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_ask_exits_0_3_and_4(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        allowed = assent(tmp_path, "ask", "--tool", "read_file", "--arguments", "{}", "--json")
        assert (allowed.returncode, json.loads(allowed.stdout)["verdict"]) == (0, "allow")
        bomb = json.dumps({"command": ":(){ :|:& };:"})
        denied = assent(tmp_path, "ask", "--tool", "shell", "--arguments", bomb, "--json")
        assert (denied.returncode, json.loads(denied.stdout)["verdict"]) == (3, "deny")
        drop = json.dumps({"sql": "DROP TABLE t"})
        expired = assent(
            tmp_path, "ask", "--tool", "query", "--arguments", drop, "--timeout", "0.5", "--json"
        )
        assert (expired.returncode, json.loads(expired.stdout)["verdict"]) == (4, "expired")
        assert node.events


def test_exec_runs_what_was_allowed_and_reports_it(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        done = assent(tmp_path, "exec", "--", "sh", "-c", "echo out; exit 7")
        assert (done.returncode, done.stdout) == (7, "out\n")
        blocked = assent(tmp_path, "exec", "--", "sh", "-c", ":(){ :|:& };:")
        assert (blocked.returncode, blocked.stdout) == (3, "")
        node.node.engine.evolution.flush()
        assert node.node.engine.evolution.metrics.totals().failed == 1


def test_a_headless_run_ends_by_itself_with_a_summary(tmp_path: Path) -> None:
    done = assent(tmp_path, "run", "--for", "1.5", "--json")
    assert done.returncode == 0, done.stderr
    (summary,) = lines(done.stdout)
    assert summary["audit_entries"] == 1
    assert {"allow", "deny", "asked", "operations", "seconds"} <= set(summary)


def test_a_headless_run_prints_figures_and_stops_on_sigterm(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [str(ASSENT), "run"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "ASSENT_HOME": str(tmp_path)},
    )
    assert process.stdout is not None
    seen = [process.stdout.readline() for _ in range(3)]
    assert any("node.started" in line for line in seen)
    assert any(line.startswith("= open") for line in seen)
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "audit log: " in rest
    assert assent(tmp_path, "audit", "verify").returncode == 0


def test_a_second_node_on_the_same_home_is_refused(tmp_path: Path) -> None:
    with running_node(tmp_path):
        done = assent(tmp_path, "run", "--for", "1")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_a_key_that_others_can_read_stops_the_start_and_says_how_to_mend_it(tmp_path: Path) -> None:
    assert assent(tmp_path, "run", "--for", "0.2", "--json").returncode == 0
    (tmp_path / "node.key").chmod(0o644)
    done = assent(tmp_path, "run", "--for", "0.2")
    assert done.returncode == 2
    assert "chmod 600" in done.stderr


def test_doctor_says_what_is_there(tmp_path: Path) -> None:
    done = assent(tmp_path, "doctor", "--json")
    assert done.returncode == 0
    checks = {check["name"]: check["result"] for check in json.loads(done.stdout)}
    assert {"python", "sqlite", "home", "key", "store", "rules", "disk"} <= set(checks)
    (tmp_path / "assent.toml").write_text("[node]\nnaem = 'x'\n")
    broken = assent(tmp_path, "doctor")
    assert broken.returncode == 1
    assert "naem" in broken.stdout


def test_init_writes_settings_that_can_be_read_and_never_over_others(tmp_path: Path) -> None:
    assert assent(tmp_path, "init").returncode == 0
    template = (tmp_path / "assent.toml").read_text()
    assert assent(tmp_path, "doctor").returncode == 0
    uncommented = "\n".join(
        line.removeprefix("# ").partition("  #")[0] if " = " in line else line
        for line in template.splitlines()
        if "such as;" not in line and "console.keys" not in line
    )
    (tmp_path / "assent.toml").write_text(uncommented)
    checked = assent(tmp_path, "doctor")
    assert checked.returncode == 0, checked.stdout
    assert assent(tmp_path, "init").returncode == 0
    assert (tmp_path / "assent.toml").read_text() == uncommented


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_the_commands(tmp_path: Path, shell: str) -> None:
    done = assent(tmp_path, "completion", shell)
    assert done.returncode == 0
    assert "replay" in done.stdout


def test_every_command_explains_itself(tmp_path: Path) -> None:
    from app.cli import COMMANDS

    for name in COMMANDS:
        done = assent(tmp_path, name.rstrip("_"), "--help")
        assert done.returncode == 0
        assert len(done.stdout) > 100
    assert assent(tmp_path, "nonsense").returncode == 2


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    row = json.dumps({"tool": "ls"})
    script = f"yes '{row}' | head -5000 | {ASSENT} screen - | head -1"
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, timeout=PATIENCE_S,
        env={**os.environ, "ASSENT_HOME": str(tmp_path)},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_replay_goes_to_the_running_node_when_there_is_one(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        given = json.dumps(ROWS[0]) + "\n" + json.dumps(ROWS[2]) + "\n"
        done = assent(tmp_path, "replay", "-", "--json", given=given)
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert (result["allow"], result["deny"]) == (1, 1)
        assert node.node.engine.audit.head.size == 3


@pytest.mark.parametrize("command", ["alerts list", "baseline list", "rules list", "init"])
def test_a_reader_who_went_away_is_no_failure(tmp_path: Path, command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [str(ASSENT), *command.split()],
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_S * 3,
            env={**os.environ, "ASSENT_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
