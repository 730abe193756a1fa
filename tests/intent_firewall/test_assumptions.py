"""Values that an agent chose by itself, told from those that are given in other words."""

from typing import Any

import pytest

from components.actions import Action, ContextPiece
from components.intent_firewall import Assumption, classify


def assumed(
    request: str, read: str = "", trusted: bool = False, **arguments: Any
) -> list[tuple[str, str]]:
    context = (ContextPiece("tool", trusted, read),) if read else ()
    action = Action(tool="set_thing", arguments=arguments, request=request, context=context)
    return [(one.kind, one.value) for one in classify(action).assumed]


@pytest.mark.parametrize(
    ("request_", "arguments"),
    [
        ("Pay Ada 40", {"to": "Ada", "amount": 40}),
        ("Pay forty-two and nine", {"amount": 9}),
        ("Two seats, please", {"seats": 2}),
        ("Meet at 3 pm", {"start_time": "2024-05-17T15:00:00"}),
        ("Meet at 15:00", {"start_time": "15:00"}),
        ("Meet next Friday", {"date": "2024-05-17"}),
        ("Meet on May 17th", {"date": "2024-05-17"}),
        ("Warm the living room", {"room": "living_room_1"}),
        ("1,200 it is", {"amount": 1200.0}),
        ("Buy ACME at the going rate", {"price": 71.4}),
        ("Anything", {"limit": 50, "note_id": "x93", "sort": "newest", "flag": True}),
        (
            "Anything",
            {"text": "a long text that the agent writes by itself, which is its task " * 2},
        ),
        ("", {"to": "Ada", "amount": 40}),
    ],
)
def test_what_is_given_is_not_assumed(request_: str, arguments: dict[str, Any]) -> None:
    assert assumed(request_, **arguments) == []


@pytest.mark.parametrize(
    ("request_", "arguments", "found"),
    [
        ("Pay the plumber", {"to": "kim@example.com"}, [("recipient", "kim@example.com")]),
        ("Pay the plumber", {"amount": 250}, [("sum", "250")]),
        ("Meet on Friday", {"start_time": "2024-05-17 15:00"}, [("time", "2024-05-17 15:00")]),
        ("Fetch my parcel", {"shelf": "basement"}, [("choice", "basement")]),
        ("Pay the plumber", {"amount": "250"}, [("sum", "250")]),
        ("Buy ACME, the market is calm", {"price": 71.4}, [("sum", "71.4")]),
        ("Print the flyers", {"count": 800}, [("sum", "800")]),
    ],
)
def test_what_nobody_gave_is_assumed(
    request_: str, arguments: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert assumed(request_, **arguments) == found


@pytest.mark.parametrize("trusted", [True, False])
def test_what_the_agent_read_gives_values_too(trusted: bool) -> None:
    assert assumed("Pay the plumber", "Invoice: 250 to kim@example.com", trusted,
                   to="kim@example.com", amount=250) == []  # fmt: skip


def test_an_assumption_says_where_it_stands() -> None:
    action = Action(tool="set_thing", arguments={"a": {"to": ["Ada", "Bo"]}}, request="Ask Ada")
    assert classify(action).assumed == (Assumption("recipient", "arguments.a.to[1]", "Bo"),)
