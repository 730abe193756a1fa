import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey

from app.home import NODE_PUB_NAME, socket_path
from app.intake.client import Client, NoNode
from app.intake.wire import (
    Cancel,
    Consume,
    ErrorReply,
    OutcomeReport,
    Pending,
    Submit,
    refuse,
)
from components.actions import Action
from components.canonical import digest
from components.keys import verifier_key
from tests.client.scripted import ScriptedNode, allow, hang_up, reply, say_nothing, verdict

ACTION = Action(tool="write_file", arguments={"path": "a.txt"}, request="write it")
CHANGED = {"path": "b.txt"}


def changed_digest(arguments: dict[str, Any]) -> str:
    return digest("n1", "a", "write_file", arguments)


async def test_an_allowing_verdict_that_holds_allows(home: Path) -> None:
    async with ScriptedNode(home) as node, Client(home, "a") as client:
        leave = await client.ask(ACTION)
    assert leave.allowed
    assert (leave.arguments, leave.modified) == (ACTION.arguments, False)
    submit = node.of(Submit)[0]
    assert (submit.agent, submit.node, submit.request) == ("a", "n1", "write it")
    assert submit.action_digest == leave.digest == changed_digest(ACTION.arguments)


async def test_a_socket_may_be_named_instead_of_the_home(home: Path) -> None:
    async with ScriptedNode(home), Client(socket_path(home), "a") as client:
        assert (await client.ask(ACTION)).allowed


@pytest.mark.fault(69)
async def test_fault_69_wrong_signature_or_payload_type_denies(home: Path) -> None:
    script = verdict(key=SigningKey.generate()), verdict(kind="application/x.other+json")
    async with ScriptedNode(home, *script), Client(home, "a") as client:
        for _ in script:
            leave = await client.ask(ACTION)
            assert (leave.verdict, leave.rule) == ("deny", "client")
            assert "signature does not hold" in leave.reasons[0]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"action_digest": "0" * 64}, "another action"),
        ({"node": "n2"}, "another node"),
        ({"agent": "b"}, "another agent"),
        ({"request_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, "another request_id"),
        ({"v": 2}, "another v"),
        ({"replaces": "0" * 64}, "another action"),
        ({"arguments": CHANGED}, "another action"),
        ({"arguments": CHANGED, "action_digest": changed_digest(CHANGED)}, "another action"),
    ],
)
async def test_a_genuine_verdict_on_something_else_denies(
    home: Path, fields: dict[str, Any], why: str
) -> None:
    async with ScriptedNode(home, verdict(**fields)), Client(home, "a") as client:
        leave = await client.ask(ACTION)
    assert leave.verdict == "deny"
    assert why in leave.reasons[0]


async def test_changed_arguments_are_taken_when_they_replace_mine(home: Path) -> None:
    script = verdict(
        arguments=CHANGED,
        action_digest=changed_digest(CHANGED),
        replaces=changed_digest(ACTION.arguments),
    )
    async with ScriptedNode(home, script), Client(home, "a") as client:
        leave = await client.ask(ACTION)
    assert (leave.allowed, leave.modified, leave.arguments) == (True, True, CHANGED)
    assert leave.digest == changed_digest(CHANGED)


async def test_changed_arguments_with_another_digest_deny(home: Path) -> None:
    script = verdict(
        arguments={"path": "c.txt"},
        action_digest=changed_digest(CHANGED),
        replaces=changed_digest(ACTION.arguments),
    )
    async with ScriptedNode(home, script), Client(home, "a") as client:
        assert (await client.ask(ACTION)).verdict == "deny"


@pytest.mark.fault(41)
async def test_fault_41_late_verdict_is_refused(home: Path) -> None:
    async with ScriptedNode(home, verdict(not_after=1)), Client(home, "a") as client:
        leave = await client.ask(ACTION)
    assert (leave.verdict, leave.rule) == ("expired", "client")


async def test_a_denial_keeps_the_nodes_reasons(home: Path) -> None:
    script = verdict(verdict="deny", reasons=("it deletes a table",), rule="sql.drop", not_after=1)
    async with ScriptedNode(home, script), Client(home, "a") as client:
        leave = await client.ask(ACTION)
    assert (leave.verdict, leave.rule) == ("deny", "sql.drop")
    assert leave.reasons == ("it deletes a table",)


@pytest.mark.parametrize(("code", "kind"), [(409, "deny"), (423, "deny"), (408, "expired")])
async def test_an_error_denies_with_its_reason(home: Path, code: int, kind: str) -> None:
    script = reply(lambda message: refuse(code, "because", request_id=message.request_id))
    async with ScriptedNode(home, script) as node, Client(home, "a") as client:
        leave = await client.ask(ACTION)
    assert leave.verdict == kind
    assert "because" in leave.reasons[0]
    assert len(node.of(Submit)) == 1


def without_attempt(line: bytes) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(line)
    del body["attempt"]
    return body


def submissions(node: ScriptedNode) -> list[bytes]:
    return [line for line in node.lines if b'"kind":"submit"' in line]


@pytest.mark.fault(39)
async def test_fault_39_busy_is_asked_again_with_the_same_bytes_but_the_attempt(home: Path) -> None:
    busy = reply(lambda m: refuse(429, "busy", request_id=m.request_id, retry_after_ms=1))
    async with ScriptedNode(home, busy, busy, allow) as node, Client(home, "a") as client:
        assert (await client.ask(ACTION)).allowed
    assert [message.attempt for message in node.of(Submit)] == [1, 2, 3]
    first, second, third = map(without_attempt, submissions(node))
    assert first == second == third


