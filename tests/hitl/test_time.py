"""What time brings: timeouts by class, snoozes, release delays, and clocks that jump."""

import pytest

from components.hitl import Policies, load_policies
from tests.hitl.world import SECOND, World, refuses

SLOW = load_policies({"medium": {"release_delay_s": 3}})


def on_timeout(action: str, **given: object) -> Policies:
    return load_policies({"medium": {"on_timeout": action}, **given})


def test_deny_expires_at_the_end_of_the_wait_not_before() -> None:
    world = World()
    due = world.request(expires_s=3600).due
    assert world.queue.next_due() == due
    world.clock.set_wall(due - 1)
    assert world.queue.due() == []
    world.clock.set_wall(due)
    assert [decision.state for decision in world.apply_due()] == ["expired"]
    assert (len(world.queue), world.queue.next_due()) == (0, None)


def test_escalate_goes_up_in_tier_and_priority_with_a_new_wait_and_no_claim() -> None:
    world = World(on_timeout("escalate"))
    decision = world.request(expires_s=10_000)
    world.queue.apply(world.queue.prepare_claim("d1", "anna", 1))
    [lifted] = world.pass_time(300)
    assert (lifted.state, lifted.tier, lifted.priority) == ("pending", 2, "high")
    assert (lifted.escalations, lifted.claimed_by) == (1, "")
    assert lifted.due == world.clock.now() + 300 * SECOND
    assert lifted.deadline == decision.deadline


def test_escalation_ends_at_the_top_tier_with_expired() -> None:
    world = World(load_policies({"critical": {"on_timeout": "escalate", "wait_s": 60}}))
    world.request(priority="critical", expires_s=10_000)
    seen = [(d.state, d.tier, d.priority) for _ in range(3) for d in world.pass_time(60)]
    assert seen == [
        ("pending", 2, "critical"), ("pending", 3, "critical"), ("expired", 3, "critical"),
    ]  # fmt: skip


def test_an_escalation_never_waits_beyond_the_deadline() -> None:
    world = World(on_timeout("escalate"))
    decision = world.request(expires_s=310)
    [lifted] = world.pass_time(300)
    assert lifted.due == decision.deadline
    assert [d.state for d in world.pass_time(10)] == ["expired"]


def test_hold_waits_until_the_agents_deadline() -> None:
    world = World(on_timeout("hold"))
    decision = world.request(expires_s=4000)
    [held] = world.pass_time(300)
    assert (held.state, held.due) == ("pending", decision.deadline)
    assert world.pass_time(3699) == []
    assert [d.state for d in world.pass_time(1)] == ["expired"]


@pytest.mark.parametrize("action", ["deny", "escalate", "hold"])
def test_at_the_deadline_every_class_expires(action: str) -> None:
    world = World(on_timeout(action))
    world.request(expires_s=20)
    assert [d.state for d in world.pass_time(20)] == ["expired"]


def test_a_person_escalates_to_the_top_and_no_further() -> None:
    world = World()
    world.request(priority="low")
    for tier in (2, 3):
        assert world.queue.apply(world.queue.prepare_escalate("d1")).tier == tier
    with refuses(409, "at the top"):
        world.queue.prepare_escalate("d1")


def test_escalating_frees_what_another_has_claimed() -> None:
    world = World()
    world.request()
    world.queue.apply(world.queue.prepare_claim("d1", "anna", 3))
    assert world.queue.apply(world.queue.prepare_escalate("d1")).claimed_by == ""
    assert world.answer("ben").state == "allowed"


def test_a_claim_is_taken_once_and_given_back_by_its_owner() -> None:
    world = World()
    world.request(tier=2)
    with refuses(403):
        world.queue.prepare_claim("d1", "anna", 1)
    with refuses(409, "nobody"):
        world.queue.prepare_unclaim("d1", "anna")
    world.queue.apply(world.queue.prepare_claim("d1", "anna", 2))
    for operator in ("anna", "ben"):
        with refuses(409, "claimed by anna"):
            world.queue.prepare_claim("d1", operator, 2)
    with refuses(409, "claimed by anna"):
        world.queue.prepare_unclaim("d1", "ben")
    assert world.queue.apply(world.queue.prepare_unclaim("d1", "anna")).claimed_by == ""


def test_a_snoozed_decision_is_hidden_and_comes_back() -> None:
    world = World()
    world.request("d1")
    world.request("d2", priority="low")
    until = world.clock.now() + 60 * SECOND
    world.queue.apply(world.queue.prepare_snooze("d1", "anna", 1, until))
    assert world.order() == ["d2"]
    assert world.queue.next_due() == until
    assert [decision.id for decision in world.pass_time(60)] == ["d1"]
    assert world.order() == ["d1", "d2"]


def test_nothing_is_snoozed_through_its_wait() -> None:
    world = World()
    decision = world.request()  # waits 300 s
    snoozed = world.queue.apply(
        world.queue.prepare_snooze("d1", "anna", 1, decision.deadline + SECOND)
    )
    assert snoozed.snoozed_until == decision.created_at + 225 * SECOND
    assert [d.state for d in world.pass_time(225)] == ["pending"]
    assert [d.state for d in world.pass_time(75)] == ["expired"]


def test_a_snooze_into_the_past_brings_it_back() -> None:
    world = World()
    world.request()
    for until, shown in ((world.clock.now() + 9 * SECOND, []), (0, ["d1"])):
        world.queue.apply(world.queue.prepare_snooze("d1", "anna", 1, until))
        assert world.order() == shown


