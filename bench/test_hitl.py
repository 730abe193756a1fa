"""What waiting costs: asking, listing, answering, escalating, with up to 100,000 that wait.

Names are those of `targets.toml`. All in memory: what the store adds is measured elsewhere. Each
step is prepared and applied, as the gate does it around a commit.
"""

import asyncio
import gc
import tracemalloc
from itertools import count
from typing import Any

import pytest

from components.actions import (
    PRIORITIES,
    Action,
    Answer,
    Decision,
    Dimensions,
    EthicsAssessment,
    SafetyAssessment,
)
from components.clock import SystemClock
from components.hitl import DecisionQueue, Policies

SIZES = [100, 1_000, 10_000, 100_000]
AT_ONCE = 1_000
CALLERS, EACH, APPROVERS = 8, 1_000, 4
HOUR_US = 3_600_000_000
SAFETY = SafetyAssessment(0.5, "write", "ask")
ETHICS = EthicsAssessment(0.9, Dimensions())
ACTION = Action(id="r-1", agent="ada", tool="shell", arguments={"command": "rm -r build"})
DIGEST = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"


class Busy:
    """A queue with decisions of all classes but critical, whose releases would be delayed."""

    def __init__(self, size: int = 0) -> None:
        self.clock = SystemClock()
        self.queue = DecisionQueue(self.clock, Policies())
        self._numbers = count()
        for _ in range(size):
            self.request()

    def request(self) -> Decision:
        number = next(self._numbers)
        change = self.queue.prepare_request(
            f"decision-{number:08d}",
            ACTION,
            DIGEST,
            safety=SAFETY,
            ethics=ETHICS,
            priority=PRIORITIES[1 + number % 3],
            expires_at=self.clock.now() + HOUR_US + number * 7919 % HOUR_US,
            policy_version="p1",
        )
        return self.queue.apply(change)

    def approve(self, decision: Decision) -> Decision:
        answer = Answer(
            decision_id=decision.id,
            digest=decision.digest,
            answer="approve",
            operator="anna",
            tier=3,
            key_id="key-anna",
            policy_version="p1",
        )
        return self.queue.apply(self.queue.prepare_answer(answer, policy_version="p1"))

    def cancel(self, decision: Decision) -> None:
        self.queue.apply(self.queue.prepare_cancel(decision.id))


def test_request_decision(benchmark: Any) -> None:
    busy = Busy(50)
    benchmark.pedantic(busy.request, rounds=20_000, warmup_rounds=200)


def test_get_pending(benchmark: Any) -> None:
    busy = Busy(50)
    rows = benchmark(busy.queue.pending, 50)
    assert len(rows) == 50


def test_approve_decision(benchmark: Any) -> None:
    busy = Busy(50)
    decision = benchmark(lambda: busy.approve(busy.request()))
    assert decision.state == "allowed"
    assert len(busy.queue) == 50


def test_concurrent_requests(benchmark: Any) -> None:
    def all_at_once() -> DecisionQueue:
        busy = Busy(AT_ONCE)
        for decision in busy.queue.pending(AT_ONCE):
            busy.approve(decision)
        return busy.queue

    queue = benchmark(all_at_once)
    assert queue.counts().ended == {"allowed": AT_ONCE}


def test_concurrent_callers(benchmark: Any) -> None:
    """Eight callers ask a thousand times each while four approvers answer from the list."""

    async def ask(busy: Busy) -> None:
        for _ in range(EACH):
            busy.request()
            await asyncio.sleep(0)

    async def answer(busy: Busy) -> None:
        while len(busy.queue) or busy.queue.counts().ended.get("allowed", 0) < CALLERS * EACH:
            for decision in busy.queue.pending(1):
                busy.approve(decision)
            await asyncio.sleep(0)

    async def work() -> DecisionQueue:
        busy = Busy()
        await asyncio.gather(
            *(ask(busy) for _ in range(CALLERS)), *(answer(busy) for _ in range(APPROVERS))
        )
        return busy.queue

    queue = benchmark.pedantic(lambda: asyncio.run(work()), rounds=3)
    assert queue.counts().ended == {"allowed": CALLERS * EACH}


@pytest.mark.parametrize("pending", SIZES)
def test_scale_request(benchmark: Any, pending: int) -> None:
    busy = Busy(pending)
    benchmark.pedantic(
        busy.request,
        teardown=lambda: busy.cancel(busy.queue.pending(1)[0]),
        rounds=1_000,
        warmup_rounds=50,
    )


@pytest.mark.parametrize("pending", SIZES)
def test_scale_approve(benchmark: Any, pending: int) -> None:
    busy = Busy(pending)
    waiting = iter(list(busy.queue)[pending // 2 :])
    decision = benchmark.pedantic(
        busy.approve, setup=lambda: ((next(waiting),), {}), rounds=min(1_000, pending // 2)
    )
    assert decision.state == "allowed"


@pytest.mark.parametrize("pending", SIZES)
def test_scale_get_pending(benchmark: Any, pending: int) -> None:
    """All of them in order: the first screenful is `get_pending`."""
    busy = Busy(pending)
    rows = benchmark(busy.queue.pending, pending)
    assert len(rows) == pending


@pytest.mark.parametrize("pending", SIZES)
def test_scale_first_screen(benchmark: Any, pending: int) -> None:
    busy = Busy(pending)
    rows = benchmark(busy.queue.pending, 50)
    assert len(rows) == 50


@pytest.mark.parametrize("pending", SIZES)
def test_scale_escalate(benchmark: Any, pending: int) -> None:
    busy = Busy(pending)
    waiting = iter(list(busy.queue)[pending // 2 :])

    def escalate(decision_id: str) -> Decision:
        return busy.queue.apply(busy.queue.prepare_escalate(decision_id))

    lifted = benchmark.pedantic(
        escalate, setup=lambda: ((next(waiting).id,), {}), rounds=min(1_000, pending // 2)
    )
    assert lifted.tier == 2


@pytest.mark.parametrize("pending", [10_000, 100_000])
def test_memory(benchmark: Any, pending: int) -> None:
    """What so many hold in memory, their ids included and the agent's action left out."""
    gc.collect()
    tracemalloc.start()
    try:
        busy = benchmark.pedantic(Busy, args=(pending,), rounds=1)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    benchmark.extra_info["megabytes"] = round(held / 1e6, 1)
    assert len(busy.queue) == pending
