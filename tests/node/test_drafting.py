"""Suggestions worked out into proposals: what is proposed, what is not, and why."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.node.drafting import FRESH_US, MIXED, NO_RULE, Drafting, Policy
from components.actions import Action, Experience, Priority, Receipt, Verdict
from components.clock import ManualClock
from components.evolution_core import EvolutionCore, common, learned
from components.evolution_core.proposals import Proposal, keep, kept
from components.gate import Ruling
from components.hitl import Grant, Policies
from components.intent_firewall import Match
from components.shape import shape
from storage import Store, open_store


class World:
    """A store in which people answered, and what is drafted of it."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, ManualClock()
        self.core = EvolutionCore.open(store, self.clock)
        self.dismissed: set[str] = set()
        self.drafting = Drafting(
            store, Policies(), self.clock, lambda found: found in self.dismissed
        )
        self.priority: Priority = "medium"
        self.blocked = self.version = ""
        self.grants: list[Grant] = []

    def answer(self, statement: str, verdict: str, count: int = 1, *, tier: int = 1) -> None:
        for _ in range(count):
            self._answer(statement, verdict, tier)
        self.core.flush()

    def _answer(self, statement: str, verdict: str, tier: int) -> None:
        now = self.clock.now()
        self.clock.advance(1)
        name = f"r-{now}"
        action = Action(tool="query", id=name, agent="coder", arguments={"sql": statement})
        made = Verdict(
            verdict_id="v", node="n", request_id=name, agent="coder", action_digest="d",
            verdict=verdict, reasons=(), rule="hitl.operator", stages=(), policy_version="p",
            issued_at=now, not_after=now, audit=Receipt(1, ""), decision={"operator": "ada"},
        )  # type: ignore[arg-type]  # fmt: skip
        leaf = {"kind": "verdict", "agent": "coder", "request_id": name, "detail": {"tier": tier}}
        row = (None, "coder", name, "d", now, 0, "decided", msgspec.json.encode(action),
               msgspec.json.encode(made), "")  # fmt: skip

        def job(tx) -> None:  # type: ignore[no-untyped-def]
            tx.insert("requests", row)
            tx.execute(
                "INSERT INTO audit_entries (seq, leaf, leaf_hash) VALUES (?, ?, x'00')",
                (now, msgspec.json.encode(leaf).decode()),
            )

        self.store.writer.run(job)
        self.core.log_experience(
            Experience(
                time=now, request_id=name, agent="coder", tool="query", shape=shape(action),
                intent="delete", verdict=verdict, decided_by="operator", safety=0.7, ethics=1.0,
                disposition="ask", status="ok" if verdict == "allow" else "",
            )  # type: ignore[arg-type]
        )  # fmt: skip

    def rule(self, action: Action) -> Ruling:
        blocks = bool(self.blocked) and self.blocked in action.arguments["sql"]
        return Ruling("block" if blocks else "ask", self.priority, "r", ())

    def look(self) -> tuple[Proposal, ...]:
        policy = Policy(self.version, self.rule)
        return self.drafting.proposals(self.core.suggest_improvements(), policy, self.grants)

    def only(self) -> Proposal:
        (found,) = self.look()
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = open_store(tmp_path)
    yield World(store)
    store.close()


def test_one_suggestion_is_worked_out_at_a_time(world: World) -> None:
    world.answer("DROP TABLE a", "deny", 3)
    world.answer("DELETE FROM a", "deny", 4)
    assert [bool(found.mark) for found in world.look()] == [True, False]
    assert [bool(found.mark) for found in world.look()] == [True, True]


def test_what_is_blocked_by_now_is_proposed_no_more_and_again_when_it_is_not(world: World) -> None:
    world.answer("DROP TABLE a", "deny", 3)
    assert world.only().rule is not None
    world.blocked, world.version = "DROP", "2"
    assert world.look() == ()
    world.blocked, world.version = "", "3"
    assert world.only().rule is not None


