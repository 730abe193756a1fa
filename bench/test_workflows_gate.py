"""Workflows that pass the whole gate, with its store and log: P95 of one, and how many a second.

One after the other, ours and the bare skeleton in turns, gives the latency; many under way at once
give the rate. Everything is durable before it counts.
"""

import secrets
import statistics
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from app.node.local_desk import LocalDesk
from app.node.node import Node
from bench.gate_node import allowed, asking_action, gate_node, submission
from bench.inputs import actions, origin
from bench.load import drive
from bench.measuring import Beside
from bench.places import scratch
from bench.skeleton import Skeleton
from bench.test_workflows import screen
from components.actions import Action, Outcome
from components.gate import Pending, Released
from tests.support import shown

ROUNDS, MANY, IN_FLIGHT, RATES = 1_000, 3_000, 100, 3
SKELETON = "the bare skeleton of the gate"
Judge = Callable[[Action], Coroutine[Any, Any, object]]
Flow = Callable[[Node], Judge]


def harmless(count: int) -> list[Action]:
    """So many actions that nobody is asked about, each of an agent of its own."""
    chosen = [one for one in actions()[:600] if screen(one).disposition == "allow"]
    return [
        replace(one, id=f"{secrets.token_hex(6)}-{number}", agent=f"agent-{number}")
        for number, one in enumerate(islice(cycle(chosen), count))
    ]


def verdict(node: Node) -> Judge:
    """Screened, recorded, answered."""
    return lambda action: allowed(node, action)


def report(node: Node) -> Judge:
    """Told what became of it: recorded and learnt."""

    async def told(action: Action) -> None:
        outcome = Outcome(request_id=action.id, agent=action.agent, status="ok", duration_us=900)
        await node.engine.gate.outcome(outcome)

    return told


def both(node: Node) -> Judge:
    """The verdict, then what became of it."""
    judge, told = verdict(node), report(node)

    async def whole(action: Action) -> None:
        await judge(action)
        await told(action)

    return whole


class Side:
    """Ours and the skeleton on the gate's loop."""

    def __init__(self, node: Node, skeleton: Skeleton, flow: Flow, first: Flow | None) -> None:
        self._node, self._judge = node, flow(node)
        self._first = first(node) if first else None
        self._skeleton = skeleton

    async def turns(self, over: list[Action]) -> tuple[list[float], list[float]]:
        """µs of each, one after the other."""
        await self._prepare(over)
        ours, theirs = [], []
        for action in over:
            raw = msgspec.json.encode(action)
            ours.append(await _us(self._judge(action)))
            theirs.append(await _us(self._skeleton.judge(raw)))
        return ours, theirs

    async def rates(self, over: list[Action]) -> tuple[float, float]:
        """How many a second of each, with many under way."""
        await self._prepare(over)
        raws, count = [msgspec.json.encode(action) for action in over], len(over)
        theirs = await drive(count, IN_FLIGHT, lambda number: self._skeleton.judge(raws[number]))
        ours = await drive(count, IN_FLIGHT, lambda number: self._judge(over[number]))
        return count / ours, count / theirs

    async def _prepare(self, over: list[Action]) -> None:
        if first := self._first:
            await drive(len(over), IN_FLIGHT, lambda number: first(over[number]))


async def _us(work: Awaitable[object]) -> float:
    started = perf_counter_ns()
    await work
    return (perf_counter_ns() - started) / 1e3


async def _skeleton(path: Path) -> Skeleton:
    return Skeleton(path)


FLOWS: dict[str, tuple[Flow, Flow | None]] = {
    "execute_log_learn": (report, verdict),
    "complete": (verdict, None),
    "complete_with_learning": (both, None),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.figure(f"workflow.{name}", f"workflow.{name}.per_s"))
        for name in FLOWS
    ],
)
def test_flow(beside: Beside, name: str) -> None:
    count = MANY // 10 if beside.quick else MANY
    with scratch("flow") as folder, gate_node(folder) as node:
        skeleton = node.call(_skeleton(folder / "skeleton.db")).result()
        side = Side(node, skeleton, *FLOWS[name])
        over = harmless(beside.rounds(ROUNDS))
        times = beside.benchmark.pedantic(lambda: node.call(side.turns(over)).result(), rounds=1)
        rates = [
            node.call(side.rates(harmless(count))).result() for _ in range(beside.rounds(RATES))
        ]
        skeleton.close()
    beside.values(times[0], times[1], SKELETON, note=origin())
    ours, theirs = (statistics.median(side) for side in zip(*rates, strict=True))
    beside.number(
        ours, name=f"workflow.{name}.per_s", reference=SKELETON, reference_value=theirs,
        note=f"{IN_FLIGHT} under way at once",
    )  # fmt: skip


@pytest.mark.figure("workflow.complete_with_human", "workflow.complete_with_human.per_s")
def test_complete_with_human(beside: Beside) -> None:
    """Asked, shown, answered at once and signed by the operator's desk, released."""
    theirs: list[float] = []
    with scratch("flow") as folder, gate_node(folder) as node:
        desk = LocalDesk(node)
        skeleton = node.call(_skeleton(folder / "skeleton.db")).result()
        over = iter([asking_action(number) for number in range(2 * ROUNDS)])

        def skeleton_too(action: Action) -> None:
            raw = msgspec.json.encode(action)
            theirs.append(node.call(_us(skeleton.judge(raw))).result())

        beside.benchmark.pedantic(
            lambda action: answered_at_once(node, desk, action),
            setup=lambda: ((next(over),), {}), teardown=skeleton_too,
            rounds=beside.rounds(ROUNDS // 2), warmup_rounds=2,
        )  # fmt: skip
        skeleton.close()
    ours = [1e6 * seconds for seconds in beside.benchmark.stats.stats.data]
    beside.values(ours, theirs[2:], SKELETON)
    beside.number(
        1e6 / statistics.fmean(ours), name="workflow.complete_with_human.per_s",
        note="One after the other",
    )  # fmt: skip


def answered_at_once(node: Node, desk: LocalDesk, action: Action) -> None:
    """The whole way of an action that a person allows without a moment's thought."""
    asked: Future[Pending] = Future()
    gate = node.engine.gate
    verdict = node.call(gate.submit(submission(node, action), on_pending=asked.set_result))
    view = desk.decision(asked.result(30).decision_id)
    assert view
    code = view.code if view.priority == "critical" else ""
    desk.answer(shown(view), "approve", code=code).result(30)
    released = verdict.result(30)
    assert isinstance(released, Released)
    assert released.verdict.verdict == "allow"
