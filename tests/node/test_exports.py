"""What a console writes out of a running node."""

import sys
from pathlib import Path

import pytest

from app.desk import AuditFilter, DeskError
from tests.support import running_node


def test_an_export_that_is_stopped_leaves_no_file_that_looks_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["components.audit_system.query"], "_STEP", 1)
    target = tmp_path / "log.jsonl"
    with running_node(tmp_path / "home") as node:
        with pytest.raises(DeskError, match="stopped"):
            node.desk.audit_export(AuditFilter(), target, lambda *_: False)
        assert not target.exists()
        assert "written" in node.desk.audit_export(AuditFilter(), target, lambda *_: True)
        with pytest.raises(DeskError, match="there already"):
            node.desk.audit_export(AuditFilter(), target, lambda *_: True)
        assert target.read_text().splitlines()[-1].startswith('{"checkpoint"')
