"""The two-person rule: two people, two keys, one content."""

import pytest

from components.hitl import load_policies
from tests.hitl.world import ETHICS, SAFETY, SECOND, World, refuses


@pytest.fixture
def world() -> World:
    made = World(load_policies({"critical": {"release_delay_s": 0}}))
    made.request(tier=3)
    return made


def test_the_first_approval_is_kept_and_the_second_allows(world: World) -> None:
    first = world.answer("anna")
    assert first.state == "pending"
    assert [answer.operator for answer in first.answers] == ["anna"]
    assert world.order() == ["d1"]
    second = world.answer("ben")
    assert second.state == "allowed"
    assert [answer.operator for answer in second.answers] == ["anna", "ben"]
    with refuses(409, "allowed by anna and ben"):
        world.answer("cleo")


@pytest.mark.fault(89)
@pytest.mark.parametrize(
    ("operator", "key"), [("anna", "key-anna"), ("ben", "key-anna"), ("anna", "key-new")]
)
def test_fault_89_one_person_or_one_key_twice_is_refused(
    world: World, operator: str, key: str
) -> None:
    world.answer("anna")
    with refuses(403, "has approved already"):
        world.answer(operator, key_id=key)
    assert world.queue.get("d1") is not None
    assert world.answer("ben").state == "allowed"


@pytest.mark.parametrize("missing", [{"key_id": ""}, {"operator": ""}])
def test_an_approval_without_name_or_key_is_refused(world: World, missing: dict[str, str]) -> None:
    with refuses(403, "name its operator and key"):
        world.answer(**missing)


@pytest.mark.parametrize("rejecter", ["anna", "ben"])
def test_any_rejection_denies_at_once(world: World, rejecter: str) -> None:
    world.answer("anna")
    denied = world.answer(rejecter, "reject")
    assert denied.state == "denied"
    with refuses(409, f"denied by {rejecter}"):
        world.answer("cleo")


def test_an_approval_of_other_content_does_not_count_with_the_first(world: World) -> None:
    world.answer("anna")
    changed = world.modify("ben", "bb")
    assert changed.state == "pending"
    assert [answer.operator for answer in changed.answers] == ["ben"]
    with refuses(409, "another content"):
        world.answer("cleo", digest="aa")  # what was on the screen is no longer what is up
    allowed = world.answer("cleo", digest="bb")
    assert (allowed.state, allowed.modified_digest) == ("allowed", "bb")
    assert allowed.modified is not None


def test_the_same_modification_by_another_person_counts(world: World) -> None:
    world.modify("anna", "bb")
    allowed = world.modify("ben", "bb", digest="bb")
    assert (allowed.state, allowed.modified_digest) == ("allowed", "bb")


def test_a_modification_back_to_the_original_needs_a_second_person_too(world: World) -> None:
    world.modify("anna", "bb")
    back = world.modify("ben", "aa", digest="bb")
    assert (back.state, back.modified, back.modified_digest) == ("pending", None, "")
    assert world.answer("anna").state == "allowed"


def test_nobody_approves_twice_by_modifying(world: World) -> None:
    world.answer("anna")
    with refuses(403, "anna has approved already"):
        world.modify("anna", "bb")


def test_the_first_approver_s_claim_does_not_lock_the_second_out(world: World) -> None:
    world.queue.apply(world.queue.prepare_claim("d1", "anna", 3))
    assert world.answer("anna").claimed_by == ""
    assert world.answer("ben").state == "allowed"


def test_undo_takes_only_the_last_approval_back() -> None:
    world = World(load_policies({"medium": {"release_delay_s": 5}}))
    world.request(tier=3)
    world.modify("anna", "bb")
    assert world.answer("ben", digest="bb").state == "releasing"
    undone = world.queue.apply(world.queue.prepare_undo("d1"))
    assert undone.state == "pending"
    assert [answer.operator for answer in undone.answers] == ["anna"]
    assert undone.modified_digest == "bb"


def test_an_escalation_drops_approvals_of_the_lower_tier() -> None:
    world = World(load_policies({"two_person_tier": 2}))
    world.request(tier=2)
    world.modify("anna", "bb", tier=2)
    lifted = world.queue.apply(world.queue.prepare_escalate("d1"))
    assert (lifted.tier, lifted.answers, lifted.modified, lifted.modified_digest) == (
        3, (), None, "",
    )  # fmt: skip


def test_new_findings_drop_approvals_of_the_old(world: World) -> None:
    world.answer("anna")
    rescreen = world.queue.prepare_rescreen("d1", safety=SAFETY, ethics=ETHICS, policy_version="p2")
    assert world.queue.apply(rescreen).answers == ()


def test_half_an_approval_expires_like_none(world: World) -> None:
    world.answer("anna")
    assert [decision.state for decision in world.pass_time(300)] == ["expired"]
    assert world.queue.next_due() is None


def test_the_deadline_binds_the_second_approval_too(world: World) -> None:
    deadline = world.answer("anna").deadline
    world.clock.set_wall(deadline + SECOND)
    with refuses(408):
        world.answer("ben")
