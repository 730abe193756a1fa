"""How many jobs, or experiences, one transaction takes: tried in stores of their own."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter_ns

from components.actions import Experience
from components.advisor import words
from components.advisor.trial import Experiment, Reading, Value
from components.clock import Clock
from components.evolution_core import EvolutionCore
from storage import Store, Tx, Writer, open_store

BURST = 8_192
"""Jobs that come at once."""

BURST_S = 0.12
"""What is not stored of a burst by then does not count, and is dropped."""

EXPERIENCES = 2_000

_BATCHES = (1, 16, 256, 4_096)
_BODY = bytes(400)


def batch_trial(scratch: Path, present: Value) -> Experiment:
    """How many jobs the writer takes into one transaction, at most."""

    def measure(value: Value) -> Reading:
        with _store(scratch, int(value)) as store:
            return burst(store.writer, BURST, BURST_S)

    return Experiment(
        name="batch", title="jobs in one transaction", key="largest_batch", unit="rows/s",
        better="more", present=present, values=_BATCHES, measure=measure,
    )  # fmt: skip


def burst(writer: Writer, jobs: int, limit_s: float) -> Reading:
    """Rows a second while many jobs wait, and how long a caller waited for durability."""
    waits: list[int] = []
    over, done = threading.Event(), threading.Event()

    def store_row(tx: Tx) -> None:
        if not over.is_set():
            tx.execute("INSERT INTO evolution_state VALUES (hex(randomblob(8)), 0, ?)", (_BODY,))

    def heard(_: None, error: Exception | None) -> None:
        if error is None and not over.is_set():
            waits.append(perf_counter_ns() - started)
        if len(waits) == jobs or error is not None:
            done.set()

    started = perf_counter_ns()
    for _ in range(jobs):
        writer.submit(store_row, heard)
    done.wait(limit_s)
    over.set()
    seen = tuple(waits)
    if not seen:
        return Reading(0.0, "none was durable in time")
    p95 = sorted(seen)[len(seen) * 95 // 100]
    return Reading(len(seen) / (seen[-1] / 1e9), f"a caller waited {words.latency(p95 / 1000)}")


def journal_trial(scratch: Path, present: Value, clock: Clock) -> Experiment:
    """How many experiences one job writes, at most: until all of them are durable."""
    made = tuple(_experience(number) for number in range(EXPERIENCES))

    def measure(value: Value) -> Reading:
        with _store(scratch) as store:
            core = EvolutionCore.open(store, clock, batch=int(value))
            started = clock.monotonic()
            for experience in made:
                core.log_experience(experience)
            logged = clock.monotonic()
            core.flush()
            took = max(clock.monotonic() - started, 1)
        each = words.latency((logged - started) / 1000 / len(made))
        return Reading(len(made) / (took / 1e9), f"{each} for whoever logs")

    return Experiment(
        name="journal", title="experiences written by one job", key="experience_batch",
        unit="rows/s", better="more", present=present, values=(16, 128, 512, 2_048),
        measure=measure,
    )  # fmt: skip


@contextmanager
def _store(scratch: Path, batch: int | None = None) -> Iterator[Store]:
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        chosen = {} if batch is None else {"largest_batch": batch}
        store = open_store(Path(folder), **chosen)
        try:
            yield store
        finally:
            store.close()


def _experience(number: int) -> Experience:
    return Experience(
        time=1_700_000_000_000_000 + number,
        request_id=f"trial-{number}",
        agent=f"agent-{number % 7}",
        tool=f"tool_{number % 23}",
        shape=f"shape-{number % 61}",
        intent="read",
        verdict="allow",
        decided_by="rule",
        safety=0.9,
        ethics=0.8,
        disposition="allow",
        status="ok",
        duration_us=1_000 + number,
        gate_us=200,
    )
