"""Human-in-the-loop interrupts of the real LangChain, decided by a real node."""

import contextlib
from typing import Any

import pytest

pytest.importorskip("langchain")

from assent_client import Assent, AsyncAssent
from assent_client.adapters.langchain import Unanswerable, adecide, arun, decide, run
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt
from pydantic import ValidationError

from tests.adapters.acting import ALSO, DROP, READ, SELECT, WIPE, Tools, operator
from tests.adapters.scripted_chat import calling
from tests.support import RunningNode

ASK = {"messages": [{"role": "user", "content": "tidy the customers"}]}
CONFIG = {"configurable": {"thread_id": "1"}}
MODES = pytest.mark.parametrize("mode", ["batched", "per_call"])
BAD_ARGUMENTS = pytest.raises(ValidationError, match="sql")
EVERY = ["approve", "edit", "reject", "respond"]


def agent(tools: Tools, *turns: Any, mode: str = "batched", allowed: Any = EVERY) -> Any:
    reviewed = {name: {"allowed_decisions": allowed} for name in ("read_file", "query", "shell")}
    return create_agent(
        calling(*turns),
        tools.all,
        middleware=[HumanInTheLoopMiddleware(reviewed, interrupt_mode=mode)],
        checkpointer=InMemorySaver(),
    )


def said(result: dict[str, Any]) -> list[str]:
    """What the tools' messages told the model."""
    return [str(each.text) for each in result["messages"] if isinstance(each, ToolMessage)]


@MODES
def test_what_no_rule_objects_to_runs_and_what_one_denies_does_not(
    node: RunningNode, assent: Assent, mode: str
) -> None:
    tools = Tools()
    turn = [("read_file", READ), ("shell", WIPE)]
    result = run(agent(tools, turn, mode=mode), ASK, CONFIG, assent)
    assert tools.ran == [("read_file", READ)]
    assert result["messages"][-1].text == "done"
    assert any("Deletes the whole file system" in text for text in said(result))


@MODES
def test_a_person_approves(node: RunningNode, assent: Assent, mode: str) -> None:
    tools = Tools()
    with operator(node, (DROP, "approve", {})):
        run(agent(tools, [("query", DROP)], mode=mode), ASK, CONFIG, assent)
    assert tools.ran == [("query", DROP)]


@MODES
def test_a_person_rejects(node: RunningNode, assent: Assent, mode: str) -> None:
    tools = Tools()
    with operator(node, (DROP, "reject", {"reason": "keep them"})):
        result = run(agent(tools, [("query", DROP)], mode=mode), ASK, CONFIG, assent)
    assert tools.ran == []
    assert "keep them" in said(result)[0]


@MODES
def test_a_person_changes_the_arguments(node: RunningNode, assent: Assent, mode: str) -> None:
    tools = Tools()
    with operator(node, (DROP, "modify", {"arguments": SELECT})):
        run(agent(tools, [("query", DROP)], mode=mode), ASK, CONFIG, assent)
    assert tools.ran == [("query", SELECT)]


@MODES
def test_changed_arguments_do_not_run_where_no_edits_are_open(
    node: RunningNode, assent: Assent, mode: str
) -> None:
    tools = Tools()
    deaf = agent(tools, [("query", DROP)], mode=mode, allowed=["approve", "reject"])
    with operator(node, (DROP, "modify", {"arguments": SELECT})):
        result = run(deaf, ASK, CONFIG, assent)
    assert tools.ran == []
    assert SELECT["sql"] in said(result)[0]


@MODES
def test_a_denial_runs_nothing_where_no_rejection_is_open(
    node: RunningNode, assent: Assent, mode: str
) -> None:
    tools = Tools()
    answered = agent(tools, [("shell", WIPE)], mode=mode, allowed=["approve", "respond"])
    result = run(answered, ASK, CONFIG, assent)
    assert said(result)[0].startswith("Not run")
    stuck = agent(tools, [("shell", WIPE)], mode=mode, allowed=["approve"])
    with pytest.raises(Unanswerable):
        run(stuck, ASK, CONFIG, assent)
    assert stuck.get_state(CONFIG).interrupts
    assert tools.ran == []


@MODES
async def test_the_calls_of_a_turn_wait_together_and_are_answered_in_order(
    node: RunningNode, awaited: AsyncAssent, mode: str
) -> None:
    tools = Tools()
    turn = [("query", DROP), ("query", ALSO), ("read_file", READ)]
    answers = ((ALSO, "modify", {"arguments": SELECT}), (DROP, "reject", {"reason": "no"}))
    with operator(node, *answers):
        await arun(agent(tools, turn, mode=mode), ASK, CONFIG, awaited)
    assert sorted(tools.ran, key=str) == [("query", SELECT), ("read_file", READ)]


