"""Tier 3 wants two people: one console, two operators, two keys."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import people
from app.desk import DeskError
from components.actions import Action
from components.audit_system import LogEntry, Query, query, verify
from tests.support import PATIENCE_S, Asking, RunningNode, running_node, shown

DROP = Action(tool="query", arguments={"sql": "DROP TABLE customers"})
WORDS = "correct horse battery"


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("people")
    people.enrol(home, "grace", 3, WORDS)
    people.enrol(home, "junior", 1, WORDS)
    return home


@pytest.fixture
def node(enrolled: Path, tmp_path: Path) -> Iterator[RunningNode]:
    shutil.copytree(enrolled / "operators", tmp_path / "operators")
    with running_node(tmp_path) as running:
        yield running


def at_tier_three(node: RunningNode) -> Asking:
    asking = node.ask(DROP)
    view = node.waiting("query")
    for _ in range(3 - view.tier):
        node.desk.escalate(view.id).result(PATIENCE_S)
    assert node.waiting("query").second_needed
    return asking


def seat(node: RunningNode, name: str, words: str = WORDS) -> str:
    return node.desk.switch_operator(name, words).result(PATIENCE_S)


def entries(node: RunningNode, **wanted: str) -> list[LogEntry]:
    reader = node.node.store.reader()
    try:
        assert verify(reader, node.node.identity.vkey).ok
        return query(reader, Query(**wanted), limit=100)
    finally:
        reader.close()


@pytest.mark.fault(89)
def test_fault_89_two_people_approve_and_one_person_twice_is_refused(node: RunningNode) -> None:
    own = node.desk.operator
    asking = at_tier_three(node)
    assert "a second person must approve too" in node.answer(node.waiting("query"), "approve")
    view = node.waiting("query")
    assert view.answered_by == (own,)
    with pytest.raises(DeskError, match="another person must too"):
        node.answer(view, "approve")
    seat(node, "grace")
    assert node.desk.operator == "grace"
    node.answer(node.waiting("query"), "approve")
    leave = asking.result()
    assert leave.allowed
    (verdict,) = entries(node, kind="verdict")
    assert verdict.entry.operator == "grace"
    assert verdict.entry.detail["with"] == [own]
    first = entries(node, kind="decision.approve")[-1]
    assert (first.entry.operator, first.entry.detail["key_id"]) == (
        own,
        node.node.identity.keyring().of(own)[0].key_id,
    )
    assert verdict.entry.detail["key_id"] != first.entry.detail["key_id"]
    (switched,) = entries(node, kind="operator.switched")
    assert (switched.entry.operator, switched.entry.detail["from"]) == ("grace", own)


def test_what_the_first_of_two_made_of_an_action_is_in_the_log(node: RunningNode) -> None:
    asking = at_tier_three(node)
    node.answer(node.waiting("query"), "modify", arguments={"sql": "SELECT 1"})
    first = entries(node, kind="decision.modify")[-1].entry
    seat(node, "grace")
    view = node.waiting("query")
    assert first.detail["changed_to"] == view.digest != first.digest
    assert view.headline == "query  SELECT 1"
    assert view.sections[0].body == "SELECT 1"
    own = node.node.identity.operator
    assert view.sections[1].title == f"changed by {own}; asked was"
    assert "DROP TABLE" in view.sections[1].body
    node.answer(view, "modify", arguments={"sql": "SELECT 2"})
    seat(node, own, "")
    node.answer(node.waiting("query"), "approve")
    assert asking.result().arguments == {"sql": "SELECT 2"}
    second = entries(node, kind="decision.modify")[0].entry
    (verdict,) = entries(node, kind="verdict")
    assert second.detail["changed_to"] == verdict.entry.digest
    assert verdict.entry.detail["replaces"] == first.digest == second.digest


def test_what_the_first_changed_and_the_second_rejects_reaches_the_agent(node: RunningNode) -> None:
    asking = at_tier_three(node)
    node.answer(node.waiting("query"), "modify", arguments={"sql": "SELECT 1"})
    seat(node, "grace")
    node.answer(node.waiting("query"), "reject", reason="not on a Friday")
    leave = asking.result()
    assert (leave.verdict, leave.rule) == ("deny", "hitl.operator")
    assert any("not on a Friday" in reason for reason in leave.reasons)
    (verdict,) = entries(node, kind="verdict")
    assert verdict.entry.digest == leave.digest
    assert "replaces" not in verdict.entry.detail


def test_switching_back_needs_no_passphrase(node: RunningNode) -> None:
    own = node.desk.operator
    assert [(person.name, person.locked) for person in node.desk.operators()] == [
        (own, False),
        ("grace", True),
        ("junior", True),
    ]
    seat(node, "grace")
    seat(node, own, "")
    assert node.desk.operator == own
    assert len(entries(node, kind="operator.switched")) == 2


@pytest.mark.parametrize("name", ["grace", "nobody", "../../etc/passwd", ""])
def test_a_wrong_passphrase_or_name_changes_nothing(node: RunningNode, name: str) -> None:
    own = node.desk.operator
    with pytest.raises(DeskError) as refused:
        seat(node, name, "wrong")
    assert refused.value.code == 401
    assert node.desk.operator == own
    assert not entries(node, kind="operator.switched")


def test_the_tier_is_the_persons_own(node: RunningNode) -> None:
    asking = at_tier_three(node)
    seat(node, "junior")
    view = node.waiting("query")
    for refused in (
        lambda: node.desk.answer(shown(view), "approve", code=view.code),
        lambda: node.desk.claim(view.id),
        lambda: node.desk.snooze(view.id, 60),
    ):
        with pytest.raises(DeskError, match="junior is of tier 1"):
            refused().result(PATIENCE_S)
    seat(node, node.node.identity.operator, "")
    node.answer(node.waiting("query"), "reject")
    assert asking.result().verdict == "deny"


@pytest.mark.fault(67)
def test_fault_67_a_revocation_holds_at_once(tmp_path: Path) -> None:
    people.enrol(tmp_path, "grace", 3, WORDS)
    with running_node(tmp_path) as node:
        asking = at_tier_three(node)
        seat(node, "grace")
        assert people.revoke(tmp_path, "grace") == 1
        view = node.waiting("query")
        for refused in (
            lambda: node.desk.answer(shown(view), "reject"),
            lambda: node.desk.claim(view.id),
            lambda: node.desk.pause_agent("tester"),
        ):
            with pytest.raises(DeskError, match="revoked"):
                refused().result(PATIENCE_S)
        node.desk.stop_everything().result(PATIENCE_S)
        assert node.node.engine.core.stopped, "stopping is always possible"
        seat(node, node.node.identity.operator, "")
        assert "grace" not in [person.name for person in node.desk.operators()]
        with pytest.raises(DeskError, match="revoked"):
            seat(node, "grace")
        node.answer(node.waiting("query"), "reject")
        assert asking.result().verdict == "deny"


def test_anothers_key_file_under_a_name_is_refused(tmp_path: Path) -> None:
    people.enrol(tmp_path, "grace", 3, WORDS)
    people.enrol(tmp_path, "mallory", 1, "mallory's own words")
    folder = tmp_path / "operators"
    (folder / "mallory.locked").replace(folder / "grace.locked")
    with running_node(tmp_path) as node, pytest.raises(DeskError, match="is mallory's"):
        seat(node, "grace", "mallory's own words")
