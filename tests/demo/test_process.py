"""The demonstration as it runs: a process of its own, against a node that answers."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.demo.__main__ import CRAFTS
from app.demo.agent import Worker
from app.demo.crafts import KEEPER
from app.demo.files import file_tools
from app.demo.planning import Mind
from app.demo.sandbox import Sandbox
from app.intake.client import Client
from app.intake.wire import Cancel, Consume, OutcomeReport, Pending, Submit, refuse
from tests.client.scripted import ScriptedNode, say_nothing, verdict

ROOT = Path(__file__).parents[2]


async def start(home: Path, *words: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.demo", "--home", str(home), *words),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )


async def end(process: Process) -> tuple[int | None, bytes, bytes]:
    """Close its stdin, and wait."""
    said = await process.communicate(b"")
    return (process.returncode, *said)


async def test_four_agents_do_real_work_and_end_when_stdin_closes(home: Path) -> None:
    async with ScriptedNode(home) as node:
        process = await start(home, "--seed", "1", "--pace", "40")
        await node.until(OutcomeReport, 60)
        while {report.agent for report in node.of(OutcomeReport)} != {c.name for c in CRAFTS}:
            await node.until(OutcomeReport, len(node.of(OutcomeReport)) + 1)
        assert await end(process) == (0, b"", b"")
    asked = {message.request_id: message for message in node.of(Submit)}
    for report in node.of(OutcomeReport):
        assert report.request_id in asked
        assert report.duration_us > 0
        assert report.detail or asked[report.request_id].action.tool == "shell"
    assert {message.agent for message in asked.values()} == {craft.name for craft in CRAFTS}
    assert (home / "demo/data-analyst/shop.db").exists()
    assert {folder.name for folder in (home / "demo").iterdir()} == {c.name for c in CRAFTS}


async def test_sigterm_ends_it_and_withdraws_what_waits(home: Path) -> None:
    async with ScriptedNode(home, say_nothing) as node:
        process = await start(home, "--pace", "20")
        await node.until(Submit, 4 * 4)  # each agent has as many out as it may
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        await node.until(Cancel, 4 * 4)
        await end(process)
    cancelled = {message.request_id for message in node.of(Cancel)}
    assert cancelled == {message.request_id for message in node.of(Submit)}


async def test_without_a_node_it_waits_for_one(home: Path) -> None:
    process = await start(home, "--pace", "40")
    node = ScriptedNode(home)
    async with node:
        await node.until(OutcomeReport)
        assert (await end(process))[0] == 0


async def test_no_stdin_at_all_is_one_that_is_closed(home: Path) -> None:
    words = (sys.executable, "-m", "app.demo", "--home", str(home))
    process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdin=DEVNULL)
    assert await process.wait() == 0


def worker(home: Path, seed: int = 1) -> Worker:
    sandbox = Sandbox(home / "sandbox")
    rng = Random(seed)
    mind = Mind(KEEPER, rng, "http://127.0.0.1:1")
    return Worker(Client(home, KEEPER.name), mind, file_tools(sandbox), sandbox, rng)


async def run_until(node: ScriptedNode, home: Path, kind: type[Any], count: int) -> None:
    working = asyncio.create_task(worker(home).run(pace=500))
    await node.until(kind, count)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_what_is_denied_is_not_done(home: Path) -> None:
    async with ScriptedNode(home, verdict(verdict="deny")) as node:
        await run_until(node, home, Submit, 20)
    assert node.of(OutcomeReport) == []
    assert list((home / "sandbox").iterdir()) == []


async def test_an_agent_whose_requests_wait_does_not_hammer(home: Path) -> None:
    async def ask_a_person(node: ScriptedNode, message: Any, hand: Any) -> None:
        hand.send(Pending(request_id=message.request_id, decision_id="d", deadline=9))

    async with ScriptedNode(home, ask_a_person) as node:
        await run_until(node, home, Submit, 4)
        for _ in range(50):
            await asyncio.sleep(0)
    assert len(node.of(Submit)) == 4


async def test_a_leave_that_cannot_be_claimed_is_skipped(home: Path) -> None:
    class Spent(ScriptedNode):
        async def _answer(self, message: Any, hand: Any) -> None:
            if isinstance(message, Consume):
                hand.send(refuse(410, "used", request_id=message.request_id))
            else:
                await super()._answer(message, hand)

    async with Spent(home) as node:
        await run_until(node, home, Consume, 3)
        claimed = {message.request_id for message in node.of(Consume)}
    skipped = {report.request_id for report in node.of(OutcomeReport) if report.status == "skipped"}
    assert skipped
    assert skipped <= claimed
