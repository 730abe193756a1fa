"""The gate with its monitor beside the same gate without, and while Prometheus asks.

Without: meters that keep nothing, and no thread that looks. The sides take turns in one run, each
as often first as last, since a disk's mood changes; what counts is the median of ratios. Latency is
that of actions that come at a steady rate, whether or not those before are answered; the rate is
that of a gate with more to do than it can.
"""

import asyncio
import os
import secrets
import statistics
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import pytest
from prometheus_client.openmetrics.exposition import generate_latest

from app.metrics import source_of
from app.metrics.exposition import families
from app.node.monitoring import Monitoring
from app.node.node import Node
from app.node.serving import RECORDED
from app.session import tune_interpreter
from app.settings import Settings
from bench.test_gate import FAR, drive, simple_action
from components.canonical import digest
from components.clock import SystemClock
from components.gate import Submission
from components.monitor import Meter

ACTIONS = 8_000
PER_S = 800
"""Actions a second for the latency: a busy site, well below what the gate can do."""

PACED = 10_000
ROUNDS = int(os.environ.get("ASSENT_BENCH_ROUNDS", "6"))
SIDES = ("without", "with", "scraped")


def ignore(*_: Any) -> None:
    pass


class Scraper:
    """Asks a node for its figures once a second, as Prometheus would at its busiest."""

    def __init__(self, node: Node) -> None:
        self._source = source_of(node.engine)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def collect(self) -> Any:
        return families(self._source())

    def _work(self) -> None:
        while not self._ended.wait(1.0):
            generate_latest(self)  # type: ignore[arg-type]

    def close(self) -> None:
        self._ended.set()
        self._thread.join()


def figures_of(side: str, folder: Path) -> dict[str, float]:
    """P50 and P99 in µs, and the rate, of one node of its own."""
    with pytest.MonkeyPatch.context() as patch:
        if side == "without":
            patch.setattr(Monitoring, "start", ignore)
            for name in ("record", "fail", "timeout"):
                patch.setattr(Meter, name, ignore)
        node = Node(folder / secrets.token_hex(4), Settings(), SystemClock(), RECORDED)
        node.start()
        scraper = Scraper(node) if side == "scraped" else None
        try:
            return measured(node)
        finally:
            if scraper:
                scraper.close()
            node.stop()


def measured(node: Node) -> dict[str, float]:
    taken: list[int] = []
    name = node.identity.node
    actions = [simple_action(number) for number in range(ACTIONS + PACED)]

    async def judge(number: int) -> None:
        action = actions[number]
        started = perf_counter_ns()
        key = digest(name, action.agent, action.tool, action.arguments)
        await node.engine.gate.submit(Submission(action=action, digest=key, expires_at=FAR))
        taken.append(perf_counter_ns() - started)

    seconds = node.call(drive(ACTIONS, judge)).result()
    taken.clear()
    node.call(pace(range(ACTIONS, ACTIONS + PACED), judge)).result()
    cuts = statistics.quantiles(taken, n=100)
    return {"p50": cuts[49] / 1e3, "p99": cuts[98] / 1e3, "per_s": ACTIONS / seconds}


async def pace(
    numbers: range, judge: Callable[[int], Coroutine[Any, Any, None]], per_s: float = PER_S
) -> None:
    """Judge each at its time."""
    started, tasks = perf_counter_ns(), []
    for place, number in enumerate(numbers):
        ahead = place / per_s - (perf_counter_ns() - started) / 1e9
        if ahead > 0:
            await asyncio.sleep(ahead)
        tasks.append(asyncio.create_task(judge(number)))
    await asyncio.gather(*tasks)


def test_gate_with_and_without_monitor(
    benchmark: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = Path(os.environ.get("ASSENT_BENCH_DIR", tmp_path_factory.mktemp("monitor")))
    tune_interpreter()
    rounds: list[dict[str, dict[str, float]]] = []

    def turn() -> None:
        order = SIDES if len(rounds) % 2 else SIDES[::-1]
        rounds.append({side: figures_of(side, folder) for side in order})

    figures_of("with", folder)
    benchmark.pedantic(turn, rounds=ROUNDS, iterations=1)
    for figure in ("p50", "p99", "per_s"):
        for side, base in (("with", "without"), ("scraped", "with")):
            ratios = [one[side][figure] / one[base][figure] for one in rounds]
            benchmark.extra_info[f"{figure}_{side}_vs_{base}"] = round(statistics.median(ratios), 3)
    benchmark.extra_info |= {
        f"{figure}_{side}": round(statistics.median(one[side][figure] for one in rounds))
        for figure in ("p50", "p99", "per_s")
        for side in SIDES
    }
    benchmark.extra_info["goal_p99_with_vs_without"] = 1.05
    print(benchmark.extra_info)
