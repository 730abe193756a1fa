"""The gate with its monitor beside the same gate without, and while Prometheus asks.

Without: meters that keep nothing, and no thread that looks. The sides take turns in one run, each
as often first as last, since a disk's mood changes; what counts is the median of ratios. Latency is
that of actions that come at a steady rate, whether or not those before are answered; the rate is
that of a gate with more to do than it can.
"""

import asyncio
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
from bench.figures import Limits, percentile
from bench.gate_node import allowed, gate_node, simple_action
from bench.load import drive
from bench.measuring import Beside
from bench.places import scratch
from components.monitor import Meter

ACTIONS, IN_FLIGHT = 8_000, 1_000
PER_S = 800
"""Actions a second for the latency: a busy site, well below what the gate can do."""

PACED = 10_000
SIDES = ("without", "with", "scraped")
Found = dict[str, float]


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
            generate_latest(self)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self._ended.set()
        self._thread.join()


def figures_of(side: str, folder: Path, share: float) -> Found:
    """P50 and P99 in µs, and the rate, of one node of its own; `share` of all actions is made."""
    with pytest.MonkeyPatch.context() as patch:
        if side == "without":
            patch.setattr(Monitoring, "start", ignore)
            for name in ("record", "fail", "timeout"):
                patch.setattr(Meter, name, ignore)
        with gate_node(folder) as node:
            scraper = Scraper(node) if side == "scraped" else None
            try:
                return found_of(node, round(ACTIONS * share), round(PACED * share))
            finally:
                if scraper:
                    scraper.close()


def found_of(node: Node, flooded: int, paced: int) -> Found:
    """First a flood, for the rate; then a steady pace, for the latency."""
    taken: list[float] = []
    actions = [simple_action(number) for number in range(flooded + paced)]

    async def judge(number: int) -> None:
        started = perf_counter_ns()
        await allowed(node, actions[number])
        taken.append((perf_counter_ns() - started) / 1e3)

    seconds = node.call(drive(flooded, IN_FLIGHT, judge)).result()
    taken.clear()
    node.call(pace(range(flooded, flooded + paced), judge)).result()
    ordered = sorted(taken)
    p50, p99 = (percentile(ordered, at) for at in (0.5, 0.99))
    return {"p50": p50, "p99": p99, "per_s": flooded / seconds}


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


@pytest.mark.figure("other.monitor.gate_p99_with_vs_without")
def test_gate_with_and_without_monitor(beside: Beside) -> None:
    rounds: list[dict[str, Found]] = []
    share = 0.2 if beside.quick else 1.0
    with scratch("monitor") as folder:

        def turn() -> None:
            order = SIDES if len(rounds) % 2 else SIDES[::-1]
            rounds.append({side: figures_of(side, folder, share) for side in order})

        figures_of("with", folder, share)
        beside.benchmark.pedantic(turn, rounds=beside.rounds(6))
    for figure, unit in (("p99", "µs"), ("p50", "µs"), ("per_s", "/s")):
        for side, base in (("with", "without"), ("scraped", "with")):
            held = 1.05 if (figure, side) == ("p99", "with") else None
            beside.ratio(
                [one[side][figure] for one in rounds], [one[base][figure] for one in rounds],
                _REFERENCES[base], name=f"other.monitor.gate_{figure}_{side}_vs_{base}", unit=unit,
                bound=Limits(unit="×", goal=held),
            )  # fmt: skip


_REFERENCES = {"without": "the gate without a monitor", "with": "the gate with its monitor"}
