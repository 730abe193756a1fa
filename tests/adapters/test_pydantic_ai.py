"""Deferred calls of the real Pydantic AI, decided by a real node."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

pytest.importorskip("pydantic_ai")

from assent_client import AsyncAssent
from assent_client.adapters.pydantic_ai import decide, run
from pydantic_ai import (
    Agent,
    AgentRunResult,
    CallDeferred,
    DeferredToolRequests,
    ModelMessage,
    ModelResponse,
    TextPart,
    ToolApproved,
    ToolCallPart,
    ToolDenied,
    ToolReturnPart,
)
from pydantic_ai.capabilities import HandleDeferredToolCalls
from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import UsageLimits

from components.actions import ContextPiece
from tests.adapters.acting import (
    ALSO,
    DROP,
    READ,
    SELECT,
    WIPE,
    Tools,
    asked_in_full,
    operator,
    waiting,
)
from tests.support import RunningNode

Turn = Sequence[tuple[str, Any]]


def agent(tools: Tools, *turns: Turn, **more: Any) -> Agent[None, Any]:
    """An agent whose model makes these calls, turn by turn, and then says that it is done."""
    left = iter(turns)

    def say(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        turn = next(left, None)
        if turn is None:
            return ModelResponse(parts=[TextPart("done")])
        calls = [ToolCallPart(name, arguments) for name, arguments in turn]
        return ModelResponse(parts=[TextPart("I will do it."), *calls])

    made: Agent[None, Any] = Agent(
        FunctionModel(say), output_type=[str, DeferredToolRequests], **more
    )
    for tool in tools.all:
        made.tool_plain(requires_approval=True)(tool)
    return made


async def ended(
    awaited: AsyncAssent, tools: Tools, *turns: Turn, **more: Any
) -> AgentRunResult[Any]:
    return await run(agent(tools, *turns), "tidy the customers", awaited, **more)


def said(result: AgentRunResult[Any]) -> list[str]:
    """What the tools told the model."""
    parts = [part for message in result.all_messages() for part in message.parts]
    return [part.model_response_str() for part in parts if isinstance(part, ToolReturnPart)]


async def test_what_no_rule_objects_to_runs_and_what_one_denies_does_not(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    tools = Tools()
    result = await ended(awaited, tools, [("read_file", READ), ("shell", WIPE)])
    assert tools.ran == [("read_file", READ)]
    assert result.output == "done"
    assert any("Deletes the whole file system" in text for text in said(result))


async def test_a_person_approves_changes_and_rejects_calls_of_one_turn(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    tools = Tools()
    third = {"sql": "DROP TABLE invoices"}
    turn = [("query", DROP), ("query", '{"sql": "DROP TABLE orders"}'), ("query", third)]
    answers = (
        (third, "approve", {}),
        (ALSO, "modify", {"arguments": SELECT}),
        (DROP, "reject", {"reason": "keep them"}),
    )
    with operator(node, *answers):
        result = await ended(awaited, tools, turn)
    assert sorted(tools.ran, key=str) == [("query", third), ("query", SELECT)]
    assert any("keep them" in text for text in said(result))


@pytest.mark.parametrize(
    "arguments",
    ['{"path": "notes', '["notes.txt"]', '{"path": "notes.txt", "path": "/etc/passwd"}'],
)
async def test_malformed_arguments_are_denied(
    node: RunningNode, awaited: AsyncAssent, arguments: str
) -> None:
    tools = Tools()
    asked = DeferredToolRequests(approvals=[ToolCallPart("read_file", arguments, "1")])
    results = await decide(awaited, asked)
    assert isinstance(results.approvals["1"], ToolDenied)
    await ended(awaited, tools, [("read_file", arguments)])
    assert tools.ran == []


async def test_every_call_is_answered_and_never_with_nothing(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    calls = [
        ToolCallPart("read_file", READ, "1"),
        ToolCallPart("shell", WIPE, "2"),
        ToolCallPart("list_files", None, "3"),
        ToolCallPart("read_file", READ, "4"),
        ToolCallPart("read_file", {"path": "other"}, "4"),
    ]
    answers = (await decide(awaited, DeferredToolRequests(approvals=calls))).approvals
    assert (answers["1"], answers["3"]) == (True, True)
    assert isinstance(answers["2"], ToolDenied)
    assert isinstance(answers["4"], ToolDenied)


async def test_changed_arguments_override_the_models(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    asked = DeferredToolRequests(approvals=[ToolCallPart("query", DROP, "1")])
    with operator(node, (DROP, "modify", {"arguments": SELECT})):
        results = await decide(awaited, asked)
    assert results.approvals == {"1": ToolApproved(override_args=SELECT)}


async def test_where_no_node_is_nothing_runs(awaited: AsyncAssent) -> None:
    tools = Tools()
    result = await ended(awaited, tools, [("read_file", READ), ("query", DROP)], timeout_s=1)
    assert tools.ran == []
    assert all("Not run" in text for text in said(result))


async def test_the_operator_sees_the_request_and_what_tools_gave(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    tools = Tools()
    asking = asyncio.create_task(ended(awaited, tools, [("read_file", READ)], [("query", DROP)]))
    view = await asyncio.to_thread(waiting, node, DROP)
    action = asked_in_full(node, view)
    await asyncio.to_thread(node.answer, view, "reject")
    await asking
    assert (action.request, action.narrative) == ("tidy the customers", "I will do it.")
    assert action.context == (ContextPiece("read_file", False, "notes.txt is empty"),)


async def test_a_model_that_insists_is_ended_by_the_limits_of_the_whole_run(
    node: RunningNode,
    awaited: AsyncAssent,
) -> None:
    tools = Tools()
    turns = [[("shell", WIPE)]] * 9
    with pytest.raises(UsageLimitExceeded):
        await ended(awaited, tools, *turns, usage_limits=UsageLimits(request_limit=3))
    assert tools.ran == []


async def test_calls_to_be_run_elsewhere_are_left_to_the_caller(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    tools = Tools()
    asked = agent(tools, [("read_file", READ), ("elsewhere", {})])

    @asked.tool_plain
    def elsewhere() -> str:
        raise CallDeferred

    result = await run(asked, "tidy", awaited)
    assert [call.tool_name for call in result.output.calls] == ["elsewhere"]
    assert tools.ran == []


async def test_it_serves_as_the_handler_of_an_agent(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    tools = Tools()
    handler = HandleDeferredToolCalls(handler=lambda _, requests: decide(awaited, requests))
    asked = agent(tools, [("read_file", READ), ("shell", WIPE)], capabilities=[handler])
    assert (await asked.run("tidy")).output == "done"
    assert tools.ran == [("read_file", READ)]
