"""After a restart, however it came, the metrics are what they were."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from components.clock import ManualClock
from components.evolution_core import EvolutionCore, Metrics, journal
from components.evolution_core.rows import beyond
from storage import Store, open_store
from tests.evolution_core.crash import LOGGED
from tests.evolution_core.making import log_all, ran, rejected, stored_requests

ROOT = Path(__file__).parents[2]


def saved_up_to(store: Store) -> int | None:
    reader = store.reader()
    try:
        found = reader.execute("SELECT up_to FROM evolution_state").fetchone()
    finally:
        reader.close()
    return found[0] if found else None


def recounted(store: Store) -> Metrics:
    metrics = Metrics()
    reader = store.reader()
    for stored in beyond(reader, 0):
        metrics.add(stored.id, stored.experience)
    reader.close()
    return metrics


def child(home: Path, how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.evolution_core.crash", str(home), how]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_metrics_are_saved_with_rows_every_so_often(
    core: EvolutionCore, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SAVE_EVERY", 100)
    log_all(core, *(ran(number) for number in range(99)))
    log_all(core, ran(99))
    assert saved_up_to(store) is None
    log_all(core, ran(100))
    assert saved_up_to(store) == 100
    log_all(core, *(ran(number) for number in range(101, 150)))
    assert saved_up_to(store) == 100


@pytest.mark.parametrize("flushed", [True, False])
def test_restart_changes_nothing(tmp_path: Path, clock: ManualClock, flushed: bool) -> None:
    store = open_store(tmp_path)
    core = EvolutionCore.open(store, clock)
    log_all(core, *(ran(number, duration_us=number + 1) for number in range(500)))
    core.flush()
    log_all(core, *(rejected(number, agent=f"a{number}") for number in range(500, 600)))
    if flushed:
        core.flush()
    before = core.metrics.to_bytes()
    store.close()
    store = open_store(tmp_path)
    again = EvolutionCore.open(store, clock)
    assert saved_up_to(store) == (600 if flushed else 500)
    assert again.metrics.to_bytes() == before == recounted(store).to_bytes()
    log_all(again, ran(600))
    assert stored_requests(store) == [f"r{number}" for number in range(601)]
    store.close()


@pytest.mark.fault(17)
def test_fault_17_killed_after_all_was_durable_metrics_are_the_same(tmp_path: Path) -> None:
    with child(tmp_path, "settled") as process:
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == -9
    store = open_store(tmp_path)
    up_to = saved_up_to(store)
    assert up_to is not None
    assert up_to < LOGGED
    core = EvolutionCore.open(store, ManualClock())
    assert core.metrics.totals().seen == LOGGED
    assert hashlib.sha256(core.metrics.to_bytes()).hexdigest() == printed.strip()
    store.close()


@pytest.mark.fault(17)
def test_fault_17_killed_in_the_middle_nothing_durable_is_lost(tmp_path: Path) -> None:
    with child(tmp_path, "busy") as process:
        assert process.stdout is not None
        durable = 0
        while durable < 9000:
            durable = int(process.stdout.readline())
        process.kill()
    store = open_store(tmp_path)
    core = EvolutionCore.open(store, ManualClock())
    stored = stored_requests(store)
    assert len(stored) >= durable
    assert stored == [f"r{number}" for number in range(len(stored))]
    assert core.metrics.totals().seen == len(stored)
    assert core.metrics.to_bytes() == recounted(store).to_bytes()
    store.close()


def test_unreadable_metrics_are_counted_anew(tmp_path: Path, clock: ManualClock) -> None:
    store = open_store(tmp_path)
    core = EvolutionCore.open(store, clock)
    log_all(core, *map(ran, range(20)))
    core.flush()
    store.writer.run(lambda tx: tx.execute("UPDATE evolution_state SET body = x'c1ff'"))
    again = EvolutionCore.open(store, clock)
    assert again.metrics.to_bytes() == core.metrics.to_bytes()
    store.close()
