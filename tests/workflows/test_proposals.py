"""The learning loop through the socket: rejections and approvals become rules and grants."""

from pathlib import Path

import pytest

from app.desk import DeskError
from app.node.learned_pack import Written
from components.actions import Action
from components.audit_system import LogEntry, Query, query
from components.intent_firewall import check_pack, load_pack
from components.views import SuggestionRow
from tests.remote.harness import remote_node
from tests.support import PATIENCE_S, RunningNode, running_node, until, with_client


@pytest.fixture
def node(tmp_path: Path):
    with running_node(tmp_path) as running:
        yield running


def sql(statement: str) -> Action:
    return Action(tool="query", arguments={"sql": statement})


def settle(node: RunningNode, action: Action, kind: str, reason: str = "") -> None:
    """An agent asks, a person answers, and it is learned."""
    asking = node.ask(action)
    node.answer(node.waiting(action.tool), kind, reason=reason)
    asking.result()
    node.node.engine.evolution.flush()


def proposed(node: RunningNode, kind: str) -> SuggestionRow:
    """The first suggestion of a kind, once it can be accepted."""

    def find() -> SuggestionRow | None:
        rows = node.node.fresh_snapshot().learning.suggestions
        return next((row for row in rows if row.kind == kind and row.mark), None)

    return until(find, f"a {kind}")


def entries(node: RunningNode, kind: str) -> list[LogEntry]:
    reader = node.node.store.reader()
    try:
        return query(reader, Query(kind=kind), limit=100)
    finally:
        reader.close()


def reject_three(node: RunningNode) -> SuggestionRow:
    for table in ("customers", "orders", "products"):
        settle(node, sql(f"DROP TABLE {table}"), "reject", "never drop tables")
    return proposed(node, "block_rule")


def test_three_rejections_become_a_rule_that_blocks_the_next_without_asking(
    node: RunningNode,
) -> None:
    settle(node, sql("DROP TABLE scratch"), "approve")
    row = reject_three(node)
    assert "match.sql.kind" in row.makes
    assert row.what_if[:2] == (
        row.what_if[0],
        "People had allowed 1 of them, and denied 3.",
    )
    assert "it would have blocked 4" in row.what_if[0]
    assert any("scratch" not in line and "allowed by" in line for line in row.what_if)
    before = node.node.engine.policy
    said = node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    assert "in force" in said
    assert node.node.engine.policy != before
    leave = node.ask(sql("DROP TABLE invoices")).result()
    assert leave.verdict == "deny"
    assert leave.rule.startswith("learned.query-")
    assert any("never drop tables" in reason for reason in leave.reasons)
    assert not len(node.node.engine.queue)
    accepted = entries(node, "proposal.accepted")[0].entry
    assert (accepted.operator, accepted.rule) == (node.desk.operator, leave.rule)
    assert accepted.detail["what_if"] == {"seen": 4, "caught": 4, "allowed": 1, "denied": 3}
    assert entries(node, "policy.changed")[0].entry.policy_version == node.node.engine.policy
    until(lambda: not node.node.fresh_snapshot().learning.suggestions, "the end of the proposal")
    pack = load_pack(node.home / "rules" / "learned.toml")
    assert all(not checked.wrong for checked in check_pack(pack))


def test_what_changed_since_it_was_shown_is_refused_and_nothing_is_written(
    node: RunningNode,
) -> None:
    row = reject_three(node)
    with pytest.raises(DeskError, match="changed since it was shown"):
        node.desk.accept_proposal(row.id, "0123456789abcdef").result(PATIENCE_S)
    with pytest.raises(DeskError, match="not proposed any more"):
        node.desk.accept_proposal("unknown", row.mark).result(PATIENCE_S)
    settle(node, sql("DROP TABLE scratch"), "reject")
    until(lambda: proposed(node, "block_rule").mark != row.mark, "what it says now")
    with pytest.raises(DeskError, match="changed since it was shown"):
        node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    assert not (node.home / "rules" / "learned.toml").exists()
    assert not entries(node, "proposal.accepted")


