"""A home that is open is shown before the node starts: with what the store tells, and no more."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app.console
from app import session
from app.desk import DeskError
from app.home import LEARNED_PACK, socket_path
from app.node import node as opening
from app.node import restore
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.settings import Settings
from components.actions import Action
from components.clock import SystemClock
from components.hitl import BadPolicy
from components.intent_firewall import BadPack
from tests.support import PATIENCE_S, running_node

DESTRUCTIVE = Action(tool="query", arguments={"sql": "DROP TABLE customers"})
WHAT_SCREENS = {
    "components.gate", "components.intent_firewall", "components.advisor", "psutil", "sqlglot",
    "textual.widgets._text_area",
}  # fmt: skip
"""Not imported before the first screen stands."""


def opened(home: Path, settings: Settings | None = None) -> Node:
    node = Node(home, settings or Settings(), SystemClock())
    node.open()
    return node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    found = opened(tmp_path)
    yield found
    found.stop()


def test_an_open_node_says_that_it_is_starting_and_answers_nobody(node: Node) -> None:
    shown = LocalDesk(node).snapshot()
    assert (shown.health.state, shown.health.waiting) == ("starting", 0)
    assert not node.ready
    assert not socket_path(node.home).exists()


def test_what_waits_is_counted_before_the_start(tmp_path: Path) -> None:
    with running_node(tmp_path) as running:
        running.ask(DESTRUCTIVE)
        running.waiting("query")
        head = running.node.audit.head
    node = opened(tmp_path)
    try:
        health = LocalDesk(node).snapshot().health
        assert health.waiting == 1
        assert health.audit_size > head.size
        assert health.audit_root == node.audit.head.root
    finally:
        node.stop()


def test_a_desk_does_nothing_until_it_begins(node: Node) -> None:
    desk = LocalDesk(node)
    assert desk.decision("d1") is None
    assert desk.fate("d1") == ""
    assert not desk.is_paused("a")
    assert not desk.is_stopped()
    with pytest.raises(DeskError, match="still starting"):
        desk.stop_everything().result(PATIENCE_S)
    with pytest.raises(DeskError, match="still starting"):
        desk.audit_page(None, None, 1)  # type: ignore[arg-type] - it is not looked at
    node.start()
    assert desk.snapshot().health.state == "starting"
    desk.begin()
    assert desk.stop_everything().result(PATIENCE_S)
    assert desk.is_stopped()


def test_bad_packs_and_policies_are_refused_before_the_start(tmp_path: Path) -> None:
    bad_policy = Settings(hitl={"critical": {"nonsense": 1}})
    with pytest.raises(BadPolicy):
        opened(tmp_path, bad_policy)
    learned = tmp_path / LEARNED_PACK
    learned.parent.mkdir()
    learned.write_text("nonsense = 1\n")
    for _ in range(2):  # the home is closed again each time
        with pytest.raises(BadPack, match=r"learned\.toml"):
            opened(tmp_path)
    learned.unlink()
    opened(tmp_path).stop()


def test_what_screens_is_not_imported_before_the_first_screen() -> None:
    code = "import sys, app.session, app.console; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "app.console.app" in loaded
    assert not WHAT_SCREENS & loaded


def test_a_node_at_rest_has_not_imported_what_reads_sql() -> None:
    code = "import sys, app.node.engine, app.node.service; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"sqlglot", "textual"} & set(done.stdout.split())


def run(home: Path, monkeypatch: pytest.MonkeyPatch, console: Any) -> int:
    monkeypatch.setenv("ASSENT_HOME", str(home))
    monkeypatch.setattr(session, "tune_interpreter", lambda _: None)
    monkeypatch.setattr(app.console, "run_console", console)
    return session.run_node(console=True, demo=False, seconds=None, as_json=True)


def never(*_: object, **__: object) -> int:
    raise AssertionError("painted")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("[console.keys]\napprove = 'enter'\n", "console.keys"),
        ("[hitl.critical]\nnonsense = 1\n", "nonsense"),
        ("[firewall]\npacks = ['none.toml']\n", "none.toml"),
        ("[node]\nnonsense = 1\n", "nonsense"),
    ],
)
def test_a_bad_home_is_refused_before_anything_is_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    settings: str, told: str,
) -> None:  # fmt: skip
    (tmp_path / "assent.toml").write_text(settings)
    assert run(tmp_path, monkeypatch, never) == 2
    assert told in "".join(capsys.readouterr())


def test_a_start_that_fails_behind_the_console_is_told_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(self: Node) -> None:
        raise OSError(98, "Address already in use", str(socket_path(self.home)))

    def console(*_: object, begin: Any, **__: object) -> int:
        assert not begin()
        return app.console.NOT_BEGUN

    monkeypatch.setattr(Node, "start", fail)
    assert run(tmp_path, monkeypatch, console) == 2
    assert "address already in use" in "".join(capsys.readouterr())
    opened(tmp_path).stop()  # nothing was left open


def test_a_console_that_is_left_before_the_node_starts_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tmp_path, monkeypatch, lambda *_, **__: 0) == 0
    opened(tmp_path).stop()


def test_what_waits_is_found_without_reading_what_was_decided(node: Node) -> None:
    with contextlib.closing(node.store.reader()) as reader:
        for query in (opening._WAITING, restore._WAITING):
            plan = reader.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
            assert all("decisions_waiting" in step for *_, step in plan), plan
