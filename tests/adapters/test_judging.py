import asyncio
import time
from pathlib import Path

import pytest
from assent_client import Assent, AsyncAssent
from assent_client.adapters.judging import Call, judge_all, judge_all_async, plain

from app.settings import GateSettings, Settings
from components.gate import Judged
from tests.adapters.acting import ALSO, DROP, READ, WIPE, operator, waiting
from tests.support import RunningNode, running_node, until


def test_each_call_is_judged_and_the_order_kept(node: RunningNode, assent: Assent) -> None:
    calls = [Call("read_file", READ), Call("shell", WIPE), Call("read_file", '{"path": "b"}')]
    first, second, third = judge_all(assent, calls)
    assert (first.allowed, first.arguments) == (True, READ)
    assert not second.allowed
    assert "Deletes the whole file system" in second.why
    assert (third.allowed, third.arguments) == (True, {"path": "b"})


async def test_the_calls_of_a_turn_are_asked_at_once_and_answered_in_order(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    answers = ((ALSO, "reject", {"reason": "not that"}), (DROP, "approve", {}))
    with operator(node, *answers):
        judged = await judge_all_async(awaited, [Call("query", DROP), Call("query", ALSO)])
    assert [each.allowed for each in judged] == [True, False]
    assert "not that" in judged[1].why


def test_an_allow_is_claimed_once(node: RunningNode, assent: Assent) -> None:
    permission = judge_all(assent, [Call("read_file", READ)])[0].permission
    assert permission is not None
    assert assent.consume(permission) is False


@pytest.mark.parametrize(
    "arguments",
    ['{"path": "a"', '{"path": "a", "path": "b"}', '{"n": NaN}', '["a"]', "null", None, 7, b"{}"],
)
def test_arguments_that_are_no_json_object_are_refused(
    node: RunningNode, assent: Assent, arguments: object
) -> None:
    judged = judge_all(assent, [Call("read_file", arguments)])[0]
    assert not judged.allowed
    assert judged.why.startswith("Not run")


@pytest.mark.parametrize(
    "arguments", ['{"n": 1e999}', '{"s": "\\ud800"}', '{"n": 9007199254740993}']
)
def test_arguments_that_no_message_can_carry_are_refused(
    node: RunningNode, assent: Assent, arguments: str
) -> None:
    assert not judge_all(assent, [Call("read_file", arguments)])[0].allowed


@pytest.mark.parametrize("tool", [None, "", 3, ["shell"]])
def test_a_call_without_a_name_is_refused(node: RunningNode, assent: Assent, tool: object) -> None:
    assert not judge_all(assent, [Call(tool, {})])[0].allowed


def test_calls_that_share_an_id_are_refused_since_one_answer_would_do_for_both(
    node: RunningNode, assent: Assent
) -> None:
    calls = [Call("read_file", READ, "1"), Call("shell", WIPE, "1"), Call("read_file", READ, "2")]
    assert [each.allowed for each in judge_all(assent, calls)] == [False, False, True]


def test_arguments_are_copied_and_no_text_is_the_empty_object() -> None:
    given = {"to": ["a"]}
    assert plain(given) == given
    assert plain(given)["to"] is not given["to"]
    assert plain("") == {}


def test_where_no_node_is_nothing_is_allowed(assent: Assent) -> None:
    judged = judge_all(assent, [Call("read_file", READ)], timeout_s=1)[0]
    assert not judged.allowed


async def test_where_no_node_is_nothing_is_allowed_when_awaited(awaited: AsyncAssent) -> None:
    judged = await judge_all_async(awaited, [Call("read_file", READ)], timeout_s=1)
    assert not judged[0].allowed


async def test_an_allow_that_lapses_while_others_are_judged_does_not_run(home: Path) -> None:
    short = Settings(gate=GateSettings(verdict_valid_s=3))
    with running_node(home, short) as node, Assent(home, "tidy") as assent:

        def lapsed() -> bool:
            ends = [event.verdict.not_after for event in node.events if isinstance(event, Judged)]
            return bool(ends) and time.time_ns() // 1000 > ends[0]

        calls = [Call("read_file", READ), Call("query", DROP)]
        judging = asyncio.create_task(judge_all_async(assent, calls))
        view = await asyncio.to_thread(waiting, node, DROP)
        await asyncio.to_thread(until, lapsed)
        await asyncio.to_thread(node.answer, view, "approve")
        early, late = await judging
    assert (early.allowed, late.allowed) == (False, True)


async def test_who_stops_waiting_withdraws_what_was_asked(
    node: RunningNode, awaited: AsyncAssent
) -> None:
    asking = asyncio.create_task(judge_all_async(awaited, [Call("query", DROP)]))
    await asyncio.to_thread(waiting, node, DROP)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.to_thread(until, lambda: not node.node.engine.queue.pending(1))