def test_what_is_dismissed_is_recorded_and_never_comes_back(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        row = reject_three(node)
        node.desk.dismiss_proposal(row.id, "they are test tables").result(PATIENCE_S)
        entry = entries(node, "proposal.dismissed")[0].entry
        assert (entry.operator, entry.detail["reason"]) == (
            node.desk.operator,
            "they are test tables",
        )
        settle(node, sql("DROP TABLE more"), "reject")
        for _ in range(2):
            node.node.call(node.node.engine._learn()).result(PATIENCE_S)
        assert not node.node.fresh_snapshot().learning.suggestions
        with pytest.raises(DeskError, match="not proposed any more"):
            node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    with running_node(tmp_path) as again:
        assert not again.node.fresh_snapshot().learning.suggestions


def test_an_accepted_rule_holds_after_a_restart_and_a_deleted_one_is_proposed_again(
    tmp_path: Path,
) -> None:
    with running_node(tmp_path) as node:
        row = reject_three(node)
        node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    with running_node(tmp_path) as again:
        assert again.ask(sql("DROP TABLE d")).result().rule.startswith("learned.")
        pack = tmp_path / "rules" / "learned.toml"
        fresh = pack.with_suffix(".new")
        fresh.write_text(pack.read_text().partition("[[rule]]")[0])
        fresh.replace(pack)
        proposed(again, "block_rule")
        asking = again.ask(sql("DROP TABLE e"))
        again.answer(again.waiting("query"), "reject")
        assert asking.result().rule == "hitl.operator"


def test_a_rule_deleted_in_the_run_that_accepted_it_is_proposed_again(node: RunningNode) -> None:
    row = reject_three(node)
    node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    for _ in range(2):
        node.node.call(node.node.engine._learn()).result(PATIENCE_S)
    assert not node.node.fresh_snapshot().learning.suggestions
    (node.home / "rules" / "learned.toml").unlink()
    assert proposed(node, "block_rule").id == row.id


def test_a_rule_that_the_node_took_up_by_itself_is_in_force(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = reject_three(node)
    place = Written.place

    def placed(written: Written) -> None:
        place(written)
        node.node.call(node.node.engine.reload_rules()).result(PATIENCE_S)

    monkeypatch.setattr(Written, "place", placed)
    assert "in force" in node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)


def test_what_waits_and_is_like_it_is_denied_when_the_rule_is_accepted(node: RunningNode) -> None:
    row = reject_three(node)
    asking = node.ask(sql("DROP TABLE late"))
    node.waiting("query")
    node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    assert asking.result().verdict == "deny"


def test_a_rule_is_accepted_only_where_it_can_be_written(node: RunningNode) -> None:
    row = reject_three(node)
    (node.home / "rules").write_text("in the way")
    before = node.node.engine.policy
    with pytest.raises(DeskError, match="cannot be written"):
        node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    assert node.node.engine.policy == before
    assert not entries(node, "proposal.accepted")
    assert proposed(node, "block_rule").mark == row.mark


def test_what_cannot_be_recorded_is_not_in_force(node: RunningNode) -> None:
    row = reject_three(node)
    node.node.store.writer.freeze("a test says so")
    with pytest.raises(DeskError, match="a test says so"):
        node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    assert list((node.home / "rules").iterdir()) == []


# Standing grants.


def approve_five(node: RunningNode) -> SuggestionRow:
    for number in range(5):
        asking = node.ask(sql(f"DROP TABLE IF EXISTS scratch -- {number}"))
        node.answer(node.waiting("query"), "approve")
        leave = asking.result()

        async def report(client, leave=leave) -> bool:  # type: ignore[no-untyped-def]
            return await client.outcome(leave, "ok", 1000)

        assert with_client(node.home, report)
    node.node.engine.evolution.flush()
    return proposed(node, "standing_grant")


def test_approvals_become_a_bounded_grant_for_just_what_was_seen(node: RunningNode) -> None:
    row = approve_five(node)
    assert "drop table scratch" in row.makes
    assert "20 uses within 60 min" in row.makes
    assert "People had allowed 5 of them, and denied 0." in row.what_if
    node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    (grant,) = node.node.fresh_snapshot().grants
    assert (grant.agent, grant.left, grant.operator) == ("tester", 20, node.desk.operator)
    assert node.ask(sql("DROP TABLE scratch")).result().rule == f"grant.{grant.id}"
    for other, agent in (("DROP TABLE customers", "tester"), ("DROP TABLE scratch", "another")):
        asking = node.ask(sql(other), agent=agent)
        node.answer(node.waiting("query"), "reject")
        assert asking.result().verdict == "deny"
    accepted = entries(node, "proposal.accepted")[0]
    made = entries(node, "grant.grant")[0]
    assert accepted.entry.detail["grant"] == made.entry.detail["grant"] == grant.id
    assert made.seq == accepted.seq + 1


def test_no_grant_is_proposed_while_one_stands(node: RunningNode) -> None:
    row = approve_five(node)
    node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    node.node.call(node.node.engine._learn()).result(PATIENCE_S)
    kinds = {one.kind for one in node.node.fresh_snapshot().learning.suggestions}
    assert "standing_grant" not in kinds


# Consoles elsewhere.


def test_a_console_elsewhere_accepts_and_an_observer_may_not(tmp_path: Path) -> None:
    with remote_node(tmp_path) as remote:
        row = reject_three(remote.running)
        with (
            remote.attached("ada") as ada,
            remote.attached("olga", enrolled_observer=True, observer=True) as olga,
        ):
            until(
                lambda: any(one.mark for one in ada.desk.snapshot().learning.suggestions),
                "the proposal at the console",
            )
            for refused in (
                olga.desk.accept_proposal(row.id, row.mark),
                olga.desk.dismiss_proposal(row.id, "no"),
            ):
                assert "only observes" in str(olga.refused(refused))
            said = ada.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
            assert "in force" in said
        entry = remote.entries(kind="proposal.accepted")[0].entry
        assert entry.operator == "ada"
        assert entry.detail["key_id"]
        assert remote.running.ask(sql("DROP TABLE d")).result().verdict == "deny"


def test_when_a_grant_is_over_it_is_proposed_again(node: RunningNode) -> None:
    row = approve_five(node)
    node.desk.accept_proposal(row.id, row.mark).result(PATIENCE_S)
    node.node.call(node.node.engine._learn()).result(PATIENCE_S)
    (grant,) = node.node.fresh_snapshot().grants
    node.desk.revoke_grant(grant.id).result(PATIENCE_S)
    assert proposed(node, "standing_grant").mark == row.mark
