"""What learning costs: the caller of `log_experience`, and the questions over what was learnt.

Names are those of `targets.toml`. The store is on the disk of the current directory, or of
`ASSENT_BENCH_DIR`; every commit is synced.
"""

import os
import random
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import perf_counter, perf_counter_ns
from typing import Any

import pytest

from components.actions import Experience
from components.clock import SystemClock
from components.evolution_core import EvolutionCore
from storage import Store, open_store

CALLERS, EACH = 16, 10_000


@pytest.fixture
def store() -> Iterator[Store]:
    parent = Path(os.environ.get("ASSENT_BENCH_DIR", Path.cwd()))
    home = Path(tempfile.mkdtemp(prefix=".bench-evolution-", dir=parent))
    opened = open_store(home)
    try:
        yield opened
    finally:
        opened.close()
        shutil.rmtree(home)


def experiences(count: int, shapes: int = 200) -> list[Experience]:
    dice = random.Random(count)
    made = []
    for number in range(count):
        shape = dice.randrange(shapes)
        asked = dice.random() < 0.1
        denied = asked and shape % 7 == 0
        made.append(
            Experience(
                time=1_700_000_000_000_000 + number,
                request_id=f"0193e9a6-2b5c-7000-8000-{number:012d}",
                agent=f"agent-{number % 8}",
                tool=f"tool-{shape % 20}",
                shape=f"tool-{shape % 20}(command=program-{shape},path=/srv/data/)",
                intent="execute",
                verdict="deny" if denied else "allow",
                decided_by="operator" if asked else "rule",
                safety=dice.random(),
                ethics=0.5 + dice.random() / 2,
                disposition="ask" if asked else "allow",
                rules=("shell.pipe-to-shell",),
                status="" if denied else dice.choice(("ok", "ok", "ok", "ok", "failed")),
                duration_us=0 if denied else round(dice.lognormvariate(9 + shape % 5, 1)),
                gate_us=90,
                reason="not on this machine" if denied else "",
            )
        )
    return made


def learnt(store: Store, count: int) -> EvolutionCore:
    core = EvolutionCore.open(store, SystemClock())
    for experience in experiences(count):
        core.log_experience(experience)
    core.flush()
    return core


def test_log_experience(benchmark: Any, store: Store) -> None:
    """Each call is timed alone, in a loop without pause: far more than a gate ever logs."""
    core = EvolutionCore.open(store, SystemClock())
    logged = experiences(5000)
    taken: list[int] = []

    def log() -> None:
        for experience in logged:
            started = perf_counter_ns()
            core.log_experience(experience)
            taken.append(perf_counter_ns() - started)

    benchmark.pedantic(log, setup=core.flush, rounds=10)
    core.flush()
    assert core.metrics.totals().seen == len(taken)
    benchmark.extra_info |= {
        "log_experience_caller_us": statistics.fmean(taken) / 1e3,
        "log_experience_caller_p95_us": statistics.quantiles(taken, n=20)[-1] / 1e3,
        "goal_us": 10,
    }


def test_concurrent_callers(benchmark: Any, store: Store) -> None:
    """The concurrent stress row: 16 callers of 10,000 each, until all is durable."""
    core = EvolutionCore.open(store, SystemClock())
    logged = experiences(EACH)

    def log() -> None:
        for experience in logged:
            core.log_experience(experience)

    def all_callers() -> float:
        threads = [Thread(target=log) for _ in range(CALLERS)]
        started = perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        core.flush()
        return CALLERS * EACH / (perf_counter() - started)

    rate = benchmark.pedantic(all_callers, rounds=1)
    assert core.metrics.totals().seen == CALLERS * EACH
    assert core.refused == 0
    benchmark.extra_info |= {"durable_per_s": rate, "target_per_s": 10_000}


@pytest.mark.parametrize("count", [1000, 100_000])
@pytest.mark.parametrize(
    "operation", ["recognize_patterns", "suggest_improvements", "capability_metrics"]
)
def test_questions(benchmark: Any, store: Store, operation: str, count: int) -> None:
    core = learnt(store, count)
    assert benchmark(getattr(core, operation))


def test_open_after_a_crash(benchmark: Any, store: Store) -> None:
    """The most that a restart has to count again: 8,192 experiences since the last save."""
    core = EvolutionCore.open(store, SystemClock())
    for experience in experiences(8192):
        core.log_experience(experience)
    while core.pending():
        store.writer.run(lambda _: None)
    again = benchmark(EvolutionCore.open, store, SystemClock())
    assert again.metrics.totals().seen == 8192
