"""One person's answer: what it does, and every reason to refuse it."""

import pytest

from components.hitl import load_policies
from tests.hitl.world import ACTION, ETHICS, SAFETY, SECOND, World, refuses, reply


def test_an_approval_allows_and_the_decision_is_let_go() -> None:
    world = World()
    world.request()
    decision = world.answer(reason="fine")
    assert decision.state == "allowed"
    assert [answer.reason for answer in decision.answers] == ["fine"]
    assert world.queue.get("d1") is None
    assert world.order() == []


def test_a_rejection_denies_and_needs_no_reason() -> None:
    world = World()
    world.request()
    assert world.answer(kind="reject", reason="").state == "denied"


def test_a_modification_allows_the_changed_action_under_its_own_digest() -> None:
    world = World()
    world.request()
    decision = world.modify("anna", "bb")
    assert decision.state == "allowed"
    assert decision.modified is not None
    assert decision.modified.arguments == {"command": "bb"}
    assert (decision.digest, decision.modified_digest) == ("aa", "bb")


def test_a_modification_back_to_what_was_asked_changes_nothing() -> None:
    world = World()
    world.request()
    decision = world.modify("anna", "aa")
    assert (decision.state, decision.modified, decision.modified_digest) == ("allowed", None, "")


def test_an_unknown_id_is_not_found() -> None:
    with refuses(404):
        World().answer()


def test_another_digest_is_refused() -> None:
    world = World()
    world.request()
    with refuses(409, "another content"):
        world.answer(digest="other")
    assert world.queue.get("d1") is not None


@pytest.mark.fault(55)
@pytest.mark.parametrize(
    ("first", "said"), [("approve", "allowed by anna"), ("reject", "denied by anna")]
)
def test_fault_55_a_second_answer_hears_already_decided(first: str, said: str) -> None:
    world = World()
    world.request()
    world.answer("anna", first)
    for second in ("approve", "reject"):
        with refuses(409, f"already decided: {said}"):
            world.answer("ben", second)


def test_an_answer_to_a_cancelled_or_expired_decision_hears_which() -> None:
    world = World()
    world.request("gone")
    world.queue.apply(world.queue.prepare_cancel("gone"))
    with refuses(409, "its agent has cancelled it"):
        world.answer(decision_id="gone")
    world.request("late")
    world.pass_time(300)
    with refuses(408, "expired"):
        world.answer(decision_id="late")


@pytest.mark.parametrize("kind", ["approve", "reject"])
@pytest.mark.parametrize("after_us", [0, 1])
def test_no_answer_counts_at_or_after_the_deadline(kind: str, after_us: int) -> None:
    world = World()
    deadline = world.request(expires_s=5).deadline
    world.clock.set_wall(deadline + after_us)
    with refuses(408):
        world.answer(kind=kind)
    world.clock.set_wall(deadline - 1)
    assert world.answer(kind=kind).state in {"allowed", "denied"}


def test_no_answer_counts_after_the_wait_even_before_the_timeout_was_carried_out() -> None:
    world = World()
    world.request(expires_s=3600)
    world.clock.advance(300)
    with refuses(408, "nobody answered in time"):
        world.answer()


def test_after_the_wait_an_escalation_or_a_hold_comes_first() -> None:
    world = World(load_policies({"medium": {"on_timeout": "hold"}, "two_person_tier": 4}))
    world.request("held", priority="medium")
    world.request("lifted", priority="high")
    world.clock.advance(300)
    for name in ("held", "lifted"):
        with refuses(409, "look again"):
            world.answer(decision_id=name)
    world.apply_due()
    for name in ("held", "lifted"):
        assert world.answer(decision_id=name).state in {"allowed", "releasing"}


def test_a_low_tier_is_refused_whatever_it_answers() -> None:
    world = World()
    world.request(tier=2)
    for kind in ("approve", "reject"):
        with refuses(403, "needs tier 2"):
            world.answer(kind=kind, tier=1)
    assert world.answer(tier=2).state == "allowed"


def test_a_claim_keeps_others_away() -> None:
    world = World()
    world.request()
    world.queue.apply(world.queue.prepare_claim("d1", "anna", 1))
    with refuses(409, "claimed by anna"):
        world.answer("ben")
    assert world.answer("anna").state == "allowed"


