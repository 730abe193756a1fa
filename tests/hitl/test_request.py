"""What a request becomes, and where it stands in the order."""

import pytest

from components.hitl import ClassPolicy, Policies, load_policies
from tests.hitl.world import SECOND, World, refuses


def test_a_request_waits_with_its_class_wait_and_the_agents_deadline() -> None:
    world = World()
    now = world.clock.now()
    decision = world.request(priority="low", expires_s=3600, rule="shell.rm", reasons=("why",))
    assert decision.state == "pending"
    assert decision.created_at == now
    assert decision.due == now + 900 * SECOND
    assert decision.deadline == now + 3600 * SECOND
    assert (decision.rule, decision.reasons) == ("shell.rm", ("why",))
    assert world.queue.get("d1") == decision
    assert len(world.queue) == 1


def test_due_is_never_beyond_the_agents_deadline() -> None:
    decision = World().request(priority="low", expires_s=10)
    assert decision.due == decision.deadline


def test_no_deadline_is_beyond_the_longest_wait() -> None:
    world = World(load_policies({"longest_s": 60}))
    decision = world.request(expires_s=10**7)
    assert decision.deadline == world.clock.now() + 60 * SECOND


def test_a_request_past_its_deadline_is_refused() -> None:
    with refuses(408):
        World().prepare_request(expires_s=0)


@pytest.mark.parametrize("stage", ["in flight", "waiting", "decided"])
def test_an_id_is_used_once(stage: str) -> None:
    world = World()
    change = world.prepare_request()
    if stage != "in flight":
        world.queue.apply(change)
    if stage == "decided":
        world.answer()
    with refuses(409, "known already"):
        world.prepare_request()


def test_order_is_priority_then_due_then_deadline_then_creation() -> None:
    world = World()
    world.request("low", priority="low")
    world.request("medium-late", priority="medium", expires_s=400)
    world.request("medium-soon", priority="medium", expires_s=100)
    world.request("critical", priority="critical")
    world.request("high", priority="high")
    world.request("medium-later", priority="medium", expires_s=500)
    assert world.order() == [
        "critical", "high", "medium-soon", "medium-late", "medium-later", "low",
    ]  # fmt: skip
    assert world.order(2) == ["critical", "high"]
    assert world.order(0) == []


def test_of_equals_the_older_comes_first_then_the_smaller_id() -> None:
    hold = ClassPolicy(600)
    world = World(Policies(medium=hold, low=ClassPolicy(599)))
    fixed = world.clock.now() + 500 * SECOND
    world.request("b", expires_at=fixed)
    world.clock.advance(1)
    world.request("d", expires_at=fixed)
    world.request("c", expires_at=fixed)
    assert world.order() == ["b", "c", "d"]


def test_counts_follow_what_comes_and_goes() -> None:
    world = World()
    for name, priority in (("a", "high"), ("b", "low"), ("c", "low"), ("e", "low")):
        world.request(name, priority=priority)
    world.answer(decision_id="a")
    world.answer(decision_id="b", kind="reject")
    snooze = world.queue.prepare_snooze("c", "anna", 3, world.clock.now() + 9 * SECOND)
    world.queue.apply(snooze)
    counts = world.queue.counts()
    assert counts.by_priority == {"low": 2}
    assert counts.by_state == {"pending": 2}
    assert counts.snoozed == 1
    assert counts.ended == {"allowed": 1, "denied": 1}


def test_iteration_shows_all_and_is_not_disturbed_by_changes() -> None:
    world = World()
    for name in "abc":
        world.request(name)
    for decision in world.queue:
        world.queue.apply(world.queue.prepare_cancel(decision.id))
    assert len(world.queue) == 0
