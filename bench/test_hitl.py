"""What waiting costs: asking, listing, answering. All in memory, beside a heap or a sorted list."""

import asyncio
import heapq
from itertools import count
from time import perf_counter
from typing import Any

import pytest

from bench.busy import Busy
from bench.figures import Limits, measured
from bench.measuring import Beside, Reference, known
from components.hitl import DecisionQueue

WAITING, AT_ONCE = 50, 1_000
CALLERS, EACH, APPROVERS = 8, 1_000, 4
KEPT = "Ours also keeps deadlines, classes and digests, and refuses what does not fit its state"


class Plain:
    """A heap of (priority, number), and the decisions in a dict."""

    def __init__(self, size: int = 0) -> None:
        self._numbers = count()
        self._heap: list[tuple[int, int]] = []
        self._known: dict[int, str] = {}
        for _ in range(size):
            self.request()

    def request(self) -> int:
        number = next(self._numbers)
        self._known[number] = "pending"
        heapq.heappush(self._heap, (number % 3, number))
        return number

    def approve(self, number: int) -> str:
        answered = self._known.pop(number)
        while self._heap and self._heap[0][1] not in self._known:
            heapq.heappop(self._heap)
        return answered

    def pending(self, most: int) -> list[tuple[int, int]]:
        return sorted(self._heap)[:most]


@pytest.mark.figure("operation.hitl.request_decision")
def test_request_decision(beside: Beside) -> None:
    """With 50 that wait, and more at each round."""
    busy, plain = Busy(WAITING), Plain(WAITING)
    reference = Reference("heapq and a dict", lambda _: plain.request(), KEPT)
    beside.walk(lambda _: busy.request(), [None], reference, rounds=20_000)


@pytest.mark.figure("operation.hitl.get_pending")
def test_get_pending(beside: Beside) -> None:
    busy, plain = Busy(WAITING), Plain(WAITING)
    reference = Reference("sorted(…)[:50]", lambda _: plain.pending(WAITING))
    beside.walk(lambda _: busy.queue.pending(WAITING), [None], reference, rounds=20_000)
    assert len(busy.queue.pending(WAITING)) == WAITING


@pytest.mark.figure("operation.hitl.approve_decision")
def test_approve_decision(beside: Beside) -> None:
    """Requested, then approved."""
    busy, plain = Busy(WAITING), Plain(WAITING)
    reference = Reference(
        "heapq and a dict: in and out", lambda _: plain.approve(plain.request()), KEPT
    )
    beside.walk(lambda _: busy.approve(busy.request()), [None], reference, rounds=10_000)
    assert len(busy.queue) == WAITING


@pytest.mark.figure("operation.hitl.concurrent_requests", "goal.concurrent_requests_ms")
def test_concurrent_requests(beside: Beside) -> None:
    """A thousand at once: queued, listed, answered."""

    def all_at_once(_: Any) -> DecisionQueue:
        busy = Busy(AT_ONCE)
        for decision in busy.queue.pending(AT_ONCE):
            busy.approve(decision)
        return busy.queue

    def plainly(_: Any) -> None:
        plain = Plain(AT_ONCE)
        for _, number in plain.pending(AT_ONCE):
            plain.approve(number)

    reference = Reference("heapq, sorted and a dict", plainly, KEPT)
    beside.walk(all_at_once, [None], reference, rounds=100)
    assert all_at_once(None).counts().ended == {"allowed": AT_ONCE}
    whole, name = beside.found[-1], "goal.concurrent_requests_ms"
    data = [1e3 * seconds for seconds in beside.benchmark.stats.stats.data]
    middle = sorted(data)[len(data) // 2]
    beside.found.append(
        measured(name, data, known(name), value=middle, reference=whole.reference, note="Median")
    )


@pytest.mark.figure("other.hitl.concurrent_callers_per_s")
def test_concurrent_callers(beside: Beside) -> None:
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

    async def work() -> float:
        busy, started = Busy(), perf_counter()
        await asyncio.gather(
            *(ask(busy) for _ in range(CALLERS)), *(answer(busy) for _ in range(APPROVERS))
        )
        assert busy.queue.counts().ended == {"allowed": CALLERS * EACH}
        return CALLERS * EACH / (perf_counter() - started)

    rate = beside.benchmark.pedantic(lambda: asyncio.run(work()), rounds=beside.rounds(5))
    beside.number(rate, bound=Limits(unit="/s", at_least=True))