@pytest.mark.fault(70)
def test_fault_70_an_approval_under_another_policy_is_refused() -> None:
    world = World()
    world.request()
    with refuses(409, "policy changed, look again"):
        world.answer(current="p2")
    with refuses(409, "policy changed"):
        world.answer(current="p2", policy_version="p2")  # screened under p1 all the same
    rescreen = world.queue.prepare_rescreen(
        "d1", safety=SAFETY, ethics=ETHICS, policy_version="p2", rule="new"
    )
    assert world.queue.apply(rescreen).rule == "new"
    with refuses(409, "policy changed"):
        world.answer(current="p2", policy_version="p1")  # but that is not what was shown
    assert world.answer(current="p2", policy_version="p2").state == "allowed"


def test_a_rejection_stands_under_any_policy() -> None:
    world = World()
    world.request()
    assert world.answer(kind="reject", current="p2").state == "denied"


def test_without_a_version_of_its_own_an_answer_is_to_the_decisions() -> None:
    world = World()
    world.request()
    assert world.answer(policy_version="").state == "allowed"


@pytest.mark.parametrize(
    ("kind", "answered", "screened", "digest"),
    [
        ("approve", {"command": "x"}, None, ""),
        ("approve", None, {"command": "x"}, "bb"),
        ("approve", None, None, "bb"),
        ("modify", None, {"command": "x"}, "bb"),
        ("modify", {"command": "x"}, None, ""),
        ("modify", {"command": "x"}, {"command": "x"}, ""),
        ("modify", {"command": "x"}, {"command": "y"}, "bb"),
    ],
)
def test_an_answer_of_bad_form_is_refused(
    kind: str, answered: dict[str, str] | None, screened: dict[str, str] | None, digest: str
) -> None:
    world = World()
    world.request()
    modified = None
    if screened is not None:
        modified = type(ACTION)(tool="shell", arguments=screened)
    with refuses(422):
        world.answer(kind=kind, arguments=answered, modified=modified, modified_digest=digest)


@pytest.mark.fault(85)
def test_fault_85_an_answer_is_bound_to_its_id_however_the_list_moves() -> None:
    world = World()
    world.request("d1", priority="low")
    answer = reply(decision_id=world.order()[0])
    world.request("d2", priority="critical", digest="aa")
    assert world.order()[0] == "d2"
    decided = world.queue.apply(world.queue.prepare_answer(answer))
    assert (decided.id, decided.state) == ("d1", "allowed")
    assert world.order() == ["d2"]


def test_a_batch_checks_each_alone_and_answers_in_order() -> None:
    world = World()
    for name in ("a", "b", "c", "d"):
        world.request(name)
    marked = {name: world.queue.get(name) for name in ("a", "b", "c", "d")}
    world.answer("ben", decision_id="b")
    world.queue.apply(world.queue.prepare_claim("c", "anna", 1))
    batch = [
        (reply(decision_id=name), decision.version) for name, decision in marked.items() if decision
    ]
    batch += [batch[0], (reply(decision_id="x"), 0)]
    batch.append((reply(decision_id="d", kind="modify", arguments={}), 0))
    results = world.queue.prepare_answers(batch, policy_version="p1")
    said = [getattr(result, "code", "") or result.after.id for result in results]
    assert said == ["a", 409, 409, "d", 409, 404, 422]
    assert "changed since it was marked" in str(results[2])
    assert len(world.queue) == 3  # nothing is visible before it is durable
    for result in results:
        if not isinstance(result, Exception):
            assert world.queue.apply(result).state == "allowed"


@pytest.mark.fault(90)
def test_fault_90_a_decision_that_nobody_finishes_expires_at_its_deadline() -> None:
    world = World()
    world.request(expires_s=60)
    change = world.queue.prepare_answer(reply())
    world.queue.revert(change)  # the terminal went away before the answer was durable
    assert world.queue.get("d1") is not None
    assert [decision.state for decision in world.pass_time(60)] == ["expired"]


def test_an_answer_wakes_what_was_snoozed() -> None:
    world = World()
    world.request(tier=3)
    world.queue.apply(world.queue.prepare_snooze("d1", "anna", 3, world.clock.now() + 60 * SECOND))
    assert world.answer(kind="reject").snoozed_until == 0
