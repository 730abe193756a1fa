"""A replay that goes wrong says so, in its figures or by ending."""

from pathlib import Path

import pytest

from app import replay
from app.intake.client import Client, NoNode
from app.node.serving import RECORDED
from app.replay_remote import replay_to_node
from tests.support import running_node

DROP = b'{"tool": "query", "arguments": {"sql": "DROP TABLE t"}}\n'


def test_a_fault_that_no_row_foresees_is_not_swallowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("the key is gone")

    monkeypatch.setenv("ASSENT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(replay, "tune_interpreter", lambda _: None)
    monkeypatch.setattr(replay, "sign_answer", broken)
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(DROP)
    with pytest.raises(ExceptionGroup) as caught:
        replay.replay(replay.Plan(str(rows), "approve", None))
    assert caught.group_contains(RuntimeError, match="the key is gone")


def test_what_a_running_node_refuses_unjudged_counts_as_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_node(tmp_path) as node:
        node.node.store.writer.freeze("a test says so")
        result = replay_to_node(tmp_path, [DROP, DROP], None)
    assert (result["actions"], result["errors"], result["deny"]) == (2, 2, 0)
    assert "423" in capsys.readouterr().err


def test_a_replay_where_a_home_is_taken_and_nobody_answers_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path / "home"))
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(DROP)
    with running_node(tmp_path / "home", serving=RECORDED), pytest.raises(replay.CANNOT_REPLAY):
        replay.replay(replay.Plan(str(rows), "wait", None))


def test_rows_that_a_node_which_ends_leaves_unanswered_are_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object, **__: object) -> None:
        raise NoNode("it has ended")

    with running_node(tmp_path):
        monkeypatch.setattr(Client, "ask", gone)
        result = replay_to_node(tmp_path, [DROP, DROP], None)
    assert (result["actions"], result["errors"]) == (2, 2)
