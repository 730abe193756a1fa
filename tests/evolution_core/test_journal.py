"""Nothing that was logged is lost, doubled or put out of order."""

from threading import Event, Thread

import pytest

from components.clock import ManualClock
from components.evolution_core import BufferFull, EvolutionCore, journal
from storage import Store, StoreFrozen, StoreFull, Tx
from tests.evolution_core.making import (
    FailingSeal,
    experience,
    full_disk,
    log_all,
    stored_requests,
)


def names(count: int, start: int = 0) -> list[str]:
    return [f"r{number}" for number in range(start, start + count)]


def test_everything_logged_is_stored_in_order(core: EvolutionCore, store: Store) -> None:
    log_all(core, *map(experience, range(2000)))
    assert stored_requests(store) == names(2000)
    assert core.pending() == 0
    assert core.metrics.totals().seen == 2000


def test_what_gathers_during_a_commit_is_one_job(core: EvolutionCore, store: Store) -> None:
    go_on, jobs = Event(), []
    store.writer.on_batch(lambda count, _: jobs.append(count))
    store.writer.submit(lambda _: go_on.wait(60), lambda *_: None)
    for number in range(300):
        core.log_experience(experience(number))
    assert store.writer.queued() <= 2
    assert core.pending() == 300
    go_on.set()
    core.flush()
    assert stored_requests(store) == names(300)
    assert sum(jobs) <= 5