async def test_a_node_that_takes_nothing_is_told_at_the_end_of_the_wait(home: Path) -> None:
    draining = reply(
        lambda m: refuse(429, "it drains", request_id=m.request_id, retry_after_ms=10_000)
    )
    async with ScriptedNode(home, draining), Client(home, "a") as client:
        permission = await client.ask(ACTION, timeout_s=0.3)
    assert permission.reasons == ("no verdict came in time: it drains",)


@pytest.mark.fault(36)
async def test_fault_36_a_lost_connection_is_made_again_and_the_request_resubmitted(
    home: Path,
) -> None:
    async with ScriptedNode(home, hang_up, allow) as node, Client(home, "a") as client:
        assert (await client.ask(ACTION)).allowed
    first, second = map(without_attempt, submissions(node))
    assert first == second


async def test_a_node_that_restarts_meanwhile_is_found_again(home: Path) -> None:
    first, second = ScriptedNode(home, say_nothing), ScriptedNode(home)
    second.key, second.vkey = first.key, first.vkey
    (home / NODE_PUB_NAME).write_text(first.vkey)
    async with first, Client(home, "a") as client:
        asking = asyncio.create_task(client.ask(ACTION))
        await first.until(Submit)
        await first.stop()
        async with second:
            assert (await asking).allowed
    assert first.of(Submit)[0].request_id == second.of(Submit)[0].request_id


async def test_a_line_that_is_no_reply_counts_as_a_lost_connection(home: Path) -> None:
    async def babble(node: ScriptedNode, message: Any, hand: Any) -> None:
        hand.writer.write(b'{"kind":"verdict","kind":"verdict"}\n')

    async with ScriptedNode(home, babble, allow), Client(home, "a") as client:
        assert (await client.ask(ACTION)).allowed


@pytest.mark.fault(51)
async def test_fault_51_node_down_means_no_leave(home: Path) -> None:
    with pytest.raises(NoNode):
        await Client(home, "a").ask(ACTION)
    async with ScriptedNode(home, say_nothing) as node, Client(home, "a") as client:
        asking = asyncio.create_task(client.ask(ACTION, timeout_s=0.3))
        await node.until(Submit)
        await node.stop()
        leave = await asking
    assert (leave.verdict, leave.rule) == ("expired", "client")
    with pytest.raises(NoNode):
        await client.ask(ACTION)


async def test_another_nodes_key_is_no_node(home: Path) -> None:
    async with ScriptedNode(home):
        (home / NODE_PUB_NAME).write_text(verifier_key("n1", SigningKey.generate()))
        with pytest.raises(NoNode, match="not the one whose key"):
            await Client(home, "a").ask(ACTION)


async def test_pending_is_told_and_many_wait_on_one_connection(home: Path) -> None:
    held: list[tuple[Submit, Any]] = []

    async def hold(node: ScriptedNode, message: Any, hand: Any) -> None:
        hand.send(Pending(request_id=message.request_id, decision_id="d", deadline=9))
        held.append((message, hand))
        if len(held) == 2:
            for waiting, its_hand in reversed(held):
                its_hand.send(node.sealed(waiting))

    told: list[Pending] = []
    async with ScriptedNode(home, hold) as node, Client(home, "a") as client:
        asked = await asyncio.gather(
            client.ask(ACTION, on_pending=told.append), client.ask(ACTION, on_pending=told.append)
        )
    assert [leave.allowed for leave in asked] == [True, True]
    assert {pending.request_id for pending in told} == {leave.request_id for leave in asked}
    assert len({hand for _, hand in held}) == 1
    assert len(node.of(Submit)) == 2


async def test_a_wait_that_is_cancelled_withdraws_the_request(home: Path) -> None:
    async with ScriptedNode(home, say_nothing) as node, Client(home, "a") as client:
        asking = asyncio.create_task(client.ask(ACTION))
        await node.until(Submit)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert node.of(Cancel)[0].request_id == node.of(Submit)[0].request_id


async def test_consume_and_outcome_are_acknowledged(home: Path) -> None:
    async with ScriptedNode(home) as node, Client(home, "a") as client:
        leave = await client.ask(ACTION)
        assert await client.consume(leave)
        assert await client.outcome(leave, "failed", 1200, "x" * 5000)
    assert node.of(Consume)[0].action_digest == leave.digest
    report = node.of(OutcomeReport)[0]
    assert (report.status, report.duration_us, len(report.detail)) == ("failed", 1200, 4096)


@pytest.mark.fault(59)
async def test_fault_59_a_second_consume_is_no_leave(home: Path) -> None:
    class Strict(ScriptedNode):
        async def _answer(self, message: Any, hand: Any) -> None:
            if isinstance(message, Consume) and len(self.of(Consume)) > 1:
                hand.send(ErrorReply(code=410, reason="used", request_id=message.request_id))
            else:
                await super()._answer(message, hand)

    async with Strict(home), Client(home, "a") as client:
        leave = await client.ask(ACTION)
        assert [await client.consume(leave), await client.consume(leave)] == [True, False]


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
                hand.send(ErrorReply(code=410, reason="used", request_id=message.request_id))
            else:
                await super()._answer(message, hand)

    async with Breaking(home) as node, Client(home, "a") as client:
        leave = await client.ask(ACTION)
        assert await client.consume(leave) is not arrived
    assert len(node.of(Consume)) == 2


async def test_an_action_no_line_can_carry_is_the_callers_error(home: Path) -> None:
    async with ScriptedNode(home) as node, Client(home, "a") as client:
        for arguments in ({"text": "x" * 300_000}, {"number": float("nan")}, {"key": object()}):
            with pytest.raises(ValueError, match=r".+"):
                await client.ask(Action(tool="t", arguments=arguments))
    assert not node.of(Submit)
