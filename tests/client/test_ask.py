import asyncio
import json
import os
import pty
import signal
from pathlib import Path
from typing import Any

import pytest

from app.intake.wire import Cancel, Pending, Submit, refuse
from components.actions import ContextPiece
from components.canonical import digest
from tests.client.command import assent, start
from tests.client.scripted import ScriptedNode, reply, say_nothing, verdict

ASK = ("ask", "--tool", "write_file", "--arguments", '{"path":"a.txt"}')


async def test_allowed_is_0_and_says_the_rule(home: Path) -> None:
    async with ScriptedNode(home) as node:
        ended = await assent(home, *ASK, "--agent", "robot", "--narrative", "because")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == ("allowed: write_file (rule gate.nothing-objects)\n  no rule objects\n")
    submit = node.of(Submit)[0]
    assert (submit.agent, submit.narrative, submit.request) == ("robot", "because", "")
    assert submit.action.arguments == {"path": "a.txt"}


@pytest.mark.parametrize(
    ("script", "status", "head"),
    [
        (verdict(verdict="deny", reasons=("no\x1b[2J",), rule="r"), 3, "denied"),
        (verdict(verdict="expired", reasons=("nobody answered",), rule="r"), 4, "expired"),
        (verdict(node="n2"), 3, "denied"),
        (reply(lambda m: refuse(423, "frozen", request_id=m.request_id)), 3, "denied"),
    ],
)
async def test_refusals_have_their_exit_status(
    home: Path, script: Any, status: int, head: str
) -> None:
    async with ScriptedNode(home, script):
        ended = await assent(home, *ASK)
    assert ended.status == status
    assert ended.out.startswith(head)
    assert "\x1b" not in ended.out


async def test_no_verdict_in_time_is_4(home: Path) -> None:
    async with ScriptedNode(home, say_nothing):
        ended = await assent(home, *ASK, "--timeout", "0.2")
    assert (ended.status, ended.out.splitlines()[0]) == (4, "expired: write_file (rule client)")


@pytest.mark.fault(51)
async def test_fault_51_no_node_is_5_and_says_what_to_do(home: Path) -> None:
    ended = await assent(home, *ASK)
    assert (ended.status, ended.out) == (5, "")
    assert "assent run" in ended.err


async def test_over_a_broker_the_nodes_key_is_what_is_missing(home: Path) -> None:
    ended = await assent(home, *ASK, "--mqtt", "mqtt://127.0.0.1:1")
    assert (ended.status, ended.out) == (5, "")
    assert "node.pub is missing: copy it from the node's home" in ended.err
    assert "assent run" not in ended.err


async def test_context_that_is_no_array_is_not_taken_for_a_file(home: Path) -> None:
    piece = '{"source":"page","trusted":false,"text":"hello"}'
    ended = await assent(home, *ASK, "--context", piece)
    assert (ended.status, ended.out) == (2, "")
    assert "--context: Expected `array`" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("--arguments", "[1]"),
        ("--arguments", '{"a":1,"a":2}'),
        ("--arguments", "@/nowhere/at/all.json"),
        ("--arguments", "{}", "--context", '[{"source":"x"}]'),
        ("--arguments", "{}", "--agent", "a/b"),
        ("--arguments", "{}", "--timeout", "0"),
        ("--arguments", "{}", "--timeout", "nan"),
    ],
)
async def test_usage_is_2_and_asks_nothing(home: Path, words: tuple[str, ...]) -> None:
    async with ScriptedNode(home) as node:
        ended = await assent(home, "ask", "--tool", "t", *words)
    assert (ended.status, ended.out, node.heard) == (2, "", [])
    assert ended.err


async def test_arguments_and_context_may_come_from_files(home: Path) -> None:
    (home / "arguments.json").write_text('{"path": "é.txt"}')
    (home / "context.json").write_text('[{"source":"page","trusted":false,"text":"hello"}]')
    words = ("--arguments", f"@{home}/arguments.json", "--context", f"{home}/context.json")
    async with ScriptedNode(home) as node:
        ended = await assent(home, "ask", "--tool", "t", *words)
    assert ended.status == 0
    assert node.of(Submit)[0].action.arguments == {"path": "é.txt"}
    assert node.of(Submit)[0].context == (ContextPiece("page", False, "hello"),)


async def test_json_tells_changed_arguments(home: Path) -> None:
    changed = {"path": "b\u202e.txt"}
    script = verdict(
        arguments=changed,
        action_digest=digest("n1", "cli", "write_file", changed),
        replaces=digest("n1", "cli", "write_file", {"path": "a.txt"}),
    )
    async with ScriptedNode(home, script):
        machine = await assent(home, *ASK, "--json")
        person = await assent(home, *ASK)
    said = json.loads(machine.out)
    assert (said["verdict"], said["modified"], said["arguments"]) == ("allow", True, changed)
    assert machine.out.isascii()
    assert r"changed by the operator to" in person.out
    assert r"\u{202e}" in person.out


async def _wait(node: ScriptedNode, message: Any, hand: Any) -> None:
    hand.send(Pending(request_id=message.request_id, decision_id="d", deadline=9))


async def test_ctrl_c_withdraws_the_request_and_a_terminal_is_told_why_it_waits(
    home: Path,
) -> None:
    terminal, its_end = pty.openpty()
    async with ScriptedNode(home, _wait) as node:
        process = await start(home, *ASK, stderr=its_end)
        said = await asyncio.to_thread(os.read, terminal, 1000)
        process.send_signal(signal.SIGINT)
        await node.until(Cancel)
        await process.communicate()
    os.close(its_end)
    os.close(terminal)
    assert said.decode().strip() == "waiting for a person…"
    assert process.returncode == 130
    assert node.of(Cancel)[0].request_id == node.of(Submit)[0].request_id


async def test_without_a_terminal_waiting_is_silent(home: Path) -> None:
    async def hold(node: ScriptedNode, message: Any, hand: Any) -> None:
        await _wait(node, message, hand)
        hand.send(node.sealed(message))

    async with ScriptedNode(home, hold):
        assert (await assent(home, *ASK)).err == ""
