"""Whatever breaks, the tool does not run: bad events, no node, a node killed, signals, silence."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.home import socket_path
from app.intake.wire import Cancel, Submit
from tests.client.scripted import ScriptedNode, say_nothing
from tests.hooks.hook import PUSH, ROOT, Ended, answered, asking, event, start
from tests.support import running_node, until


def blocks(ended: Ended) -> str:
    """The sentence with which a hook blocked."""
    assert (ended.status, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    assert line.startswith("Assent: ")
    assert "Traceback" not in line
    return line


LS = b'"ls -la"'
BAD = {
    "empty": (b"", "cannot be read"),
    "no JSON": (b"not json", "cannot be read"),
    "no object": (b"[]", "cannot be read"),
    "no UTF-8": (b"\xff\xfe", "cannot be read"),
    "no event": (b"{}", "''"),
    "a key twice": (event().replace(b'"cwd"', b'"tool_name":"Read","cwd"'), "stands twice"),
    "deep": (event().replace(LS, b"[" * 100_000 + b"]" * 100_000), "recursion"),
    "a huge number": (event(tool_input={"n": 2**60}), "2^53"),
    "NaN": (event().replace(LS, b"NaN"), "cannot be read"),
    "a lone surrogate": (event().replace(LS, b'"\\ud800"'), "cannot be"),
    "more than a message": (event(tool_input={"content": "x" * 300_000}), "262144"),
    "much more": (event(tool_input={"content": "x" * 700_000}), "524288"),
    "text as input": (event(tool_input="ls"), "tool_input"),
    "an empty tool": (event(tool_name=""), "tool_name"),
    "no tool": (event(tool_name=None), "tool_name"),
    "no input": (b'{"hook_event_name":"PreToolUse","tool_name":"Bash"}', "tool_input"),
    "another event": (event("Stop"), "'Stop'"),
    "nearly the event": (event("pretooluse"), "'pretooluse'"),
}


@pytest.mark.parametrize(("given", "told"), BAD.values(), ids=BAD)
def test_an_event_that_cannot_be_used_blocks(tmp_path: Path, given: bytes, told: str) -> None:
    with running_node(tmp_path):
        assert told in blocks(answered(tmp_path, given))


def test_a_huge_event_is_read_to_its_end_and_blocks(tmp_path: Path) -> None:
    given = event(tool_input={"content": "x" * 20_000_000})
    assert "longer than" in blocks(answered(tmp_path, given))


@pytest.mark.fault(51)
def test_fault_51_no_node_blocks_and_says_how_to_start_one(tmp_path: Path) -> None:
    assert "`assent run`" in blocks(answered(tmp_path, event()))
    assert "`assent run`" in blocks(answered(tmp_path / "nowhere", event()))


@pytest.mark.parametrize("wrong", [{}, {"tool_input": 3}], ids=["no node", "no call"])
def test_a_permission_request_is_denied_as_exit_2_counts_for_nothing_there(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    ended = answered(tmp_path, event("PermissionRequest", **wrong))
    assert (ended.status, ended.err) == (0, "")
    assert ended.said["decision"]["behavior"] == "deny"
    assert ended.said["decision"]["message"].startswith("Assent: ")


@pytest.mark.parametrize(
    "words", [("--timeout", "0"), ("--agent", "a/b"), ("--nonsense",), ("frobnicate",)]
)
def test_wrong_use_blocks(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = answered(tmp_path, event(), *words)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err


@pytest.mark.parametrize("name", ["PreToolUse", "PermissionRequest"])
@pytest.mark.fault(51)
def test_fault_51_a_node_killed_in_mid_wait_blocks_before_the_deadline(
    tmp_path: Path, name: str
) -> None:
    node = subprocess.Popen(
        [sys.executable, "-m", "app", "run", "--headless"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "ASSENT_HOME": str(tmp_path)},
    )
    try:
        assert node.stdout is not None
        until(lambda: socket_path(tmp_path).exists(), "the node's socket")
        hook = asking(tmp_path, event(name, tool_input=PUSH), "--timeout", "8")
        until(lambda: "asked" in node.stdout.readline(), "the question")  # type: ignore[union-attr]
    finally:
        node.send_signal(signal.SIGKILL)
        node.communicate()
    ended = hook.ended()
    if name == "PreToolUse":
        assert "no verdict came in time" in blocks(ended)
    else:
        assert (ended.status, ended.said["decision"]["behavior"]) == (0, "deny")


async def test_a_node_that_says_nothing_blocks_at_the_deadline(tmp_path: Path) -> None:
    async with ScriptedNode(tmp_path, say_nothing):
        ended = await asyncio.to_thread(answered, tmp_path, event(), "--timeout", "0.7")
    assert "no verdict came in time" in blocks(ended)


def test_a_socket_that_never_answers_blocks_within_the_deadline(tmp_path: Path) -> None:
    silent = socket.socket(socket.AF_UNIX)
    silent.bind(str(socket_path(tmp_path)))
    silent.listen()
    # The client's own patience with a greeting is longer than that.
    assert "no answer in time" in blocks(answered(tmp_path, event(), "--timeout", "1"))
    silent.close()


def test_an_event_that_never_ends_blocks_at_the_deadline(tmp_path: Path) -> None:
    process = start(tmp_path, "--timeout", "0.5")
    process.wait(60)
    assert process.stdout is not None
    assert process.stderr is not None
    ended = Ended(
        process.returncode, process.stdout.read().decode(), process.stderr.read().decode()
    )
    process.communicate()
    assert "no answer in time" in blocks(ended)


_HANGS = """
import sys, time
from app.hooks import running
from app.hooks.agents import CONTRACTS

class Hanging:
    def __init__(self, *_): pass
    async def __aenter__(self):
        while True: time.sleep(0.01)
    async def __aexit__(self, *_): pass

running.node_for = Hanging
running.run_hook(CONTRACTS["claude-code"], "x", 0.5)
"""


@pytest.mark.parametrize("name", ["PreToolUse", "PermissionRequest"])
def test_an_event_loop_that_hangs_blocks(tmp_path: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HANGS], cwd=ROOT, input=event(name), capture_output=True, timeout=60
    )
    ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
    if name == "PreToolUse":
        assert "no answer in time" in blocks(ended)
    else:
        assert ended.said["decision"]["behavior"] == "deny"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_withdraws_the_request_and_blocks(tmp_path: Path, number: int) -> None:
    async with ScriptedNode(tmp_path, say_nothing) as node:
        hook = asking(tmp_path, event())
        await node.until(Submit)
        hook.process.send_signal(number)
        await node.until(Cancel)
        ended = await asyncio.to_thread(hook.ended)
    assert "stopped" in blocks(ended)


async def test_a_hook_whose_agent_is_gone_withdraws_its_request(tmp_path: Path) -> None:
    (tmp_path / "event").write_bytes(event())
    hook = f"'{sys.executable}' -m app hook claude-code < '{tmp_path}/event' || exit 2"
    async with ScriptedNode(tmp_path, say_nothing) as node:
        agent = await asyncio.create_subprocess_exec(
            "sh", "-c", hook, cwd=ROOT, env={**os.environ, "ASSENT_HOME": str(tmp_path)}
        )
        await node.until(Submit)
        agent.kill()
        await agent.wait()
        await node.until(Cancel)


def test_a_reader_that_is_gone_blocks(tmp_path: Path) -> None:
    with running_node(tmp_path):
        process = start(tmp_path)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(event())
        process.stdin.close()
        assert process.wait(60) == 2
        assert process.stderr is not None
        process.stderr.close()
