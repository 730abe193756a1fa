"""Prepare, commit, apply or revert: what is visible when, and what a restart brings back."""

from collections.abc import Callable

import msgspec
import pytest

from components.actions import Decision
from components.hitl import REMEMBERED, Change, DecisionQueue, load_policies
from tests.hitl.world import ETHICS, SAFETY, SECOND, World, refuses, reply, state_of

POLICIES = load_policies({"medium": {"release_delay_s": 3}, "low": {"on_timeout": "escalate"}})
Prepare = Callable[[World], Change]

PREPARED: dict[str, Prepare] = {
    "approve": lambda world: world.queue.prepare_answer(reply()),
    "reject": lambda world: world.queue.prepare_answer(reply(kind="reject")),
    "claim": lambda world: world.queue.prepare_claim("d1", "anna", 3),
    "snooze": lambda world: world.queue.prepare_snooze(
        "d1", "anna", 3, world.clock.now() + 9 * SECOND
    ),
    "escalate": lambda world: world.queue.prepare_escalate("d1"),
    "cancel": lambda world: world.queue.prepare_cancel("d1"),
    "rescreen": lambda world: world.queue.prepare_rescreen(
        "d1", safety=SAFETY, ethics=ETHICS, policy_version="p2"
    ),
}


@pytest.fixture
def world() -> World:
    made = World(POLICIES)
    made.request("d1")
    made.request("d2", priority="low")
    return made


@pytest.mark.parametrize("kind", PREPARED)
def test_a_prepared_change_is_invisible_and_reverts_exactly(world: World, kind: str) -> None:
    before = state_of(world.queue)
    change = PREPARED[kind](world)
    assert change.kind == kind
    assert change.after.version == 1
    assert state_of(world.queue)[:3] == before[:3]
    world.queue.revert(change)
    assert state_of(world.queue) == before
    again = PREPARED[kind](world)
    assert world.queue.apply(again) == change.after


@pytest.mark.parametrize("second", PREPARED)
@pytest.mark.parametrize("first", ["approve", "claim"])
def test_one_change_of_a_decision_at_a_time(world: World, first: str, second: str) -> None:
    PREPARED[first](world)
    with refuses(409, "look again"):
        PREPARED[second](world)
    assert world.queue.apply(world.queue.prepare_escalate("d2")).tier == 2


@pytest.mark.fault(88)
def test_fault_88_of_two_operators_the_first_commit_wins_and_the_other_is_told(
    world: World,
) -> None:
    first = world.queue.prepare_answer(reply("anna", "reject"))
    with refuses(409, "anna has just answered"):
        world.queue.prepare_answer(reply("ben", "approve"))
    world.queue.apply(first)
    with refuses(409, "already decided: denied by anna"):
        world.queue.prepare_answer(reply("ben", "approve"))
    assert world.queue.counts().ended == {"denied": 1}


@pytest.mark.fault(88)
def test_fault_88_the_other_may_answer_when_the_first_commit_failed(world: World) -> None:
    world.queue.revert(world.queue.prepare_answer(reply("anna", "reject")))
    assert world.answer("ben").state == "releasing"


def test_a_request_is_unknown_until_it_is_durable() -> None:
    world = World()
    change = world.prepare_request()
    assert (len(world.queue), world.order(), world.queue.next_due()) == (0, [], None)
    with refuses(404):
        world.queue.prepare_answer(reply())
    world.queue.revert(change)
    with refuses(404):
        world.queue.prepare_answer(reply())
    assert world.request().state == "pending"


def test_what_is_in_flight_is_not_due_and_comes_due_when_reverted(world: World) -> None:
    change = world.queue.prepare_claim("d1", "anna", 3)
    world.clock.advance(300)
    assert world.queue.due() == []
    world.queue.revert(change)
    [due] = world.queue.due()
    assert (due.after.id, due.kind) == ("d1", "expire")
    world.queue.revert(due)
    assert world.queue.due() == [due]


def test_a_change_is_finished_once(world: World) -> None:
    change = world.queue.prepare_answer(reply())
    world.queue.apply(change)
    for finish in (world.queue.apply, world.queue.revert):
        with pytest.raises(LookupError, match="d1"):
            finish(change)


def restored(queue: DecisionQueue, world: World) -> DecisionQueue:
    rows = [msgspec.msgpack.encode(decision) for decision in queue]
    again = DecisionQueue(world.clock, world.policies)
    again.restore(msgspec.msgpack.decode(row, type=Decision) for row in reversed(rows))
    return again


def test_a_restart_brings_all_back_as_it_was(world: World) -> None:
    world.answer(decision_id="d1")
    world.request("d3", tier=3)
    world.modify("ben", "bb", decision_id="d3")
    world.request("d4", expires_s=5)
    world.queue.apply(snooze(world))
    again = restored(world.queue, world)
    assert state_of(again) == state_of(world.queue)
    with refuses(403, "ben has approved already"):
        again.prepare_answer(reply("ben", decision_id="d3", digest="bb"))


def test_what_is_equal_is_held_once_after_a_restart(world: World) -> None:
    first, second = restored(world.queue, world)
    assert first.policy_version is second.policy_version
    assert first.safety is second.safety
    assert first.ethics is second.ethics
    assert first.action is not second.action


def snooze(world: World) -> Change:
    return world.queue.prepare_snooze("d2", "anna", 3, world.clock.now() + 9 * SECOND)


def test_after_a_restart_past_deadlines_expire_first(world: World) -> None:
    world.answer(decision_id="d1")  # it would leave in 3 s
    world.clock.advance(7200)
    again = restored(world.queue, world)
    with refuses(408):
        again.prepare_answer(reply(decision_id="d2"))
    assert {change.after.state for change in again.due()} == {"expired"}


def test_a_restart_within_the_deadline_lets_the_durable_approval_out(world: World) -> None:
    world.answer(decision_id="d1")
    world.clock.advance(60)
    [change] = restored(world.queue, world).due()
    assert (change.kind, change.after.state) == ("release", "allowed")


def test_restored_endings_are_remembered(world: World) -> None:
    denied = world.answer(kind="reject")
    again = DecisionQueue(world.clock, world.policies)
    again.restore([denied])
    assert len(again) == 0
    with refuses(409, "already decided: denied by anna"):
        again.prepare_answer(reply())


def test_only_the_last_endings_are_remembered() -> None:
    world = World()
    for index in range(REMEMBERED + 1):
        world.request(f"n{index}")
        world.answer(decision_id=f"n{index}")
    with refuses(404):
        world.answer(decision_id="n0")
    with refuses(409, "allowed by anna"):
        world.answer(decision_id="n1")


def test_memory_does_not_grow_with_what_was_decided() -> None:
    world = World()

    def work(rounds: int) -> int:
        for index in range(rounds):
            world.request(f"n{index}-{rounds}")
            world.queue.apply(world.queue.prepare_claim(f"n{index}-{rounds}", "anna", 3))
            world.answer(decision_id=f"n{index}-{rounds}")
        return len(world.queue._agenda._heap) + len(world.queue._settled)

    assert work(5_000) <= 5_000
    assert len(world.queue) == 0
