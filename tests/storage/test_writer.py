"""The writer: one transaction for all that queued, and only the guilty fails."""

import logging
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Store, StoreClosed, StoreError, StoreFrozen, Tx, open_store
from tests.storage.conftest import Gather, note, notes
from tests.support import until


class Recorder:
    """A participant that counts sealed transactions in the store itself, and keeps a diary."""

    def __init__(self) -> None:
        self.diary: list[str] = []
        self.fail_in = ""

    def begin(self) -> None:
        self._write("begin")

    def seal(self, tx: Tx) -> None:
        self._write("seal")
        tx.execute("INSERT INTO agents VALUES (?, 0, NULL)", (f"seal-{len(self.diary)}",))

    def committed(self) -> None:
        self._write("committed")

    def rolled_back(self) -> None:
        self._write("rolled_back")

    def _write(self, event: str) -> None:
        if event == self.fail_in:
            raise ValueError(event)
        self.diary.append(event)


def _fail(_tx: Tx) -> None:
    raise KeyError("the job's own")


def test_what_queued_is_one_transaction(store: Store, gather: Gather) -> None:
    batches: list[tuple[int, int]] = []
    order: list[str | None] = []
    store.writer.on_batch(lambda jobs, spent: batches.append((jobs, spent)))
    with gather(store.writer):
        for number in range(99):
            store.writer.submit(note(f"{number:03}"), lambda result, _error: order.append(result))
        answers: SimpleQueue[str | None] = SimpleQueue()
        store.writer.submit(note("099"), lambda result, _error: answers.put(result))
        assert store.writer.queued() == 100
    order.append(answers.get(timeout=30))
    store.writer.run(note("last"))  # the hook has been called by the time that this begins
    assert [jobs for jobs, _ in batches[:2]] == [1, 100]
    assert all(spent > 0 for _, spent in batches)
    assert order == [f"{number:03}" for number in range(100)]
    assert notes(store) == [*map(str, order), "last"]


def test_done_comes_after_the_commit(store: Store) -> None:
    seen: SimpleQueue[list[str]] = SimpleQueue()
    store.writer.submit(note("a"), lambda _result, _error: seen.put(notes(store)))
    assert seen.get(timeout=30) == ["a"]


def test_an_idle_writer_holds_nothing_of_its_last_jobs(store: Store) -> None:
    class Large:
        pass

    def job_with(held: Large) -> Callable[[Tx], str]:
        return lambda _: repr(held)

    held = Large()
    known = weakref.ref(held)
    store.writer.run(job_with(held))
    del held
    until(lambda: known() is None, "letting go")


def test_only_the_guilty_job_fails(store: Store, gather: Gather) -> None:
    answers: list[Any] = []
    recorder = Recorder()
    store.writer.join(recorder)
    with gather(store.writer):
        for job in (note("a"), _fail, note("b"), note("a"), note("c")):
            store.writer.submit(job, lambda result, error: answers.append(error or result))
    store.writer.run(lambda _tx: None)
    assert answers[0] == "a"
    assert isinstance(answers[1], KeyError)
    assert answers[2] == "b"
    assert isinstance(answers[3], sqlite3.IntegrityError)
    assert answers[4] == "c"
    assert notes(store) == ["a", "b", "c"]
    assert recorder.diary.count("rolled_back") >= 3  # the batch, then its two guilty jobs
    ends = recorder.diary.count("committed") + recorder.diary.count("rolled_back")
    assert recorder.diary.count("begin") == ends


