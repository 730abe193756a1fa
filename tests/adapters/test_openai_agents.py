"""Interruptions of the real OpenAI Agents SDK, decided by a real node."""

import asyncio
from typing import Any

import pytest

pytest.importorskip("agents.testing")

from agents import Agent, RunConfig, Runner, RunResult, ShellTool, function_tool
from agents.testing import ScriptedModel, assistant_message, function_call
from assent_client import AsyncAssent, Piece
from assent_client.adapters.openai_agents import about, resolve, run
from openai.types.responses.response_function_shell_tool_call import (
    Action,
    ResponseFunctionShellToolCall,
)

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

SHELL_CALL = ResponseFunctionShellToolCall(
    id="1",
    call_id="1",
    action=Action(commands=["rm -rf /"]),
    status="completed",
    type="shell_call",
)
QUIET = RunConfig(tracing_disabled=True)


def agent(tools: Tools, *turns: Any) -> Agent[Any]:
    """An agent whose model makes these calls, turn by turn: name, arguments, id."""
    steps: list[Any] = [
        [
            assistant_message("I will do it."),
            *(function_call(*call, call_id=i) for *call, i in turn),
        ]
        for turn in turns
    ]
    approved = function_tool(needs_approval=True)
    return Agent(
        name="tidy",
        model=ScriptedModel([*steps, [assistant_message("done")]]),
        tools=[approved(tool) for tool in tools.all],
    )


async def ended(awaited: AsyncAssent, tools: Tools, *turns: Any, **more: Any) -> RunResult:
    asked = agent(tools, *turns)
    return await run(asked, "tidy the customers", awaited, run_config=QUIET, **more)


def said(result: RunResult) -> dict[str, str]:
    """What the tools told the model, by call."""
    items: list[Any] = result.to_input_list()
    return {item["call_id"]: item["output"] for item in items if "output" in item}


async def test_what_no_rule_objects_to_runs_and_what_one_denies_does_not(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    tools = Tools()
    result = await ended(awaited, tools, [("read_file", READ, "1"), ("shell", WIPE, "2")])
    assert tools.ran == [("read_file", READ)]
    assert result.final_output == "done"
    assert "Deletes the whole file system" in said(result)["2"]


async def test_a_person_approves_one_and_rejects_one_of_a_turn(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    tools = Tools()
    turn = [("query", DROP, "1"), ("query", ALSO, "2")]
    with operator(node, (ALSO, "approve", {}), (DROP, "reject", {"reason": "keep them"})):
        result = await ended(awaited, tools, turn)
    assert tools.ran == [("query", ALSO)]
    assert "keep them" in said(result)["1"]


async def test_changed_arguments_do_not_run_until_the_model_calls_with_them(
    node: RunningNode,
    awaited: AsyncAssent,
) -> None:
    tools = Tools()
    turns = [("query", DROP, "1")], [("query", SELECT, "2")]
    with operator(node, (DROP, "modify", {"arguments": SELECT})):
        result = await ended(awaited, tools, *turns)
    assert tools.ran == [("query", SELECT)]
    assert SELECT["sql"] in said(result)["1"]


@pytest.mark.parametrize(
    "arguments",
    ['{"path": "notes', '["notes.txt"]', '{"path": "notes.txt", "path": "/etc/passwd"}'],
)
async def test_malformed_arguments_are_rejected(
    node: RunningNode, awaited: AsyncAssent, arguments: str
) -> None:
    tools = Tools()
    result = await ended(awaited, tools, [("read_file", arguments, "1")])
    assert tools.ran == []
    assert said(result)["1"].startswith("Not run")


async def test_where_no_node_is_nothing_runs(awaited: AsyncAssent) -> None:
    tools = Tools()
    turn = [("read_file", READ, "1"), ("query", DROP, "2")]
    result = await ended(awaited, tools, turn, timeout_s=1)
    assert tools.ran == []
    assert all(text.startswith("Not run") for text in said(result).values())


async def test_an_approval_is_for_one_call_only(node: RunningNode, awaited: AsyncAssent) -> None:
    tools = Tools()
    turns = [("query", DROP, "1")], [("query", DROP, "2")]
    asking = asyncio.create_task(ended(awaited, tools, *turns))
    for answer in ("approve", "reject"):
        view = await asyncio.to_thread(waiting, node, DROP)
        await asyncio.to_thread(node.answer, view, answer)
    await asking
    assert tools.ran == [("query", DROP)]


async def test_the_operator_sees_the_request_and_what_tools_gave(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    tools = Tools()
    asking = asyncio.create_task(
        ended(awaited, tools, [("read_file", READ, "1")], [("query", DROP, "2")])
    )
    view = await asyncio.to_thread(waiting, node, DROP)
    action = asked_in_full(node, view)
    await asyncio.to_thread(node.answer, view, "reject")
    await asking
    assert (action.request, action.narrative) == ("tidy the customers", "I will do it.")
    assert action.context == (ContextPiece("read_file", False, "notes.txt is empty"),)


async def test_a_tool_of_another_shape_is_refused(node: RunningNode, awaited: AsyncAssent) -> None:
    ran: list[object] = []
    model = ScriptedModel([[SHELL_CALL], [assistant_message("done")]])
    shell = ShellTool(executor=ran.append, needs_approval=True)
    asked = Agent(name="tidy", model=model, tools=[shell])
    result = await run(asked, "tidy", awaited, run_config=QUIET)
    assert ran == []
    assert result.final_output == "done"


async def test_a_state_may_be_resolved_by_hand(node: RunningNode, awaited: AsyncAssent) -> None:
    tools = Tools()
    asked = agent(tools, [("read_file", READ, "1"), ("shell", WIPE, "2")])
    result = await Runner.run(asked, "tidy", run_config=QUIET)
    state = await resolve(awaited, result, request="tidy")
    assert (await Runner.run(asked, state, run_config=QUIET)).final_output == "done"
    assert tools.ran == [("read_file", READ)]


def test_what_was_said_and_read_is_understood_in_all_its_forms() -> None:
    items = [
        {"role": "user", "content": [{"type": "input_text", "text": "look"}]},
        {"type": "mcp_call", "name": "search", "output": "found"},
        {"type": "mcp_call", "name": "fetch", "output": "a page"},
        {"type": "shell_call_output", "call_id": "1", "output": [{"stdout": "x"}]},
    ]
    known = about(items)
    assert known["request"] == "look"
    assert known["context"] == [
        Piece("search", "found"),
        Piece("fetch", "a page"),
        Piece("tool", '{"stdout": "x"}'),
    ]
