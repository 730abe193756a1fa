"""Killed at the worst moments: nothing acknowledged is lost, nothing is decided twice."""

import base64
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.actions import Action
from components.audit_system import Query, query, verify
from components.keys import parse_verifier_key
from storage import open_reader
from tests.support import PATIENCE_S, RunningNode, running_node, until

SAFE = Action(tool="read_file", arguments={"path": "notes.txt"}, request="read my notes")
DESTRUCTIVE = Action(tool="query", arguments={"sql": "DROP TABLE customers"})
CHILD = Path(__file__).with_name("child.py")
ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def doomed_node(home: Path, fatal: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(CHILD), str(home), fatal],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def ask(home: Path, action: Action, timeout_s: float = 60):
    from tests.support import Asking

    return Asking(home, "tester", action, timeout_s)


@pytest.mark.fault(18)
def test_fault_18_killed_between_commit_and_acknowledgement_decides_once(tmp_path: Path) -> None:
    with doomed_node(tmp_path, "Asked") as process:
        asking = ask(tmp_path, DESTRUCTIVE)
        assert process.wait(PATIENCE_S) == -9
    with running_node(tmp_path) as node:
        view = node.waiting("query")
        assert len(node.node.engine.queue) == 1
        node.answer(view, "approve")
        assert asking.result().allowed
        assert _count(node, "verdict") == 1
        assert _count(node, "asked") == 1


@pytest.mark.fault(19)
def test_fault_19_killed_between_decision_and_publish_gives_the_same_bytes(tmp_path: Path) -> None:
    with doomed_node(tmp_path, "Judged") as process:
        asking = ask(tmp_path, SAFE)
        assert process.wait(PATIENCE_S) == -9
    reader = open_reader(tmp_path)
    ((stored,),) = reader.execute("SELECT verdict FROM requests").fetchall()
    reader.close()
    with running_node(tmp_path) as node:
        leave = asking.result()
        assert leave.allowed
        assert leave.verdict_id == json.loads(stored)["verdict_id"]
        assert _count(node, "verdict") == 1
        first, second = _envelopes(node, leave.request_id)
        assert first == second
        assert base64.b64decode(json.loads(first)["payload"]) == stored


def _count(node: RunningNode, kind: str) -> int:
    reader = node.node.store.reader()
    try:
        return len(query(reader, Query(kind=kind), limit=1000))
    finally:
        reader.close()


def _envelopes(node: RunningNode, request_id: str) -> list[str]:
    """The stored verdict as it is delivered, twice."""
    import socket

    from app.home import socket_path

    found = []
    for _ in range(2):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(socket_path(node.home)))
            body = {"v": 1, "kind": "query", "agent": "tester", "request_id": request_id}
            link.sendall(json.dumps(body, separators=(",", ":")).encode() + b"\n")
            with link.makefile() as lines:
                found.append(json.dumps(json.loads(lines.readline())["envelope"]))
    return found


def test_kill_9_brings_back_decisions_the_log_and_experiences(tmp_path: Path) -> None:
    with doomed_node(tmp_path, "never") as process:
        for _ in range(5):
            assert ask(tmp_path, SAFE).result().allowed
        asking = ask(tmp_path, DESTRUCTIVE)
        until(lambda: _waiting_rows(tmp_path), "the question")
        process.kill()
        process.wait()
    with running_node(tmp_path) as node:
        reader = node.node.store.reader()
        result = verify(reader, node.node.identity.vkey)
        reader.close()
        assert result.ok, result.why
        assert result.entries >= 7
        view = node.waiting("query")
        node.answer(view, "reject")
        assert asking.result().verdict == "deny"


def _waiting_rows(home: Path) -> int:
    reader = open_reader(home)
    try:
        return int(reader.execute("SELECT count(*) FROM decisions").fetchone()[0])
    finally:
        reader.close()


@pytest.mark.fault(31)
def test_fault_31_a_backup_under_load_verifies(tmp_path: Path) -> None:
    target = tmp_path / "copy"
    target.mkdir()
    with running_node(tmp_path / "home") as node:
        askings = [node.ask(SAFE) for _ in range(10)]
        node.node.store.backup(target / "store.db")
        assert all(asking.result().allowed for asking in askings)
        vkey = node.node.identity.vkey
    reader = open_reader(target)
    result = verify(reader, vkey)
    reader.close()
    assert result.ok, result.why
    assert parse_verifier_key(vkey).name == node.node.identity.node


def test_deadlines_are_absolute_over_a_restart(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        asking = node.ask(DESTRUCTIVE, timeout_s=1.0)
        node.waiting("query")
    time.sleep(1.0)  # the deadline is the wall clock's, and passes while no node runs
    assert asking.result().verdict in {"deny", "expired"}
    with running_node(tmp_path) as again:
        until(lambda: not len(again.node.engine.queue), "the expiry")
        reader = again.node.store.reader()
        (found,) = query(reader, Query(kind="verdict"), limit=5)
        reader.close()
        assert found.entry.verdict == "expired"