def test_one_guilty_job_does_not_make_a_commit_of_every_other(store: Store, gather: Gather) -> None:
    """Agents can make jobs fail; they must not be able to make the store slow by it."""
    batches: list[int] = []
    store.writer.on_batch(lambda jobs, _spent: batches.append(jobs))
    answers: SimpleQueue[str | None] = SimpleQueue()
    with gather(store.writer):
        for number in range(256):
            job = _fail if number == 77 else note(f"{number:03}")
            store.writer.submit(job, lambda result, _error: answers.put(result))
    expected = [None if number == 77 else f"{number:03}" for number in range(256)]
    assert [answers.get(timeout=30) for _ in range(256)] == expected
    assert notes(store) == [key for key in expected if key is not None]
    assert len(batches) <= 10


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(tmp_path_factory.mktemp("shared"))
    yield opened
    opened.close()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(keys=st.lists(st.integers(0, 12) | st.none(), max_size=12))
def test_a_batch_ends_as_its_jobs_one_by_one(
    shared: Store, gather: Gather, keys: list[int | None]
) -> None:
    """Any mix of good rows, repeated keys and raising jobs: the same as without batching."""
    shared.writer.run(lambda tx: tx.execute("DELETE FROM meta").rowcount)
    answers: list[str | None] = []
    with gather(shared.writer):
        for key in keys:
            job = _fail if key is None else note(str(key))
            shared.writer.submit(job, lambda result, _error: answers.append(result))
    shared.writer.run(lambda _tx: None)
    expected: list[str | None] = []
    for key in keys:
        good = key is not None and str(key) not in expected
        expected.append(str(key) if good else None)
    assert answers == expected
    assert notes(shared) == [key for key in expected if key is not None]


def test_statements_see_the_rows_before_them(store: Store) -> None:
    def job(tx: Tx) -> list[tuple[str]]:
        tx.insert("meta", ("a", ""))
        found = tx.execute("SELECT key FROM meta").fetchall()
        tx.insert("meta", ("b", ""))
        return found

    assert store.writer.run(job) == [("a",)]
    assert notes(store) == ["a", "b"]


@pytest.mark.parametrize("count", [1, 3, 4, 5, 36, 255, 256, 257, 600])
def test_any_number_of_rows_goes_in(store: Store, count: int) -> None:
    def job(tx: Tx) -> None:
        for number in range(count):
            tx.insert("meta", (f"{number:04}", ""))

    store.writer.run(job)
    assert notes(store) == [f"{number:04}" for number in range(count)]


def test_rows_of_different_lengths_are_refused(store: Store) -> None:
    def job(tx: Tx) -> None:
        tx.insert("meta", ("a", "", "b"))
        tx.insert("meta", ("c",))

    with pytest.raises(StoreError, match="different lengths"):
        store.writer.run(job)
    assert notes(store) == []
    assert store.writer.frozen == ""


def test_a_job_that_ends_the_transaction_stores_nothing_more(store: Store) -> None:
    def job(tx: Tx) -> None:
        tx.execute("ROLLBACK")
        tx.insert("meta", ("piecemeal", ""))

    with pytest.raises(StoreError, match="transaction is over"):
        store.writer.run(job)
    assert notes(store) == []


