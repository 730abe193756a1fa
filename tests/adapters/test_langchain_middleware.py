"""The middleware in real LangChain agents, before a real node."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import pytest

pytest.importorskip("langchain")

from assent_client import Assent, Piece
from assent_client.adapters.langchain import AssentMiddleware
from langchain.agents import create_agent
from langchain_core.messages import ToolMessage
from langchain_core.tools import InjectedToolCallId
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt

from components.actions import ContextPiece
from components.gate import Reported
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
from tests.adapters.scripted_chat import calling
from tests.support import RunningNode, until

ASK = {"messages": [{"role": "user", "content": "tidy the customers"}]}
Invoke = Callable[..., Awaitable[list[ToolMessage]]]


async def invoked(assent: Assent, tools: list[Any], *turns: Any, **more: Any) -> list[ToolMessage]:
    agent = create_agent(calling(*turns), tools, middleware=[AssentMiddleware(assent, **more)])
    return messages(await asyncio.to_thread(agent.invoke, ASK))


async def ainvoked(assent: Assent, tools: list[Any], *turns: Any, **more: Any) -> list[ToolMessage]:
    agent = create_agent(calling(*turns), tools, middleware=[AssentMiddleware(assent, **more)])
    return messages(await agent.ainvoke(ASK))


def messages(result: dict[str, Any]) -> list[ToolMessage]:
    return [message for message in result["messages"] if isinstance(message, ToolMessage)]


def reported(node: RunningNode, count: int) -> list[Any]:
    def found() -> list[Any]:
        outcomes = [event.outcome for event in node.events if isinstance(event, Reported)]
        return outcomes if len(outcomes) >= count else []

    return until(found, "the outcome")


BOTH = pytest.mark.parametrize("invoke", [invoked, ainvoked])


@BOTH
async def test_what_no_rule_objects_to_runs_and_is_reported(
    node: RunningNode, assent: Assent, invoke: Invoke
) -> None:
    tools = Tools()
    (message,) = await invoke(assent, tools.all, [("read_file", READ)])
    assert tools.ran == [("read_file", READ)]
    assert (message.status, message.content) == ("success", "notes.txt is empty")
    assert reported(node, 1)[0].status == "ok"


@BOTH
async def test_what_a_rule_denies_does_not_run(
    node: RunningNode, assent: Assent, invoke: Invoke
) -> None:
    tools = Tools()
    (message,) = await invoke(assent, tools.all, [("shell", WIPE)])
    assert tools.ran == []
    assert message.status == "error"
    assert "Deletes the whole file system" in str(message.content)


@BOTH
async def test_a_person_approves_rejects_and_changes_calls_of_one_turn(
    node: RunningNode, assent: Assent, invoke: Invoke
) -> None:
    tools = Tools()
    third = {"sql": "DROP TABLE invoices"}
    turn = [("query", DROP), ("query", ALSO), ("query", third)]
    answers = (
        (third, "approve", {}),
        (DROP, "modify", {"arguments": SELECT}),
        (ALSO, "reject", {"reason": "keep them"}),
    )
    with operator(node, *answers):
        first, second, last = await invoke(assent, tools.all, turn)
    assert sorted(tools.ran, key=str) == [("query", third), ("query", SELECT)]
    assert SELECT["sql"] in str(first.content)
    assert "keep them" in str(second.content)
    assert last.content == "0 rows"


@BOTH
async def test_a_tool_that_fails_is_reported_and_fails_as_without(
    node: RunningNode, assent: Assent, invoke: Invoke
) -> None:
    def read_file(path: str) -> str:
        """Read a file."""
        raise RuntimeError(f"no {path}")

    with pytest.raises(RuntimeError, match="no notes"):
        await invoke(assent, [read_file], [("read_file", READ)])
    outcome = reported(node, 1)[0]
    assert (outcome.status, outcome.detail) == ("failed", "RuntimeError: no notes.txt")


@BOTH
async def test_a_tool_that_refuses_its_arguments_is_reported_as_failed(
    node: RunningNode, assent: Assent, invoke: Invoke
) -> None:
    tools = Tools()
    (message,) = await invoke(assent, tools.all, [("read_file", {"folder": "notes"})])
    assert tools.ran == []
    assert message.status == "error"
    assert reported(node, 1)[0].status == "failed"


@BOTH
async def test_a_tool_may_give_a_command(node: RunningNode, assent: Assent, invoke: Invoke) -> None:
    def read_file(path: str, tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
        """Read a file."""
        return Command(update={"messages": [ToolMessage(path, tool_call_id=tool_call_id)]})

    (message,) = await invoke(assent, [read_file], [("read_file", READ)])
    assert message.content == "notes.txt"
    assert reported(node, 1)[0].status == "ok"


@BOTH
async def test_the_operator_sees_the_request_and_what_tools_gave(
    node: RunningNode, assent: Assent, invoke: Invoke
) -> None:
    tools = Tools()
    asking = asyncio.create_task(
        invoke(assent, tools.all, [("read_file", READ)], [("query", DROP)])
    )
    view = await asyncio.to_thread(waiting, node, DROP)
    action = asked_in_full(node, view)
    await asyncio.to_thread(node.answer, view, "reject")
    await asking
    assert (action.request, action.narrative) == ("tidy the customers", "I will do it.")
    assert action.context == (ContextPiece("read_file", False, "notes.txt is empty"),)


@BOTH
async def test_an_agent_may_pick_its_own_context(
    node: RunningNode, assent: Assent, invoke: Invoke
) -> None:
    tools = Tools()

    def broken(_: Any) -> list[Piece]:
        raise RuntimeError("no context")

    turn = [("read_file", READ)]
    (message,) = await invoke(assent, tools.all, turn, context=broken)
    assert "no context" in str(message.content)
    huge = [Piece(source="page", text="x" * 300_000)]
    (message,) = await invoke(assent, tools.all, turn, context=lambda _: huge)
    assert message.status == "error"
    assert tools.ran == []
    await invoke(assent, tools.all, turn, context=lambda _: huge[:0])
    assert tools.ran == [("read_file", READ)]


@BOTH
async def test_where_no_node_is_nothing_runs(assent: Assent, invoke: Invoke) -> None:
    tools = Tools()
    turn = [("read_file", READ), ("query", DROP)]
    first, second = await invoke(assent, tools.all, turn, timeout_s=1)
    assert tools.ran == []
    assert (first.status, second.status) == ("error", "error")


@BOTH
async def test_nobody_answers_in_time_and_nothing_runs(
    node: RunningNode, assent: Assent, invoke: Invoke
) -> None:
    tools = Tools()
    (message,) = await invoke(assent, tools.all, [("query", DROP)], timeout_s=1)
    assert tools.ran == []
    assert "expired" in str(message.content)


def test_a_tool_that_pauses_the_graph_is_judged_anew_when_it_goes_on(
    node: RunningNode, assent: Assent
) -> None:
    ran: list[str] = []

    def read_file(path: str) -> str:
        """Read a file, if the user wants to."""
        ran.append(str(interrupt("Sure?")))
        return path

    agent = create_agent(
        calling([("read_file", READ)]),
        [read_file],
        middleware=[AssentMiddleware(assent)],
        checkpointer=InMemorySaver(),
    )
    config: Any = {"configurable": {"thread_id": "1"}}
    agent.invoke(ASK, config)
    assert ran == []
    agent.invoke(Command(resume="yes"), config)
    assert ran == ["yes"]
    assert len(reported(node, 1)) == 1
