from typing import Any

import pytest
from assent_client.adapters.judging import Judgement
from assent_client.adapters.reviews import Unanswerable, calls, portions, read, respond

ALLOWED = Judgement(allowed=True, why="", arguments={"a": 1})
CHANGED = Judgement(allowed=True, why="", arguments={"a": 2}, modified=True)
DENIED = Judgement(allowed=False, why="Not run: no")


def request(*allowed: str, key: str = "args") -> dict[str, Any]:
    return {
        "action_requests": [{"name": "t", key: {"a": 1}, "description": "?"}],
        "review_configs": [{"action_name": "t", "allowed_decisions": list(allowed)}],
    }


def decision(judged: Judgement, *allowed: str, key: str = "args") -> dict[str, Any]:
    answer: dict[str, Any] = respond([read(request(*allowed, key=key))], [judged])[0]
    return answer["decisions"][0]


def test_what_is_allowed_as_asked_is_approved() -> None:
    assert decision(ALLOWED, "approve", "edit", "reject") == {"type": "approve"}


def test_what_is_allowed_with_other_arguments_is_edited() -> None:
    edited = {"type": "edit", "edited_action": {"name": "t", "args": {"a": 2}}}
    assert decision(CHANGED, "approve", "edit", "reject") == edited


def test_older_requests_say_arguments_and_are_answered_so() -> None:
    review = read(request("edit", key="arguments"))
    assert calls([review])[0].arguments == {"a": 1}
    edited = decision(CHANGED, "edit", key="arguments")["edited_action"]
    assert edited == {"name": "t", "arguments": {"a": 2}}


def test_where_only_edits_are_open_an_approval_is_an_edit_that_changes_nothing() -> None:
    edited = {"type": "edit", "edited_action": {"name": "t", "args": {"a": 1}}}
    assert decision(ALLOWED, "edit", "reject") == edited


def test_where_no_edits_are_open_changed_arguments_are_rejected_with_what_to_call() -> None:
    answer = decision(CHANGED, "approve", "reject")
    assert answer["type"] == "reject"
    assert '{"a": 2}' in answer["message"]


@pytest.mark.parametrize("judged", [DENIED, CHANGED])
def test_where_no_rejection_is_open_the_answer_is_given_in_the_tools_place(
    judged: Judgement,
) -> None:
    answer = decision(judged, "approve", "respond")
    assert answer["type"] == "respond"
    assert answer["message"].startswith("Not run")


@pytest.mark.parametrize("allowed", [("approve",), ("approve", "edit")])
def test_where_nothing_safe_is_open_there_is_no_answer(allowed: tuple[str, ...]) -> None:
    with pytest.raises(Unanswerable, match="neither rejected"):
        decision(DENIED, *allowed)


def test_a_call_that_takes_no_approval_is_not_run() -> None:
    assert decision(ALLOWED, "reject")["type"] == "reject"


def test_several_configurations_of_one_tool_leave_what_all_of_them_allow() -> None:
    value = request("approve", "reject")
    value["review_configs"].append({"action_name": "t", "allowed_decisions": ["reject"]})
    assert respond([read(value)], [ALLOWED])[0]["decisions"][0]["type"] == "reject"


@pytest.mark.parametrize(
    "value",
    [
        None,
        "May I?",
        {},
        {"action_requests": [], "review_configs": []},
        {"action_requests": [{"name": "t", "args": {}}]},
        {"action_requests": [{"name": "t", "args": {}}], "review_configs": []},
        {**request("approve"), "action_requests": [{"name": "t"}]},
        {**request("approve"), "action_requests": [{"args": {}}]},
        {**request("approve"), "action_requests": ["t"]},
        {**request("approve"), "action_requests": [{"name": "t", "args": {}, "arguments": {}}]},
        {**request("approve"), "review_configs": [{"action_name": "t"}]},
        {**request("approve"), "review_configs": [{"action_name": "t", "allowed_decisions": 1}]},
        {"type": "tool_approval", "name": "t", "args": {}},
    ],
)
def test_an_unknown_shape_is_refused(value: object) -> None:
    with pytest.raises(Unanswerable):
        read(value)


def test_each_edit_is_resumed_alone_and_after_the_rest() -> None:
    edit, approve = {"type": "edit"}, {"type": "approve"}
    assert list(portions({"1": edit, "2": approve, "3": edit, "4": approve})) == [
        {"2": approve, "4": approve},
        {"1": edit},
        {"3": edit},
    ]
