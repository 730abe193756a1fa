"""The whole gate beside its bare skeleton: `gate_vs_skeleton` is its share of the skeleton's rate.

Both release only what is durable. What the skeleton leaves out stands in its docstring.
"""

import asyncio
import secrets
import time
from pathlib import Path

import msgspec
import pytest

from bench.gate_node import allowed, gate_node, simple_action
from bench.load import drive
from bench.measuring import Beside
from bench.places import scratch
from bench.skeleton import Skeleton
from components.actions import Action

ACTIONS, IN_FLIGHT = 20_000, 1_000


def skeleton_rate(folder: Path, count: int) -> float:
    """Actions a second through the skeleton."""

    async def run() -> float:
        skeleton = Skeleton(folder / f"skeleton-{secrets.token_hex(4)}.db")
        raws = [msgspec.json.encode(simple_action(number)) for number in range(count)]
        seconds = await drive(count, IN_FLIGHT, lambda number: skeleton.judge(raws[number]))
        skeleton.close()
        return count / seconds

    return asyncio.run(run())


def gate_rate(folder: Path, count: int) -> float:
    """Actions a second through the gate."""
    decode = msgspec.json.Decoder(Action).decode
    raws = [msgspec.json.encode(simple_action(number)) for number in range(count)]
    with gate_node(folder) as node:
        judged = drive(count, IN_FLIGHT, lambda number: allowed(node, decode(raws[number])))
        return count / node.call(judged).result()


def screens_rate(folder: Path, count: int) -> float:
    """Actions a second through the screens alone, on one thread, with nothing beside."""
    decode = msgspec.json.Decoder(Action).decode
    raws = [msgspec.json.encode(simple_action(number)) for number in range(count)]
    with gate_node(folder) as node:
        assess = node.engine.screens.assess_alone
        started = time.perf_counter()
        for raw in raws:
            assess(decode(raw))
        return count / (time.perf_counter() - started)


@pytest.mark.figure("goal.gate_vs_skeleton")
def test_gate_vs_skeleton(beside: Beside) -> None:
    count = ACTIONS // 10 if beside.quick else ACTIONS
    with scratch("gate") as folder:
        beside.turns(
            lambda: gate_rate(folder, count), lambda: skeleton_rate(folder, count),
            "the bare skeleton", rounds=5, unit="/s",
            note="Ours also parses shell and SQL, judges ethics, digests, signs and learns",
        )  # fmt: skip
        beside.extra("the screens alone (/s)", screens_rate(folder, count))
