"""Stops, pauses and their ends, ordered while others are being recorded: the last one holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.desk import DeskError
from storage import open_reader
from tests.gate.test_hang_up import writer_held
from tests.support import PATIENCE_S, RunningNode, running_node, until


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    with running_node(tmp_path) as running:
        yield running


def recorded_as_stopped(home: Path) -> bool:
    reader = open_reader(home)
    try:
        return bool(reader.execute("SELECT paused FROM agents WHERE name = ''").fetchone()[0])
    finally:
        reader.close()


def test_a_stop_that_is_ordered_while_a_resume_is_recorded_stands(node: RunningNode) -> None:
    stops, desk = node.node.engine.operators.stops, node.desk
    desk.stop_everything(True).result(PATIENCE_S)
    with writer_held(node):
        opening = desk.stop_everything(False)
        until(lambda: stops._resuming, "the resume under way")
        again = desk.stop_everything(True)
        until(lambda: stops._stops == 2, "the second stop")
        assert node.node.engine.core.stopped
    assert "stopped anew" in str(opening.exception(PATIENCE_S))
    assert again.result(PATIENCE_S) == "everything is stopped"
    assert node.node.engine.core.stopped
    assert recorded_as_stopped(node.home)
    assert desk.stop_everything(False).result(PATIENCE_S) == "intake is open again"
    assert not recorded_as_stopped(node.home)


def test_of_two_resumes_one_opens_and_the_other_hears_so(node: RunningNode) -> None:
    desk = node.desk
    desk.stop_everything(True).result(PATIENCE_S)
    with writer_held(node):
        both = [desk.stop_everything(False), desk.stop_everything(False)]
        until(lambda: node.node.engine.operators.stops._resuming == 2, "both under way")
    assert both[0].result(PATIENCE_S) == "intake is open again"
    assert "open already" in str(both[1].exception(PATIENCE_S))
    assert not node.node.engine.core.stopped


def test_a_pause_that_is_ordered_while_its_end_is_recorded_stands(node: RunningNode) -> None:
    engine, desk = node.node.engine, node.desk
    desk.pause_agent("tester").result(PATIENCE_S)
    with writer_held(node):
        ending = node.node.call(engine.operators.stops.pause_agent("tester", "ada", pause=False))
        again = node.node.call(engine.operators.stops.pause_agent("tester", "eve", pause=True))
        until(engine.operators.stops._pausing.locked, "the first under way")
    assert ending.result(PATIENCE_S) == "tester is resumed"
    assert again.result(PATIENCE_S) == "tester is paused"
    assert "tester" in engine.core.paused


def test_what_is_so_already_is_refused(node: RunningNode) -> None:
    node.desk.stop_everything(True).result(PATIENCE_S)
    with pytest.raises(DeskError, match="stopped already"):
        node.desk.stop_everything(True).result(PATIENCE_S)
    node.desk.stop_everything(False).result(PATIENCE_S)
    with pytest.raises(DeskError, match="open already"):
        node.desk.stop_everything(False).result(PATIENCE_S)