def test_new_evidence_makes_another_proposal_of_the_same_name(world: World) -> None:
    world.answer("DROP TABLE a", "deny", 3)
    first = world.only()
    assert first.rule is not None
    assert first.rule.match.sql is not None
    assert first.rule.match.sql.table == ("a",)
    world.answer("DROP TABLE b", "deny")
    world.answer("DROP TABLE c", "deny")
    second = world.only()
    assert second.rule is not None
    assert second.rule.match.sql is not None
    assert second.id == first.id
    assert second.rule.match.sql.table == ()
    assert second.mark != first.mark
    assert second.what_if is not None
    assert second.what_if.denied == 5


def test_one_that_cannot_be_worked_out_stands_in_the_way_of_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_common(actions: list[Action]) -> tuple[Match, ...]:
        if actions[0].arguments["sql"] == "DROP TABLE a":
            raise OverflowError
        return common.in_common(actions)

    monkeypatch.setattr(learned, "in_common", in_common)
    world.answer("DROP TABLE a", "deny", 3)
    world.answer("DELETE FROM a", "deny", 4)
    world.look()
    assert sorted(found.problem for found in world.look()) == ["", NO_RULE]


def test_its_figures_are_worked_out_anew_after_a_while(world: World) -> None:
    world.answer("DROP TABLE a", "deny", 3)
    before = world.only().what_if
    world.answer("SELECT 1", "allow")
    assert world.only().what_if == before
    world.clock.advance(FRESH_US / 1e6 + 1)
    after = world.only().what_if
    assert before is not None
    assert after is not None
    assert after.seen == before.seen + 1


def test_where_more_was_allowed_than_denied_there_is_nothing_to_accept(world: World) -> None:
    for table in ("a", "b", "c"):
        world.answer(f"DROP TABLE {table}", "deny")
        world.answer(f"DROP TABLE {table}", "allow", 2)
    found = world.only()
    assert (found.problem, found.mark) == (MIXED, "")
    assert found.what_if is not None
    assert found.what_if.allowed == 6


def test_of_what_differs_the_closer_group_that_people_never_allow_is_taken(world: World) -> None:
    world.answer("DELETE FROM logs", "deny", 4)
    world.answer("DELETE FROM a WHERE id = 1", "deny")
    world.answer("DELETE FROM c WHERE id = 1", "deny")
    world.answer("DELETE FROM b WHERE id = 1", "allow", 9)
    found = world.only()
    assert found.rule is not None
    assert found.rule.match.sql is not None
    assert (found.rule.match.sql.table, found.rule.match.sql.unbounded) == (("logs",), True)
    assert found.what_if is not None
    assert (found.what_if.denied, found.what_if.allowed) == (4, 0)


def test_a_grant_is_for_one_agent_and_what_is_alike(world: World) -> None:
    world.answer("DELETE FROM logs WHERE id = 1", "allow", 5)
    world.answer("DELETE FROM other WHERE id = 1", "allow", 2)
    found = world.only()
    assert found.grant is not None
    assert (found.grant.agent, found.grant.likeness) == (
        "coder",
        "query(sql=delete logs where)",
    )
    assert (found.grant.uses, found.grant.minutes) == (20, 60)
    assert found.what_if is not None
    assert (found.what_if.seen, found.what_if.caught, found.what_if.allowed) == (7, 5, 5)
    now = world.clock.now()
    world.grants = [
        Grant(id="g", agent="coder", tool="query", shape=found.grant.likeness, verdict="allow",
              left=3, until=now + 1, operator="ada", created_at=now)
    ]  # fmt: skip
    assert world.look() == ()
    world.grants = []
    world.dismissed.add(found.id)
    assert world.look() == ()


@pytest.mark.parametrize(
    ("priority", "tier", "proposed"),
    [("medium", 1, 1), ("medium", 2, 1), ("critical", 1, 0), ("medium", 3, 0)],
)
def test_no_grant_is_proposed_for_what_one_person_may_not_allow_in_advance(
    world: World, priority: Priority, tier: int, proposed: int
) -> None:
    world.priority = priority
    world.answer("DELETE FROM logs WHERE id = 1", "allow", 5, tier=tier)
    assert len(world.look()) == proposed


def test_what_is_proposed_survives_as_it_is(world: World) -> None:
    world.answer("DROP TABLE a", "deny", 3)
    proposals = world.look()
    world.store.writer.run(lambda tx: keep(tx, proposals))
    reader = world.store.reader()
    assert kept(reader) == proposals
    assert kept(reader)[0].mark == proposals[0].mark
    reader.close()
