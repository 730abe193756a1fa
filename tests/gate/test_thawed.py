"""A store that froze since its files were taken away: once thawed, the gate knows all it said."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from components.actions import Outcome
from components.gate import Reported
from tests.gate.test_consume import allowed, call, refused, submission
from tests.support import running_node


def log_removed(home: Path) -> None:
    (home / "store.db-wal").unlink()


def all_restored(home: Path) -> None:
    """Equal files in their places, as from a copy."""
    for name in ("store.db", "store.db-wal"):
        copy = home / f"{name}.copy"
        shutil.copy2(home / name, copy)
        copy.replace(home / name)
    (home / "store.db-shm").unlink()


@pytest.mark.parametrize("strike", [log_removed, all_restored])
def test_requests_and_outcomes_are_known_after_a_thaw(
    tmp_path: Path, strike: Callable[[Path], None]
) -> None:
    with running_node(tmp_path) as node:
        gate, before = node.node.engine.gate, allowed(node)
        known = call(node, gate.query("tester", before.action.id))
        strike(tmp_path)
        assert refused(node, gate.submit(submission(node))) == 423
        assert "takes records again" in node.desk.audit_verify(lambda *_: True)
        after = allowed(node)
        assert call(node, gate.query("tester", before.action.id)) == known
        given = call(node, gate.query("tester", after.action.id))
        assert call(node, gate.submit(replace(after, attempt=2))) == given
        call(node, gate.outcome(Outcome(request_id=after.action.id, agent="tester", status="ok")))
        assert any(isinstance(event, Reported) for event in node.events)
