"""A recommended setting changes the file once an operator has allowed it, and not before."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings, load
from app.settings_edit import CannotSet, figure_of, set_figure
from components.gate import Refusal, Reported
from tests.advisor.advising import setting_of
from tests.support import PATIENCE_S, RunningNode, running_node, until

WRITTEN = """\
# ours
[performance]            # tuned by hand
largest_batch = 64       # see the notes of May
gc_threshold = 20000

[console]
theme = "light"
"""
BATCH = setting_of("largest_batch", 64.0, 256.0)
GARBAGE = setting_of("gc_threshold", 20_000.0, 50_000.0)


class Tuned:
    """A running node whose live settings only write down."""

    def __init__(self, running: RunningNode) -> None:
        self.running = running
        self.applied: list[float] = []
        self.book = running.node.engine.advice
        self.tuning = running.node.engine.tuning
        self.tuning._live = {"gc_threshold": self.applied.append}

    def accept(self, recommendation_id: str) -> "Future[str]":
        return self.running.node.call(self.tuning.accept(recommendation_id, "ada"))

    def state(self, recommendation_id: str) -> str:
        kept = self.book.get(recommendation_id)
        assert kept is not None
        return kept.state

    def ended(self, recommendation_id: str) -> str:
        until(lambda: self.state(recommendation_id) != "accepted", "an end")
        return self.state(recommendation_id)


@contextmanager
def tuned(home: Path, settings: Settings | None = None) -> Iterator[Tuned]:
    with running_node(home, settings or load(home)) as running:
        yield Tuned(running)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "assent.toml").write_text(WRITTEN)
    return tmp_path


def text(home: Path) -> str:
    return (home / "assent.toml").read_text()


def test_it_is_asked_about_and_once_allowed_written(home: Path) -> None:
    with tuned(home) as node:
        node.book.listed([BATCH])
        said = node.accept(BATCH.id).result(PATIENCE_S)
        view = node.running.waiting("settings.change")
        assert view.id in said
        assert view.priority == "medium"
        assert text(home) == WRITTEN
        node.running.answer(view, "approve")
        assert node.ended(BATCH.id) == "done"
        kinds = recorded(node)
    assert text(home) == WRITTEN.replace("largest_batch = 64 ", "largest_batch = 256 ")
    assert load(home).performance.largest_batch == 256
    assert node.applied == []
    assert {"consumed", "outcome"} <= kinds


def recorded(node: Tuned) -> set[str]:
    """The kinds of entries in the audit log that are the node's own actions."""
    with closing(node.running.node.store.reader()) as reader:
        rows = reader.execute("SELECT kind FROM audit_entries WHERE agent = 'assent'").fetchall()
    return {kind for (kind,) in rows}


def test_what_can_take_effect_at_once_does(home: Path) -> None:
    with tuned(home) as node:
        node.book.listed([GARBAGE])
        node.accept(GARBAGE.id).result(PATIENCE_S)
        node.running.answer(node.running.waiting("settings.change"), "approve")
        assert node.ended(GARBAGE.id) == "done"
        assert node.applied == [50_000.0]
        kept = node.book.get(GARBAGE.id)
        assert kept is not None
        assert kept.why == "performance.gc_threshold = 50000, in force"
        until(lambda: any(isinstance(event, Reported) for event in node.running.events))
    assert "gc_threshold = 50000" in text(home)


def test_what_is_denied_changes_nothing_and_is_dismissed(home: Path) -> None:
    with tuned(home) as node:
        node.book.listed([GARBAGE])
        node.accept(GARBAGE.id).result(PATIENCE_S)
        node.running.answer(node.running.waiting("settings.change"), "reject", reason="no")
        assert node.ended(GARBAGE.id) == "dismissed"
        assert node.book.listed([GARBAGE]) == ()
        assert node.applied == []
    assert text(home) == WRITTEN


def test_what_expires_changes_nothing_and_stays_open(home: Path) -> None:
    hurried: dict[str, Any] = {"medium": {"wait_s": 1, "on_timeout": "deny"}}
    with tuned(home, Settings(hitl=hurried)) as node:
        node.book.listed([GARBAGE])
        node.accept(GARBAGE.id).result(PATIENCE_S)
        assert node.ended(GARBAGE.id) == "open"
        assert node.applied == []
    assert text(home) == WRITTEN


def test_an_operator_may_change_what_is_proposed(home: Path) -> None:
    with tuned(home) as node:
        node.book.listed([BATCH])
        node.accept(BATCH.id).result(PATIENCE_S)
        view = node.running.waiting("settings.change")
        arguments = {"key": "performance.largest_batch", "before": 64, "after": 128}
        node.running.answer(view, "modify", arguments=arguments)
        assert node.ended(BATCH.id) == "done"
    assert load(home).performance.largest_batch == 128


@pytest.mark.parametrize(
    "arguments",
    [
        {"key": "operator.tier", "before": 3, "after": 1},
        {"key": "performance.largest_batch", "before": 64, "after": 0},
        {"key": "performance.largest_batch", "before": 64, "after": True},
        {"key": "performance.nothing", "before": 64, "after": 1},
    ],
)
def test_nothing_but_a_figure_within_its_bounds_is_written(
    home: Path, arguments: dict[str, Any]
) -> None:
    with tuned(home) as node:
        node.book.listed([BATCH])
        node.accept(BATCH.id).result(PATIENCE_S)
        view = node.running.waiting("settings.change")
        node.running.answer(view, "modify", arguments=arguments)
        assert node.ended(BATCH.id) == "open"
        until(lambda: any(isinstance(event, Reported) for event in node.running.events))
        (told,) = [event for event in node.running.events if isinstance(event, Reported)]
        assert told.outcome.status == "failed"
    assert text(home) == WRITTEN