def test_many_threads_lose_nothing(core: EvolutionCore, store: Store) -> None:
    def log(start: int) -> None:
        for number in range(start, start + 500):
            core.log_experience(experience(number))

    threads = [Thread(target=log, args=(start,)) for start in range(0, 4000, 500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    core.flush()
    stored = stored_requests(store)
    assert sorted(stored) == sorted(names(4000))
    for start in range(0, 4000, 500):
        mine = [name for name in stored if start <= int(name[1:]) < start + 500]
        assert mine == names(500, start)


@pytest.mark.fault(21)
def test_fault_21_full_disk_keeps_rows_in_order_until_there_is_room(
    core: EvolutionCore, store: Store, troubles: list[str]
) -> None:
    log_all(core, experience(0))
    with full_disk(store):
        for number in range(1, 700):
            core.log_experience(experience(number, reason="x" * 2000))
        with pytest.raises(StoreFull):
            core.flush()
        assert core.pending() > 0
        assert "disk is full" in troubles[-1]
        assert core.metrics.totals().seen == len(stored_requests(store))
    core.flush()
    assert stored_requests(store) == names(700)
    assert core.pending() == 0
    assert troubles[-1] == ""
    assert core.metrics.totals().seen == 700


def test_a_commit_that_another_spoils_is_retried_by_the_next_log(
    core: EvolutionCore, store: Store
) -> None:
    seal = FailingSeal()
    store.writer.join(seal)
    seal.error = RuntimeError("spoilt")
    core.log_experience(experience(0))
    with pytest.raises(RuntimeError, match="spoilt"):
        core.flush()
    assert core.pending() == 1
    assert core.metrics.totals().seen == 0
    seal.error = None
    core.log_experience(experience(1))
    core.flush()
    assert stored_requests(store) == names(2)


def test_a_guilty_job_in_the_same_transaction_doubles_nothing(
    core: EvolutionCore, store: Store
) -> None:
    go_on, failed = Event(), []

    def guilty(_: Tx) -> None:
        raise ValueError("guilty")

    store.writer.submit(lambda _: go_on.wait(60), lambda *_: None)
    for number in range(50):
        core.log_experience(experience(number))
    store.writer.submit(guilty, lambda _, error: failed.append(error))
    go_on.set()
    core.flush()
    assert [str(error) for error in failed] == ["guilty"]
    assert stored_requests(store) == names(50)
    assert core.metrics.totals().seen == 50


def test_retries_back_off(core: EvolutionCore, store: Store, clock: ManualClock) -> None:
    seal = FailingSeal()
    store.writer.join(seal)
    seal.error = RuntimeError("spoilt")
    tries = []

    def tries_after_logging(number: int) -> int:
        before = len(tries)
        core.log_experience(experience(number))
        store.writer.run(lambda _: None)
        return len(tries) - before

    core._journal._trouble = tries.append
    assert tries_after_logging(0) == 1
    assert tries_after_logging(1) == 1
    assert tries_after_logging(2) == 0
    clock.advance(0.051)
    assert tries_after_logging(3) == 1
    clock.advance(0.051)
    assert tries_after_logging(4) == 0
    clock.advance(5)
    seal.error = None
    assert tries_after_logging(5) == 1
    assert tries[-1] == ""
    assert stored_requests(store) == names(6)


def test_what_failed_is_tried_again_where_nothing_more_comes(
    core: EvolutionCore, store: Store, clock: ManualClock, troubles: list[str]
) -> None:
    core.retry()  # nothing has failed: nothing is done
    seal = FailingSeal()
    store.writer.join(seal)
    seal.error = RuntimeError("spoilt")
    core.log_experience(experience(0))
    store.writer.run(lambda _: None)
    for wait in (0.0, 0.01):  # the first retry may come at once, the next after its pause
        clock.advance(wait)
        core.retry()
        store.writer.run(lambda _: None)
    assert len(troubles) == 2
    seal.error = None
    clock.advance(0.051)
    core.retry()
    store.writer.run(lambda _: None)
    assert stored_requests(store) == names(1)
    assert troubles[-1] == ""


@pytest.mark.fault(20)
def test_fault_20_frozen_store_loses_nothing(
    core: EvolutionCore, store: Store, troubles: list[str]
) -> None:
    store.writer.freeze("the disk failed")
    core.log_experience(experience(0))
    with pytest.raises(StoreFrozen):
        core.flush()
    assert "the disk failed" in troubles[-1]
    store.writer.thaw(lambda: None)
    core.flush()
    assert stored_requests(store) == names(1)
    assert troubles[-1] == ""


def test_a_full_buffer_refuses_aloud_and_keeps_the_oldest(
    core: EvolutionCore, store: Store, troubles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_WEIGHT", 20_000)
    store.writer.freeze("the disk failed")
    while core._journal._weight < journal.MAX_WEIGHT:
        core.log_experience(experience(core.pending()))
    taken = core.pending()
    assert 10 < taken < 20
    with pytest.raises(BufferFull) as caught:
        core.log_experience(experience(999))
    assert caught.value.code == 429
    assert core.pending() == taken
    assert core.refused == 1
    assert "The buffer of experiences is full; 1 were refused: the disk failed" in troubles
    with pytest.raises(BufferFull):
        core.log_experience(experience(999))
    assert core.refused == 2
    store.writer.thaw(lambda: None)
    core.flush()
    assert stored_requests(store) == names(taken)
    core.log_experience(experience(taken))
    core.flush()
    assert stored_requests(store) == names(taken + 1)


def test_a_store_that_hangs_holds_nobody_back_for_long(
    core: EvolutionCore, store: Store, troubles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_WEIGHT", 20_000)
    monkeypatch.setattr(journal, "WAIT_S", 0.01)
    go_on = Event()
    store.writer.submit(lambda _: go_on.wait(60), lambda *_: None)
    while core._journal._weight < journal.MAX_WEIGHT:
        core.log_experience(experience(core.pending()))
    with pytest.raises(BufferFull, match="does not answer"):
        core.log_experience(experience(999))
    taken = core.pending()
    go_on.set()
    core.flush()
    assert stored_requests(store) == names(taken)
    assert troubles[-1] == ""


def test_a_caller_faster_than_the_store_is_held_back_not_refused(
    core: EvolutionCore, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_WEIGHT", 50_000)
    log_all(core, *map(experience, range(5000)))
    assert core.refused == 0
    assert stored_requests(store) == names(5000)


@pytest.mark.parametrize(
    "fields",
    [
        {"duration_us": -1},
        {"duration_us": 2**53},
        {"time": -1},
        {"safety": float("nan")},
        {"ethics": 1.5},
        {"reason": "\ud800"},
    ],
)
def test_what_no_row_can_hold_is_refused_at_once_and_blocks_nothing(
    core: EvolutionCore, store: Store, fields: dict[str, object]
) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - encoding errors say it in their own words
        core.log_experience(experience(0, **fields))
    log_all(core, experience(1))
    assert stored_requests(store) == ["r1"]
