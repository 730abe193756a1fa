"""`assent metrics`: a running node tells its figures through its socket."""

import json
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from app.cli import main
from components.actions import Action
from tests.support import running_node, until

SAFE = Action(tool="read_file", arguments={"path": "notes.txt"}, request="read my notes")
CALLS = "assent_operation_seconds_count"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path))
    return tmp_path


def verdicts(families: list[dict[str, Any]]) -> float:
    """How many verdicts of the gate are told."""
    gate = {"component": "gate", "operation": "verdict"}
    (count,) = (
        sample["value"]
        for family in families
        for sample in family["samples"]
        if sample["name"] == CALLS and sample["labels"] == gate
    )
    return float(count)


def test_a_running_node_tells_its_figures(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told() -> bool:
        """Figures are digested once a second."""
        assert main(["metrics", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["ok"] is True
        return verdicts(found["families"]) == 1

    with running_node(home) as node:
        assert node.ask(SAFE).result().verdict == "allow"
        until(told, "the verdict in the figures")
        assert main(["metrics"]) == 0
    text = capsys.readouterr().out
    assert text.endswith("# EOF\n")
    names = {family.name for family in text_string_to_metric_families(text)}
    assert {"assent_operation_seconds", "assent_build", "assent_audit_entries"} <= names


def test_no_node_is_5(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics"]) == 5
    assert "assent run" in capsys.readouterr().err
    assert main(["metrics", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["ok"] is False
