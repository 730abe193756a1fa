"""Each action is one experience, whatever happens between its verdict and its outcome."""

from pathlib import Path

import pytest

from components.actions import Action
from components.evolution_core import Wanted, query
from components.gate import Refusal
from tests.support import RunningNode, running_node, with_client

SAFE = Action(tool="read_file", arguments={"path": "notes.txt"}, request="read my notes")


def experiences(node: RunningNode) -> list[tuple[str, int]]:
    node.node.engine.evolution.flush()
    reader = node.node.store.reader()
    try:
        found = [stored.experience for stored in query(reader, Wanted(), limit=100)]
    finally:
        reader.close()
    return [(experience.status, experience.duration_us) for experience in found]


def report(node: RunningNode, leave, duration_us: int) -> bool:
    return with_client(node.home, lambda client: client.outcome(leave, "ok", duration_us))


def test_an_outcome_after_a_restart_is_the_same_one_experience(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        leave = node.ask(SAFE).result()
        assert experiences(node) == []
    with running_node(tmp_path) as again:
        assert report(again, leave, 42)
        assert report(again, leave, 43)
        assert experiences(again) == [("ok", 42)]


def test_an_outcome_that_comes_after_it_was_given_up_is_recorded_but_not_learned_twice(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("app.node.learner.UNREPORTED_AFTER_US", 0)
    with running_node(tmp_path) as node:
        leave = node.ask(SAFE).result()
        node.node.call(node.node.engine._tick()).result()
        assert experiences(node) == [("", 0)]
        assert report(node, leave, 42)
        assert experiences(node) == [("", 0)]
        assert node.node.engine.audit.head.size == 3


def test_what_cannot_be_given_up_on_disk_is_still_awaited(tmp_path: Path, monkeypatch) -> None:
    with running_node(tmp_path) as node:
        engine = node.node.engine
        leave = node.ask(SAFE).result()
        monkeypatch.setattr("app.node.learner.UNREPORTED_AFTER_US", 0)
        node.node.store.writer.freeze("a test says so")
        with pytest.raises(Refusal):
            node.node.call(engine._tick()).result()
        monkeypatch.undo()
        node.desk.audit_verify(lambda done, total: True)
        assert report(node, leave, 42)
        assert experiences(node) == [("ok", 42)]


def test_a_timer_that_fails_raises_an_alert_and_goes_on(tmp_path: Path) -> None:
    from tests.support import until

    with running_node(tmp_path) as node:
        engine = node.node.engine
        queue, engine.queue.due = engine.queue, None
        until(lambda: any(a.name == "timers" for a in engine.conditions.active()), "the alert")
        del queue.due
        until(lambda: not engine.conditions.active(), "the end of the alert")
