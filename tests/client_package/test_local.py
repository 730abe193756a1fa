"""The client against a real node, over its socket."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from assent_client import Assent, AsyncAssent
from assent_client.local import default_home

from app.home import SOCKET_NAME, socket_path
from app.home import home as nodes_home
from app.intake.wire import Consume, refuse
from tests.client.scripted import ScriptedNode
from tests.client_package.asking import ASKED, BLOCKED, HARMLESS, Under
from tests.support import RunningNode, running_node, until


def test_the_real_gate_answers_by_rule(node: RunningNode, assent: Assent) -> None:
    allowed, denied = assent.ask(*HARMLESS, request="the weather"), assent.ask(*BLOCKED)
    assert allowed.allowed
    assert allowed.arguments == HARMLESS[1]
    assert denied.verdict == "deny"
    assert denied.rule != "client"
    assert denied.reasons


def test_a_socket_may_be_named_instead_of_the_home(node: RunningNode, home: Path) -> None:
    with Assent(home / SOCKET_NAME, "tester") as assent:
        assert assent.ask(*HARMLESS).allowed


def test_a_home_with_a_long_path_is_found_where_its_node_listens(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 25)
    with running_node(home), Assent(home, "tester") as assent:
        assert socket_path(home).parent != home
        assert assent.ask(*HARMLESS).allowed


@pytest.mark.parametrize("name", ["ASSENT_HOME", "XDG_DATA_HOME", ""])
def test_the_default_home_is_the_nodes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASSENT_HOME", raising=False)
    if name:
        monkeypatch.setenv(name, str(tmp_path))
    assert default_home() == nodes_home()


@pytest.mark.fault(51)
def test_fault_51_no_node_is_a_denial(home: Path) -> None:
    with Assent(home, "tester") as assent:
        permission = assent.ask(*HARMLESS)
    assert (permission.verdict, permission.rule) == ("deny", "client")
    assert "no node answers" in permission.reasons[0]


@pytest.mark.fault(51)
def test_fault_51_a_node_that_goes_for_good_denies_at_the_deadline(home: Path) -> None:
    with Assent(home, "tester") as assent:
        with running_node(home) as node:
            asking = Under(lambda: assent.ask(*ASKED, timeout_s=2))
            node.waiting("query")
        permission = asking.result()
    assert (permission.verdict, permission.rule) == ("expired", "client")
    assert "no node answers" in permission.reasons[0]


def test_a_node_that_restarts_in_mid_wait_answers_the_same_request_once(home: Path) -> None:
    with Assent(home, "tester") as assent:
        with running_node(home) as first:
            asking = Under(lambda: assent.ask(*ASKED))
            before = first.waiting("query")
        with running_node(home) as second:
            after = second.waiting("query")
            assert after.id == before.id
            second.answer(after, "approve")
            assert asking.result().allowed
            assert len(second.node.engine.queue.pending(10)) == 0


def test_the_operators_changes_are_what_to_act_on(node: RunningNode, assent: Assent) -> None:
    asking = Under(lambda: assent.ask(*ASKED))
    node.answer(node.waiting("query"), "modify", arguments={"sql": "SELECT 1"})
    permission = asking.result()
    assert (permission.allowed, permission.modified) == (True, True)
    assert permission.arguments == {"sql": "SELECT 1"}
    assert assent.consume(permission)


def test_what_the_caller_does_to_its_arguments_meanwhile_changes_nothing(
    node: RunningNode, assent: Assent
) -> None:
    arguments: dict[str, Any] = {"sql": "DROP TABLE t", "tables": ["t"]}
    asking = Under(lambda: assent.ask("query", arguments))
    view = node.waiting("query")
    arguments["tables"].append("users")
    node.answer(view, "approve")
    assert asking.result().arguments == {"sql": "DROP TABLE t", "tables": ["t"]}


def test_one_use_is_claimed_once_and_a_denial_never(node: RunningNode, assent: Assent) -> None:
    permission = assent.ask(*HARMLESS)
    assert [assent.consume(permission) for _ in range(2)] == [True, False]
    assert not assent.consume(assent.ask(*BLOCKED))


@pytest.mark.fault(59)
def test_fault_59_of_two_consumes_at_once_one_wins(node: RunningNode, assent: Assent) -> None:
    permission = assent.ask(*HARMLESS)
    with Assent(node.home, "tester") as other:
        both = [Under(lambda who=who: who.consume(permission)) for who in (assent, other)]
        assert sorted(one.result() for one in both) == [False, True]


@pytest.mark.fault(60)
@pytest.mark.parametrize("arrived", [True, False])
async def test_fault_60_a_lost_consumed_is_asked_again_and_never_assumed(
    home: Path, arrived: bool
) -> None:
    class Breaking(ScriptedNode):
        async def _answer(self, message: Any, hand: Any) -> None:
            if isinstance(message, Consume) and len(self.of(Consume)) == 1:
                hand.hang_up()
            elif isinstance(message, Consume) and arrived:
                hand.send(refuse(410, "used", request_id=message.request_id))
            else:
                await super()._answer(message, hand)

    async with Breaking(home) as node, AsyncAssent(home, "a") as assent:
        permission = await assent.ask("t", {})
        assert await assent.consume(permission) is not arrived
    assert len(node.of(Consume)) == 2


def test_an_outcome_is_recorded(node: RunningNode, assent: Assent) -> None:
    assert assent.outcome(assent.ask(*HARMLESS), True, 1200)
    assert assent.outcome(assent.ask(*HARMLESS), False, 5, "it broke \ud800" + "x" * 5000)
    assert not assent.outcome(assent.ask(*BLOCKED), True, 1)
    node.node.engine.evolution.flush()
    totals = node.node.engine.evolution.metrics.totals()
    assert (totals.ok, totals.failed) == (1, 1)


async def test_a_cancelled_wait_withdraws_the_question(node: RunningNode, home: Path) -> None:
    async with AsyncAssent(home, "tester") as assent:
        asking = asyncio.create_task(assent.ask(*ASKED))
        await asyncio.to_thread(node.waiting, "query")
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.to_thread(until, lambda: not node.node.engine.queue.pending(10))


INTERRUPTED = """
import sys
from assent_client import Assent
Assent(sys.argv[1], "tester").ask("query", {"sql": "DROP TABLE t"})
"""


def test_ctrl_c_withdraws_the_question(node: RunningNode) -> None:
    root = Path(__file__).parents[2] / "clients/python"
    agent = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(node.home)],
        env={**os.environ, "PYTHONPATH": str(root)},
        stderr=subprocess.PIPE,
    )
    node.waiting("query")
    agent.send_signal(2)
    _, said = agent.communicate(timeout=30)
    assert b"KeyboardInterrupt" in said
    until(lambda: not node.node.engine.queue.pending(10), "the withdrawal")


async def test_many_wait_at_once_over_one_connection_and_on_any_loop(
    node: RunningNode, home: Path
) -> None:
    async with AsyncAssent(home, "tester") as assent:
        found = await asyncio.gather(*(assent.ask(*HARMLESS) for _ in range(50)))
        other = await asyncio.to_thread(lambda: asyncio.run(assent.ask(*HARMLESS)))
    assert all(permission.allowed for permission in (*found, other))
    assert len({permission.request_id for permission in found}) == 50


def test_closing_denies_what_still_waits_and_the_next_call_connects_again(
    node: RunningNode, assent: Assent
) -> None:
    asking = Under(lambda: assent.ask(*ASKED))
    node.waiting("query")
    assent.close()
    assert asking.result().verdict == "deny"
    assert assent.ask(*HARMLESS).allowed


def test_a_forked_child_asks_over_a_connection_of_its_own(
    node: RunningNode, assent: Assent
) -> None:
    assert assent.ask(*HARMLESS).allowed
    code = f"""
import gc, os, sys
from assent_client import Assent
assent = Assent({str(node.home)!r}, "tester")
assert assent.ask("get_weather", {{"city": "Oslo"}}).allowed
child = os.fork()
if child == 0:
    allowed = assent.ask("get_weather", {{"city": "Bergen"}}).allowed
    gc.collect()  # what was the parent's
    sys.exit(0 if allowed else 1)
assert os.waitpid(child, 0)[1] == 0
assert assent.ask("get_weather", {{"city": "Oslo"}}, timeout_s=10).allowed
"""
    root = Path(__file__).parents[2] / "clients/python"
    ended = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(root)}, check=True,
        timeout=60, capture_output=True,
    )  # fmt: skip
    assert ended.stderr == b""


def test_an_option_that_nothing_would_heed_is_an_error(home: Path) -> None:
    with pytest.raises(TypeError, match=r"nod, key: only with the URL of a broker"):
        Assent(home, "tester", nod="n1", key="node.pub")  # type: ignore[call-arg]


def test_a_client_can_be_made_only_with_a_name_of_the_protocol(home: Path) -> None:
    for name in ("", "a b", "a/b", "x" * 65, "a\n"):
        with pytest.raises(ValueError, match="cannot name an agent"):
            Assent(home, name)