def test_a_file_that_changed_meanwhile_is_left_alone(home: Path) -> None:
    other = WRITTEN.replace("largest_batch = 64", "largest_batch = 99")
    with tuned(home) as node:
        node.book.listed([BATCH])
        node.accept(BATCH.id).result(PATIENCE_S)
        view = node.running.waiting("settings.change")
        (home / "assent.toml").write_text(other)
        node.running.answer(view, "approve")
        assert node.ended(BATCH.id) == "open"
        with pytest.raises(Refusal, match="is 99 by now"):
            node.accept(BATCH.id).result(PATIENCE_S)
    assert text(home) == other


def test_what_waits_when_the_node_ends_is_carried_out_by_the_next(home: Path) -> None:
    with tuned(home) as node:
        node.book.listed([BATCH])
        node.accept(BATCH.id).result(PATIENCE_S)
        node.running.waiting("settings.change")
    with tuned(home) as node:
        assert node.state(BATCH.id) == "accepted"  # the node has taken it up by itself
        node.running.answer(node.running.waiting("settings.change"), "approve")
        assert node.ended(BATCH.id) == "done"
    assert load(home).performance.largest_batch == 256


def test_it_is_accepted_once(home: Path) -> None:
    with tuned(home) as node:
        node.book.listed([BATCH])
        node.accept(BATCH.id).result(PATIENCE_S)
        with pytest.raises(Refusal, match="waits for a decision already"):
            node.accept(BATCH.id).result(PATIENCE_S)
        with pytest.raises(Refusal, match="waits for a decision"):
            node.running.node.call(node.tuning.dismiss(BATCH.id, "ada")).result(PATIENCE_S)


def test_two_at_once_ask_once(home: Path) -> None:
    with tuned(home) as node:
        node.book.listed([BATCH])

        async def both() -> list[Any]:
            work = [node.tuning.accept(BATCH.id, name) for name in ("ada", "bob")]
            return await asyncio.gather(*work, return_exceptions=True)

        results = node.running.node.call(both()).result(PATIENCE_S)
        assert sorted(type(result).__name__ for result in results) == ["Refusal", "str"]
        assert node.running.node.engine.queue.pending(10)[1:] == []


def test_what_is_unknown_or_no_setting_is_refused(home: Path) -> None:
    from msgspec.structs import replace

    advice = replace(BATCH, id="disk", setting=None)
    with tuned(home) as node:
        node.book.listed([advice])
        with pytest.raises(Refusal, match="no such recommendation"):
            node.accept("nothing").result(PATIENCE_S)
        with pytest.raises(Refusal, match="for people to do"):
            node.accept("disk").result(PATIENCE_S)
        said = node.running.node.call(node.tuning.dismiss("disk", "ada")).result(PATIENCE_S)
        assert said.startswith("dismissed")
        assert node.state("disk") == "dismissed"


def test_the_same_tool_of_an_agent_is_asked_about_and_does_nothing(home: Path) -> None:
    from components.actions import Action

    arguments = {"key": "performance.largest_batch", "before": 64, "after": 1}
    with tuned(home) as node:
        asking = node.running.ask(Action(tool="settings.change", arguments=arguments))
        node.running.answer(node.running.waiting("settings.change"), "approve")
        asking.result()
    assert text(home) == WRITTEN


@pytest.mark.parametrize(
    "before",
    ["", "[node]\nname = 'a'  # mine\n", "# [performance]\n# gc_threshold = 1\n",
     "performance.gc_threshold = 20_000  # dotted\r\n[node]\r\nname = 'a'\r\n"],
)  # fmt: skip
def test_the_rest_of_the_file_stays(tmp_path: Path, before: str) -> None:
    file = tmp_path / "assent.toml"
    if before:
        file.write_bytes(before.encode())
    set_figure(tmp_path, "performance", "gc_threshold", 20_000.0, 700.0)
    assert figure_of(tmp_path, "performance", "gc_threshold") == 700.0
    after = file.read_bytes().decode()
    assert all(line.partition("=")[0] in after for line in before.splitlines())
    assert all(line in after for line in before.splitlines() if "20_000" not in line)
    assert [one.name for one in tmp_path.iterdir()] == ["assent.toml"]


def test_the_file_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "assent.toml"
    file.write_text("# mine\n")
    file.chmod(0o640)
    set_figure(tmp_path, "performance", "switch_interval_ms", 0.1, 2.5)
    assert file.stat().st_mode & 0o777 == 0o640
    assert load(tmp_path).performance.switch_interval_ms == 2.5


def test_a_file_that_is_broken_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "assent.toml"
    file.write_text("[performance\n")
    with pytest.raises(CannotSet, match=r"assent\.toml"):
        set_figure(tmp_path, "performance", "gc_threshold", 20_000.0, 700.0)
    assert file.read_text() == "[performance\n"