def test_callbacks_cannot_kill_the_writer(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    def bad(*_arguments: Any) -> None:
        raise SystemExit(3)

    store.writer.on_batch(bad)
    with caplog.at_level(logging.CRITICAL, "storage"):
        store.writer.submit(note("a"), bad)
        store.writer.run(note("b"))
        store.writer.run(note("c"))
    assert notes(store) == ["a", "b", "c"]


def test_a_job_that_exits_is_an_error_like_any_other(store: Store) -> None:
    def leaving(_tx: Tx) -> None:
        raise SystemExit(3)

    with pytest.raises(StoreError, match="SystemExit"):
        store.writer.run(leaving)
    assert store.writer.run(note("a")) == "a"


def test_participants_hear_of_every_transaction(store: Store) -> None:
    recorder = Recorder()
    store.writer.join(recorder)
    store.writer.run(note("a"))
    store.writer.run(lambda _tx: None)
    with pytest.raises(KeyError):
        store.writer.run(_fail)
    assert recorder.diary == [
        *("begin", "seal", "committed"),
        *("begin", "committed"),  # nothing was written, so nothing is sealed
        *("begin", "rolled_back"),
    ]


@pytest.mark.parametrize("moment", ["begin", "seal"])
def test_a_participant_that_objects_stops_the_commit(store: Store, moment: str) -> None:
    recorder = Recorder()
    recorder.fail_in = moment
    store.writer.join(recorder)
    with pytest.raises(ValueError, match=moment):
        store.writer.run(note("a"))
    assert notes(store) == []
    recorder.fail_in = ""
    store.writer.run(note("b"))
    assert notes(store) == ["b"]


@pytest.mark.parametrize("moment", ["committed", "rolled_back"])
def test_a_participant_that_loses_track_freezes_the_writer(
    store: Store, moment: str, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder()
    recorder.fail_in = moment
    store.writer.join(recorder)
    with caplog.at_level(logging.CRITICAL, "storage"):
        if moment == "committed":
            store.writer.run(note("a"))
        else:
            with pytest.raises(KeyError):
                store.writer.run(_fail)
    with pytest.raises(StoreFrozen):
        store.writer.run(note("b"))


def test_frozen_refuses_everything_until_thawed(store: Store, gather: Gather) -> None:
    answers: list[Any] = []
    store.writer.run(note("a"))
    store.writer.freeze("because")
    store.writer.freeze("again")
    assert store.writer.frozen == "because"
    for _ in range(3):
        store.writer.submit(note("b"), lambda _result, error: answers.append(error))
    with pytest.raises(StoreFrozen, match="because") as refused:
        store.writer.run(note("b"))
    assert refused.value.code == 423
    assert [type(error) for error in answers] == [StoreFrozen] * 3
    assert len(set(map(id, answers))) == 3

    def still_bad() -> None:
        with pytest.raises(StoreFrozen):
            store.writer.run(note("b"))
        raise ValueError("not yet")

    with pytest.raises(ValueError, match="not yet"):
        store.writer.thaw(still_bad)
    assert store.writer.frozen == "because"
    seen: list[list[str]] = []
    store.writer.thaw(lambda: seen.append(notes(store)))
    assert (seen, store.writer.frozen) == ([["a"]], "")
    assert store.writer.run(note("b")) == "b"


def test_the_writer_thread_does_not_wait_for_itself(store: Store) -> None:
    caught: list[Exception] = []

    def done(_result: Any, _error: Any) -> None:
        with pytest.raises(RuntimeError, match="submit") as error:
            store.writer.run(note("b"))
        caught.append(error.value)

    store.writer.submit(note("a"), done)
    store.writer.run(note("c"))
    assert len(caught) == 1


def test_close_commits_what_queued_and_refuses_what_is_late(home: Path, gather: Gather) -> None:
    store = open_store(home)
    answers: list[Any] = []
    with gather(store.writer):
        for number in range(50):
            store.writer.submit(note(str(number)), lambda _result, error: answers.append(error))
        closing = threading.Thread(target=store.close)
        closing.start()
    closing.join()
    assert answers == [None] * 50
    with pytest.raises(StoreClosed):
        store.writer.run(note("late"))
    store.writer.freeze("late too")
    with pytest.raises(StoreClosed):
        store.writer.thaw(lambda: None)
    store.close()
    again = open_store(home)
    assert len(notes(again)) == 50
    again.close()


def test_every_job_is_answered_once_whoever_wins_the_close(home: Path) -> None:
    store = open_store(home)
    answers: list[str | None] = []
    per_thread = 300

    def submit(name: str) -> None:
        for number in range(per_thread):
            store.writer.submit(note(f"{name}{number}"), lambda result, _e: answers.append(result))

    threads = [threading.Thread(target=submit, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    store.close()
    for thread in threads:
        thread.join()
    assert len(answers) == 3 * per_thread
    again = open_store(home)
    assert sorted(notes(again)) == sorted(key for key in answers if key is not None)
    again.close()