def test_snoozing_respects_claim_and_tier() -> None:
    world = World()
    world.request(tier=2)
    with refuses(403):
        world.queue.prepare_snooze("d1", "anna", 1, world.clock.now() + SECOND)
    world.queue.apply(world.queue.prepare_claim("d1", "anna", 2))
    with refuses(409, "claimed by anna"):
        world.queue.prepare_snooze("d1", "ben", 2, world.clock.now() + SECOND)


def test_an_approval_leaves_after_its_delay() -> None:
    world = World(SLOW)
    world.request()
    releasing = world.answer()
    assert releasing.state == "releasing"
    assert releasing.release_at == world.clock.now() + 3 * SECOND == world.queue.next_due()
    assert world.order() == ["d1"]
    assert world.pass_time(2.9) == []
    assert [d.state for d in world.pass_time(0.1)] == ["allowed"]


def test_a_rejection_has_no_delay() -> None:
    world = World(SLOW)
    world.request()
    assert world.answer(kind="reject").state == "denied"


def test_while_it_is_released_no_other_answer_counts() -> None:
    world = World(SLOW)
    world.request()
    world.answer("anna")
    for act in (
        lambda: world.answer("ben", "reject"),
        lambda: world.queue.prepare_claim("d1", "ben", 3),
        lambda: world.queue.prepare_snooze("d1", "ben", 3, 0),
        lambda: world.queue.prepare_escalate("d1"),
    ):
        with refuses(409, "already decided: approved by anna"):
            act()


def test_undo_brings_it_back_until_the_release() -> None:
    world = World(SLOW)
    world.request()
    with refuses(409, "no answer to take back"):
        world.queue.prepare_undo("d1")
    world.modify("anna", "bb")
    world.clock.advance(2.999999)
    undone = world.queue.apply(world.queue.prepare_undo("d1"))
    assert (undone.state, undone.answers, undone.release_at) == ("pending", (), 0)
    assert (undone.modified, undone.modified_digest) == (None, "")
    assert world.answer("ben", "reject").state == "denied"


def test_undo_is_too_late_at_the_release() -> None:
    world = World(SLOW)
    world.request()
    world.answer()
    world.clock.advance(3)
    with refuses(408, "has left"):
        world.queue.prepare_undo("d1")
    assert [d.state for d in world.apply_due()] == ["allowed"]
    with refuses(409, "already decided: allowed by anna"):
        world.queue.prepare_undo("d1")


def test_after_an_undo_the_wait_that_is_over_expires_it() -> None:
    world = World(SLOW)
    world.request()
    world.clock.advance(299)
    world.answer()
    world.clock.advance(2)
    world.queue.apply(world.queue.prepare_undo("d1"))
    assert [d.state for d in world.apply_due()] == ["expired"]


def test_the_agent_can_cancel_until_the_release() -> None:
    world = World(SLOW)
    world.request()
    world.answer()
    assert world.queue.apply(world.queue.prepare_cancel("d1")).state == "cancelled"
    assert world.pass_time(3) == []


def test_at_the_deadline_it_has_expired_and_is_not_cancelled() -> None:
    world = World(SLOW)
    decision = world.request(expires_s=60)
    world.answer()
    world.clock.set_wall(decision.deadline)
    with refuses(408, "its deadline has passed"):
        world.queue.prepare_cancel("d1")


def test_a_release_never_comes_at_or_after_the_deadline() -> None:
    world = World(SLOW)
    decision = world.request(expires_s=2)
    releasing = world.answer()
    assert releasing.release_at < decision.deadline
    assert [d.state for d in world.pass_time(2)] == ["expired"]


def test_close_to_the_deadline_there_is_no_delay() -> None:
    world = World(SLOW)
    world.request(expires_s=0.1)
    assert world.answer().state == "allowed"


def test_a_clock_set_forward_expires_what_it_passes() -> None:
    world = World(SLOW)
    world.request("answered", expires_s=600)
    world.answer(decision_id="answered")
    world.request("waiting", expires_s=600)
    world.clock.set_wall(world.clock.now() + 3600 * SECOND)
    assert {d.id: d.state for d in world.apply_due()} == {
        "answered": "expired",
        "waiting": "expired",
    }


def test_a_clock_set_back_moves_no_deadline() -> None:
    world = World()
    start = world.clock.now()
    decision = world.request(expires_s=200)
    world.clock.set_wall(start - 3600 * SECOND)
    assert world.queue.due() == []
    assert world.queue.next_due() == decision.deadline
    world.request("later", priority="medium", expires_s=3600 + 100)
    assert world.order() == ["later", "d1"]
    world.clock.set_wall(decision.deadline)
    assert {d.state for d in world.apply_due()} == {"expired"}


def test_due_comes_in_bounded_batches_earliest_first() -> None:
    world = World()
    for index in range(10):
        world.request(f"d{index}", expires_s=20 - index)
    world.clock.advance(60)
    first = world.queue.due(limit=4)
    assert [change.after.id for change in first] == ["d9", "d8", "d7", "d6"]
    rest = world.queue.due()
    assert len(rest) == 6
    assert world.queue.next_due() is None  # all are in flight
    for change in first + rest:
        world.queue.apply(change)
    assert len(world.queue) == 0
