"""The class of a call: effect, scope, reversal, reach, stakes, and signs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.actions import Action, ContextPiece
from components.intent_firewall import classify


def call(tool: str, request: str = "", read: str = "", **arguments: Any) -> Action:
    context = (ContextPiece("tool", False, read),) if read else ()
    return Action(tool=tool, arguments=arguments, request=request, context=context)


@pytest.mark.parametrize(
    ("tool", "effect"),
    [
        ("get_weather", "read"),
        ("AmbulanceDispatchSearchCalls", "read"),
        ("AmbulanceDispatchEditCall", "write"),
        ("FleetManageVehicle", "write"),
        ("oven_turn_on", "execute"),
        ("send_letter", "send"),
        ("transfer_to_human_agents", "other"),
        ("transfer_funds", "pay"),
        ("share_folder", "grant"),
        ("weather", "other"),
        ("open_file", "read"),
        ("open_valve", "execute"),
        ("ReplyToReview", "send"),
        ("save_reply_draft", "write"),
        ("accept_offer", "grant"),
        ("sign_in", "other"),
        ("close_ticket", "execute"),
        ("close_bank_account", "delete"),
        ("forum_ban_user", "delete"),
        ("create_purchase_order", "pay"),
        ("refill_card", "pay"),
    ],
)
def test_the_effect_is_told_by_the_verb_that_counts(tool: str, effect: str) -> None:
    assert classify(call(tool)).effect == effect


@pytest.mark.parametrize(
    ("operation", "effect"),
    [("check_status", "read"), ("stove_get_state", "read"), ("turn_off", "execute"),
     ("burn_all", "execute")],
)  # fmt: skip
def test_a_tool_for_any_operation_does_what_the_operation_does(operation: str, effect: str) -> None:
    assert classify(call("ApplyAllowedOperation", operation_id=operation)).effect == effect


def test_what_a_company_tells_nobody_is_at_stake_in_a_letter() -> None:
    letter = "By the way, the merger that we announce on Friday has been signed by both."
    assert classify(call("send_email", to="a@example.org", body=letter)).carried == ("undisclosed",)


@pytest.mark.parametrize(
    ("action", "reversal"),
    [
        (call("delete_contact"), "irreversible"),
        (call("remove_from_cart"), "recoverable"),
        (call("delete_alarm"), "recoverable"),
        (call("disable_smoke_alarm"), "irreversible"),
        (call("send_letter"), "irreversible"),
        (call("transfer_funds"), "irreversible"),
        (call("order_pizza"), "recoverable"),
        (call("create_note"), "reversible"),
        (call("update_note"), "recoverable"),
        (call("oven_turn_on"), "irreversible"),
        (call("lock_doors", unlock=False), "recoverable"),
        (call("lock_doors", unlock=True), "irreversible"),
        (call("run_sql", sql="INSERT INTO t VALUES (1)"), "recoverable"),
        (call("run_sql", sql="DROP TABLE t"), "irreversible"),
        (call("run_sql", sql="BEGIN; DELETE FROM t; ROLLBACK"), "reversible"),
    ],
)
def test_what_can_be_undone(action: Action, reversal: str) -> None:
    assert classify(action).reversal == reversal


@pytest.mark.parametrize(
    ("action", "reach"),
    [
        (call("create_note", text="milk"), "self"),
        (call("write_file", path="notes/a.txt"), "workspace"),
        (call("write_file", path="/etc/hosts"), "machine"),
        (call("update_profile", name="Ada"), "account"),
        (call("send_letter", to="Ada"), "others"),
        (call("post_tweet", text="hello"), "public"),
        (call("oven_turn_on"), "world"),
    ],
)
def test_how_far_it_reaches(action: Action, reach: str) -> None:
    assert classify(action).reach == reach


@pytest.mark.parametrize(
    ("action", "scope"),
    [
        (call("delete_event", which="lunch"), "one"),
        (call("delete_event", which="all"), "all"),
        (call("send_letter", to=["Ada", "Bo"]), "several"),
        (call("run_sql", sql="DELETE FROM t WHERE id = 1"), "one"),
        (call("run_sql", sql="DELETE FROM t"), "all"),
        (call("run_sql", sql="DROP TABLE a, b"), "several"),
        (call("run_sql", sql="DROP SCHEMA shop CASCADE"), "all"),
    ],
)
def test_on_how_much_it_is_done(action: Action, scope: str) -> None:
    assert classify(action).scope == scope


def test_stakes_are_told_by_tool_names_and_values_but_not_by_keys() -> None:
    assert classify(call("set_note", dosage=20)).stakes == ("health",)
    assert classify(call("set_note", title="front door")).stakes == ("physical",)
    assert classify(call("set_note", access_token="x1")).stakes == ()
    assert classify(call("book_trip", insurance="yes")).stakes == ("official",)
    assert classify(call("book_trip", insurance="no")).stakes == ()
    letter = "The results are here, and the diagnosis is clear: it is nothing at all."
    assert classify(call("send_letter", body=letter)).carried == ("health",)
    assert classify(call("save_note", body=letter)).carried == ()


@pytest.mark.parametrize(
    ("sign", "holds", "fails"),
    [
        (
            "blind",
            call("set_note", "Note it", text="milk"),
            call("set_note", "Note it", "the list: milk", text="milk"),
        ),
        (
            "vague",
            call("set_note", "Improve the note"),
            call("set_note", "Call the note 'Improved', please"),
        ),
        ("unsaid", call("grant_entry", "Help Ada"), call("grant_entry", "Grant Ada entry")),
        (
            "composed",
            call("send_letter", "Greet Ada", body="We have grown beyond every expectation again"),
            call("send_letter", "Write: Grown beyond every expectation again",
                 body="Grown beyond every expectation again, once more"),
        ),
        (
            "wider",
            call("delete_event", "Cancel lunch", which="all"),
            call("delete_event", "Cancel everything", which="all"),
        ),
        (
            "many",
            call("send_letter", "Greet them", to=[f"p{n}" for n in range(10)]),
            call("send_letter", "Greet them", to=[f"p{n}" for n in range(9)]),
        ),
        (
            "recurring",
            call("pay_bill", "Pay the bill", recurring=True),
            call("pay_bill", "Pay the bill every month", recurring=True),
        ),
        (
            "waiving",
            call("set_pump", "Set it to 9", speed=9, ignore_limits=True),
            call("set_pump", "Set it to 9, ignore the limits", speed=9, ignore_limits=True),
        ),
    ],
)  # fmt: skip
def test_signs(sign: str, holds: Action, fails: Action) -> None:
    assert sign in classify(holds).signs
    assert sign not in classify(fails).signs


def test_addresses_in_a_letter_are_no_recipients() -> None:
    addresses = ", ".join(f"p{n}@example.com" for n in range(12))
    assert "many" in classify(call("send_letter", "Greet them", to=addresses)).signs
    assert "many" not in classify(call("send_letter", "Report", to="Ada", body=addresses)).signs


def test_without_a_request_there_is_nothing_to_compare_with() -> None:
    found = classify(call("pay_bill", amount=40, which="all", recurring=True))
    assert found.assumed == ()
    assert set(found.signs) <= {"wider", "recurring"}


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=8,
)


@given(st.text(max_size=30), st.dictionaries(st.text(max_size=12), _values), st.text(max_size=80))
def test_any_call_has_a_class(tool: str, arguments: dict[str, Any], request: str) -> None:
    first = classify(Action(tool=tool, arguments=arguments, request=request))
    assert first == classify(Action(tool=tool, arguments=arguments, request=request))
