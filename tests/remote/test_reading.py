"""What a console elsewhere looks up, and the files that it writes at its own side."""

import csv
from pathlib import Path

import pytest

from app.desk import AuditFilter, DeskError
from components.actions import Action
from tests.remote.harness import Remote, Sitting
from tests.support import PATIENCE_S, until

SAFE = Action(tool="read_file", arguments={"path": "notes.txt"}, request="read my notes")


def go_on(done: int, total: int) -> bool:
    return True


@pytest.fixture
def ada(remote: Remote):
    with remote.attached("ada") as sitting:
        for number in range(3):
            remote.running.ask(SAFE, agent=f"agent-{number}").result()
        yield sitting


def test_the_log_is_read_page_by_page_as_at_the_node(remote: Remote, ada: Sitting) -> None:
    wanted = AuditFilter(kind="verdict")
    here, there = ada.desk, remote.running.desk
    rows = here.audit_page(wanted, None, 2)
    assert list(rows) == list(there.audit_page(wanted, None, 2))
    assert list(here.audit_page(wanted, rows[-1].seq, 2)) == list(
        there.audit_page(wanted, rows[-1].seq, 2)
    )
    assert here.audit_detail(rows[0].seq) == there.audit_detail(rows[0].seq)
    with pytest.raises(DeskError, match="no entry"):
        here.audit_detail(10**9)
    assert "entries hold" in here.audit_verify(go_on)


def test_an_export_here_is_the_one_there(
    remote: Remote, ada: Sitting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.remote.exporting._PAGE", 2)
    wanted = AuditFilter(kind="verdict")
    assert ada.desk.audit_export(wanted, tmp_path / "here", go_on).startswith("3 entries")
    remote.running.desk.audit_export(wanted, tmp_path / "there", go_on)
    assert (tmp_path / "here").read_text() == (tmp_path / "there").read_text()
    with pytest.raises(DeskError, match="there already"):
        ada.desk.audit_export(wanted, tmp_path / "here", go_on)
    with pytest.raises(DeskError, match="stopped"):
        ada.desk.audit_export(AuditFilter(), tmp_path / "no", lambda *_: False)
    assert not (tmp_path / "no").exists()
    with pytest.raises(DeskError, match="cannot be written"):
        ada.desk.audit_export(wanted, tmp_path / "no" / "file", go_on)


def test_trends_alerts_reports_and_baselines(remote: Remote, ada: Sitting, tmp_path: Path) -> None:
    now = remote.node.clock.now()
    operation = until(lambda: ada.desk.snapshot().all_operations)[0].name
    view = ada.desk.trend(operation, now - 600_000_000, now, 50)
    assert view.operation == operation
    ada.desk.trend_export(operation, now - 600_000_000, now, tmp_path / "trend.csv")
    head, *_ = csv.reader((tmp_path / "trend.csv").read_text().splitlines())
    assert head[:3] == ["operation", "level", "start"]
    assert ada.desk.alert_history(None, 10) == tuple(remote.running.desk.alert_history(None, 10))
    assert ada.desk.report("daily").title == remote.running.desk.report("daily").title
    with pytest.raises(DeskError, match="baseline"):
        ada.desk.set_baseline("../x", 5)
    for future in (
        ada.desk.acknowledge("none", "seen"),
        ada.desk.silence("none", 5, "known"),
        ada.desk.unsilence("none"),
        ada.desk.accept_recommendation("none"),
        ada.desk.dismiss_recommendation("none", "not for us"),
    ):
        assert ada.refused(future).code in {404, 409}


def test_long_work_is_heard_of_and_can_be_stopped(remote: Remote, ada: Sitting) -> None:
    heard: list[tuple[int, int]] = []

    def once(done: int, total: int) -> bool:
        heard.append((done, total))
        return False

    ada.link.up = lambda _: []
    with pytest.raises(DeskError, match="stopped before the end"):
        ada.desk.audit_verify(once)
    ada.link.up = lambda message: [message]
    assert heard == [(0, 0)]
    assert not ada.desk._session._under_way.about()


def test_too_much_at_once_is_told_before_it_is_sent(remote: Remote, ada: Sitting) -> None:
    sent = len(ada.link.sent)
    future = ada.desk.dismiss_recommendation("r", "x" * 300_000)
    assert (ada.refused(future).code, len(ada.link.sent) - sent) == (413, 0)
    future = ada.desk.dismiss_recommendation("r", "x" * 5_000)
    assert ada.refused(future).code == 422


def test_many_at_once_are_all_answered(remote: Remote, ada: Sitting) -> None:
    futures = [ada.desk.claim(f"d-{number}") for number in range(60)]
    assert {ada.refused(future).code for future in futures} <= {404, 429}
    assert ada.desk.stop_everything().result(PATIENCE_S) == "everything is stopped"


def test_only_this_node_and_this_operator_are_here(remote: Remote, ada: Sitting) -> None:
    assert ada.desk.nodes() == (remote.vkey.name,)
    ada.desk.switch_node(remote.vkey.name)
    with pytest.raises(DeskError, match="alone"):
        ada.desk.switch_node("elsewhere")
    assert "own key" in str(ada.refused(ada.desk.switch_operator("grace", "words")))
    assert [person.name for person in ada.desk.operators()] == ["ada"]
