"""A gate that hangs or has ended is seen at the console, and ends the program with a failure."""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import session
from app.node import node as node_module
from app.node.node import Node
from tests.support import PATIENCE_S, RunningNode, running_node, until


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningNode]:
    monkeypatch.setattr(node_module, "SILENT_AFTER_S", 0.2)
    with running_node(tmp_path) as running:
        yield running


def silent(node: RunningNode) -> bool:
    health = node.desk.snapshot().health
    return health.state == "frozen" and "has not answered" in health.detail


def test_a_gate_that_hangs_is_shown_and_one_that_goes_on_too(node: RunningNode) -> None:
    go = threading.Event()
    node.node.loop.call_soon_threadsafe(go.wait, PATIENCE_S)
    until(lambda: silent(node), "the sign that the gate hangs")
    go.set()
    until(lambda: node.desk.snapshot().health.state == "open", "the sign that it goes on")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_gate_that_ended_is_shown(node: RunningNode) -> None:
    node.node.loop.call_soon_threadsafe(sys.exit)
    until(lambda: not node.node.alive, "the end of the gate")
    until(lambda: silent(node), "the sign that it ended")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("as_json", [False, True])
def test_a_run_whose_gate_failed_ends_with_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    as_json: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path))
    monkeypatch.setattr(session, "tune_interpreter", lambda _: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    start = Node.start

    def start_and_fail(self: Node) -> None:
        start(self)
        self.loop.call_soon_threadsafe(sys.exit)
        until(lambda: not self.alive, "the end of the gate")

    monkeypatch.setattr(Node, "start", start_and_fail)
    assert session.run_node(console=False, demo=False, seconds=PATIENCE_S, as_json=as_json) == 1
    told = capsys.readouterr()
    assert "the gate failed" in (json.loads(told.out)["why"] if as_json else told.err)
