"""What learning costs: the caller of `log_experience`, and the questions over what was learnt.

The store is on the disk of the current directory, or of `ASSENT_BENCH_DIR`; commits are synced.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Thread
from time import perf_counter, perf_counter_ns
from typing import Any

import pytest

from bench.figures import Limits
from bench.inputs import experiences
from bench.measuring import Beside, Reference
from bench.places import scratch_store
from components.actions import Experience
from components.clock import SystemClock
from components.evolution_core import EvolutionCore
from storage import Store

CALLERS, EACH = 16, 10_000
THOUSAND = experiences(1_000)


@pytest.fixture
def store() -> Iterator[Store]:
    with scratch_store("evolution") as opened:
        yield opened


def learnt(store: Store, known: list[Experience]) -> EvolutionCore:
    """An Evolution Core that has seen these."""
    core = EvolutionCore.open(store, SystemClock())
    for experience in known:
        core.log_experience(experience)
    core.flush()
    return core


def each_us(call: Callable[[Experience], object], over: list[Experience]) -> list[float]:
    """How long each call takes, in a loop without pause: far more than a gate ever logs."""
    taken = []
    for one in over:
        started = perf_counter_ns()
        call(one)
        taken.append((perf_counter_ns() - started) / 1e3)
    return taken


@pytest.mark.figure("operation.evolution_core.log_experience", "goal.log_experience_caller_us")
def test_log_experience(beside: Beside, store: Store) -> None:
    core, logged = EvolutionCore.open(store, SystemClock()), experiences(5_000)
    ours: list[float] = []
    theirs: list[float] = []
    kept: list[Experience] = []

    def turn() -> None:
        theirs.extend(each_us(kept.append, logged))
        ours.extend(each_us(core.log_experience, logged))

    beside.benchmark.pedantic(turn, setup=core.flush, rounds=beside.rounds(10))
    core.flush()
    assert core.metrics.totals().seen == len(ours)
    reference = Reference(
        "list.append", kept.append, "Ours also checks, counts and makes it durable soon after"
    )
    beside.values(ours, theirs, reference)
    beside.values(
        ours, theirs, reference, name="goal.log_experience_caller_us", value=statistics.fmean(ours)
    )


@pytest.mark.figure("other.evolution_core.durable_per_s")
def test_concurrent_callers(beside: Beside, store: Store) -> None:
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

    rate = beside.benchmark.pedantic(all_callers, rounds=1)
    assert core.metrics.totals().seen == CALLERS * EACH
    assert core.refused == 0
    beside.number(rate, bound=Limits(unit="/s", target=10_000, at_least=True))


def _shapes(_: Any) -> object:
    return Counter(one.shape for one in THOUSAND).most_common(20)


def _failing(_: Any) -> object:
    counted = Counter((one.shape, one.verdict, one.status) for one in THOUSAND)
    return [key for key, seen in counted.most_common() if seen >= 5 and key[1] == "deny"]


def _successes(_: Any) -> object:
    return Counter((one.tool, one.status) for one in THOUSAND)


PLAIN = {
    "recognize_patterns": Reference(
        "a Counter of shapes", _shapes,
        "Ours tells success, failure, slowness and objections of each, with their confidence",
    ),
    "suggest_improvements": Reference(
        "a Counter of denied shapes", _failing,
        "Ours weighs evidence, leaves out what was dismissed, and words what to change",
    ),
    "capability_metrics": Reference(
        "a Counter of tools and their ends", _successes,
        "Ours also tells the success rate with its interval, answers of people and durations",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(name, marks=pytest.mark.figure(f"operation.evolution_core.{name}"))
        for name in PLAIN
    ],
)
def test_questions(beside: Beside, store: Store, operation: str) -> None:
    ask = getattr(learnt(store, THOUSAND), operation)
    assert ask()
    beside.walk(lambda _: ask(), [None], PLAIN[operation], rounds=400)


@pytest.mark.figure("other.evolution_core.open_after_a_crash")
def test_open_after_a_crash(beside: Beside, store: Store) -> None:
    """The most that a restart has to count again: 8,192 experiences since the last save."""
    core = EvolutionCore.open(store, SystemClock())
    for experience in experiences(8_192):
        core.log_experience(experience)
    while core.pending():
        store.writer.run(lambda _: None)
    reader = store.reader()

    def count_anew(_: Any) -> object:
        return Counter(row[0] for row in reader.execute("SELECT shape FROM experiences"))

    beside.walk(
        lambda _: EvolutionCore.open(store, SystemClock()), [None],
        Reference("SELECT and a Counter of shapes", count_anew), rounds=10,
    )  # fmt: skip
    reader.close()
    assert EvolutionCore.open(store, SystemClock()).metrics.totals().seen == 8_192
