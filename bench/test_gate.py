"""The whole gate beside its bare skeleton: `gate_vs_skeleton` is its share of the skeleton's rate.

Both release only what is durable. What the skeleton leaves out stands in its docstring.
"""

import asyncio
import os
import secrets
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.node.node import Node
from app.node.serving import RECORDED
from app.session import tune_interpreter
from app.settings import Settings
from bench.skeleton import Skeleton
from components.actions import Action
from components.canonical import digest
from components.clock import SystemClock
from components.gate import Submission

ACTIONS = 20_000
IN_FLIGHT = 1_000
FAR = 4_000_000_000_000_000


def simple_action(number: int) -> Action:
    return Action(
        id=f"{secrets.token_hex(6)}-{number}",
        agent=f"agent-{number % 20}",
        tool="read_file",
        arguments={"path": f"reports/{number}.txt"},
        request="summarise the reports of this week",
    )


async def drive(count: int, judge: Callable[[int], Coroutine[Any, Any, Any]]) -> float:
    """Run `count` judgements, `IN_FLIGHT` at once; the result is seconds."""
    room = asyncio.Semaphore(IN_FLIGHT)

    async def one(number: int) -> None:
        try:
            await judge(number)
        finally:
            room.release()

    started = time.perf_counter()
    tasks = []
    for number in range(count):
        await room.acquire()
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    return time.perf_counter() - started


def skeleton_rate(folder: Path) -> float:
    async def run() -> float:
        skeleton = Skeleton(folder / f"skeleton-{secrets.token_hex(4)}.db")
        raws = [msgspec.json.encode(simple_action(number)) for number in range(ACTIONS)]
        seconds = await drive(ACTIONS, lambda number: skeleton.judge(raws[number]))
        skeleton.close()
        return ACTIONS / seconds

    return asyncio.run(run())


def gate_rate(folder: Path) -> float:
    home = folder / f"home-{secrets.token_hex(4)}"
    node = Node(home, Settings(), SystemClock(), RECORDED)
    node.start()
    decode = msgspec.json.Decoder(Action).decode
    raws = [msgspec.json.encode(simple_action(number)) for number in range(ACTIONS)]
    name = node.identity.node

    async def judge(number: int) -> None:
        action = decode(raws[number])
        sub = Submission(
            action=action,
            digest=digest(name, action.agent, action.tool, action.arguments),
            expires_at=FAR,
        )
        released = await node.engine.gate.submit(sub)
        assert released.verdict.verdict == "allow"

    try:
        seconds = node.call(drive(ACTIONS, judge)).result()
    finally:
        node.stop()
    return ACTIONS / seconds


def test_gate_vs_skeleton(benchmark: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = Path(os.environ.get("ASSENT_BENCH_DIR", tmp_path_factory.mktemp("gate")))
    tune_interpreter()
    references: list[float] = []
    rates: list[float] = []

    def pair() -> None:
        references.append(skeleton_rate(folder))
        rates.append(gate_rate(folder))

    benchmark.pedantic(pair, rounds=3, iterations=1)
    ratios = sorted(rate / reference for rate, reference in zip(rates, references, strict=True))
    benchmark.extra_info |= {
        "gate_per_s": round(max(rates)),
        "skeleton_per_s": round(max(references)),
        "gate_vs_skeleton": round(ratios[len(ratios) // 2], 3),
        "goal": 0.25,
    }
    print(benchmark.extra_info)