@MODES
async def test_several_changed_calls_run_once_each(
    node: RunningNode, awaited: AsyncAssent, mode: str
) -> None:
    tools = Tools()
    turn = [("query", DROP), ("query", ALSO)]
    answers = (
        (DROP, "modify", {"arguments": {"sql": "SELECT 1"}}),
        (ALSO, "modify", {"arguments": {"sql": "SELECT 2"}}),
    )
    with operator(node, *answers):
        result = await arun(agent(tools, turn, mode=mode), ASK, CONFIG, awaited)
    assert sorted(tools.ran, key=str) == [
        ("query", {"sql": "SELECT 1"}),
        ("query", {"sql": "SELECT 2"}),
    ]
    assert result["messages"][-1].text == "done"


@MODES
def test_each_turn_is_judged_and_sees_what_the_tools_gave_before(
    node: RunningNode, assent: Assent, mode: str
) -> None:
    tools = Tools()
    with operator(node, (DROP, "approve", {})):
        two_turns = agent(tools, [("read_file", READ)], [("query", DROP)], mode=mode)
        run(two_turns, ASK, CONFIG, assent)
    assert tools.ran == [("read_file", READ), ("query", DROP)]


@pytest.mark.parametrize(
    ("mode", "raises"), [("batched", contextlib.nullcontext()), ("per_call", BAD_ARGUMENTS)]
)
def test_arguments_that_the_tool_does_not_take_run_nothing(
    node: RunningNode, assent: Assent, mode: str, raises: Any
) -> None:
    tools = Tools()
    with operator(node, (DROP, "modify", {"arguments": {"sql": ["no", "text"]}})), raises:
        run(agent(tools, [("query", DROP)], mode=mode), ASK, CONFIG, assent)
    assert tools.ran == []


async def test_a_changed_call_that_does_not_fit_leaves_the_others_to_run_once(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    tools = Tools()
    turn = [("query", DROP), ("query", ALSO), ("read_file", READ)]
    paused = agent(tools, turn, mode="per_call")
    answers = (
        (DROP, "modify", {"arguments": {"sql": ["no", "text"]}}),
        (ALSO, "approve", {}),
    )
    with operator(node, *answers), BAD_ARGUMENTS:
        await arun(paused, ASK, CONFIG, awaited)
    assert [each.value["args"] for each in paused.get_state(CONFIG).interrupts] == [DROP]
    with operator(node, (DROP, "reject", {})):
        await arun(paused, None, CONFIG, awaited)
    assert sorted(tools.ran, key=str) == [("query", ALSO), ("read_file", READ)]


@MODES
def test_where_no_node_is_nothing_runs(assent: Assent, mode: str) -> None:
    tools = Tools()
    turn = [("read_file", READ), ("query", DROP)]
    result = run(agent(tools, turn, mode=mode), ASK, CONFIG, assent, timeout_s=1)
    assert tools.ran == []
    assert len(said(result)) == 2


async def test_decisions_may_be_asked_for_by_hand(node: RunningNode, awaited: AsyncAssent) -> None:
    tools = Tools()
    paused = agent(tools, [("read_file", READ), ("shell", WIPE)])
    value = (await paused.ainvoke(ASK, CONFIG))["__interrupt__"][0].value
    answer = await adecide(awaited, value, request="tidy the customers")
    assert [decision["type"] for decision in answer["decisions"]] == ["approve", "reject"]
    await paused.ainvoke(Command(resume=answer), CONFIG)
    assert tools.ran == [("read_file", READ)]


def test_malformed_arguments_are_rejected_and_the_rest_is_decided(
    node: RunningNode, assent: Assent
) -> None:
    requests = [{"name": "read_file", "args": each} for each in ('{"path":', ["a"], READ)]
    configs = [{"action_name": "read_file", "allowed_decisions": ["approve", "reject"]}]
    answer = decide(assent, {"action_requests": requests, "review_configs": configs})
    kinds = [decision["type"] for decision in answer["decisions"]]
    assert kinds == ["reject", "reject", "approve"]


def test_a_pause_that_is_no_review_stays_open(node: RunningNode, assent: Assent) -> None:
    def ask_user(question: str) -> str:
        """Ask the user."""
        return str(interrupt(question))

    paused = create_agent(
        calling([("ask_user", {"question": "Sure?"})]), [ask_user], checkpointer=InMemorySaver()
    )
    with pytest.raises(Unanswerable):
        run(paused, ASK, CONFIG, assent)
    assert paused.get_state(CONFIG).interrupts
    with pytest.raises(Unanswerable):
        decide(assent, "Sure?")
