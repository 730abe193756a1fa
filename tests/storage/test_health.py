"""Damage that is named, logs that stay small, waiting that ends, copies that are whole."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

import storage.wal
from storage import (
    STORE_NAME,
    Store,
    StoreBusy,
    StoreError,
    StoreFrozen,
    Tx,
    integrity,
    open_reader,
    open_store,
    wal_reset_range,
)
from storage.connect import WAL_KEPT
from tests.storage.conftest import note, notes

PAGE = 4096
MIB = 1 << 20


def _bulk(count: int, size: int) -> Any:
    def job(tx: Tx) -> None:
        for _ in range(count):
            tx.insert("experiences", (None, 1, *("",) * 8, 0.0, 0.0, 0, b"b" * size))

    return job


@pytest.fixture
def damaged(home: Path) -> Path:
    """A store one page of which has been overwritten, in the middle of the experiences."""
    store = open_store(home)
    store.writer.run(_bulk(2000, 300))
    store.close()
    path = home / STORE_NAME
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // PAGE // 2 * PAGE)
        file.write(b"\xa5" * PAGE)
    return home


@pytest.mark.fault(24)
def test_fault_24_an_overwritten_page_is_named(damaged: Path) -> None:
    reader = open_reader(damaged)
    page = (damaged / STORE_NAME).stat().st_size // PAGE // 2 + 1
    found = integrity(reader)
    assert any(f"page {page}" in line.lower() for line in found)
    reader.close()


@pytest.mark.fault(24)
def test_fault_24_a_writer_that_meets_damage_freezes(damaged: Path) -> None:
    store = open_store(damaged)
    with pytest.raises(StoreFrozen, match="SQLITE_CORRUPT"):
        store.writer.run(lambda tx: tx.execute("DELETE FROM experiences").rowcount)
    with pytest.raises(StoreFrozen):
        store.writer.run(note("a"))
    store.close()


@pytest.mark.fault(24)
def test_fault_24_a_copy_of_damage_is_not_made(damaged: Path, tmp_path: Path) -> None:
    store = open_store(damaged)
    with pytest.raises(StoreError, match="damaged"):
        store.backup(tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))
    store.close()


def test_a_whole_store_has_no_findings(store: Store) -> None:
    store.writer.run(_bulk(100, 300))
    reader = store.reader()
    assert integrity(reader) == ()
    reader.close()


def test_the_log_stays_small_by_itself(store: Store) -> None:
    largest = 0
    for _ in range(60):
        store.writer.run(_bulk(10, 50_000))
        largest = max(largest, store.wal_bytes())
    assert WAL_KEPT < largest < WAL_KEPT + 3 * MIB


@pytest.mark.fault(28)
def test_fault_28_a_long_reader_shows_in_the_log_and_is_got_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.wal, "LARGE", 8 * MIB)
    reader = store.reader()
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM meta").fetchone()
    for _ in range(30):
        store.writer.run(_bulk(10, 50_000))
    assert store.wal_bytes() > 12 * MIB  # what the node's alert looks at
    assert store.writer.frozen == ""
    assert reader.execute("SELECT count(*) FROM experiences").fetchone() == (0,)
    reader.close()
    for number in range(101):  # hardly growing
        store.writer.run(note(f"{number}"))
    assert store.wal_bytes() < WAL_KEPT


@pytest.mark.fault(29)
def test_fault_29_a_database_held_by_another_is_busy_not_broken(home: Path) -> None:
    store = open_store(home, busy_timeout_s=0.05)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers: list[Exception | None] = []
    store.writer.submit(note("a"), lambda _result, error: answers.append(error))
    with pytest.raises(StoreBusy) as busy:
        store.writer.run(note("b"))
    assert busy.value.code == 503
    assert isinstance(answers[0], StoreBusy)
    assert store.writer.frozen == ""
    other.execute("ROLLBACK")
    other.close()
    assert store.writer.run(note("c")) == "c"
    assert notes(store) == ["c"]
    store.close()


@pytest.mark.fault(31)
def test_fault_31_a_backup_under_load_is_of_one_moment(store: Store, tmp_path: Path) -> None:
    store.writer.run(_bulk(3000, 2000))
    stop = threading.Event()
    written = 0

    def pair(number: int) -> Any:
        def job(tx: Tx) -> None:
            tx.insert("meta", (f"{number:08}", ""))
            tx.execute("INSERT INTO agents VALUES (?, 0, NULL)", (f"{number:08}",))

        return job

    def load() -> None:
        nonlocal written
        while not stop.is_set():
            store.writer.run(pair(written))
            written += 1

    steps: list[tuple[int, int, int]] = []
    loader = threading.Thread(target=load)
    loader.start()
    try:
        store.backup(
            tmp_path / STORE_NAME, lambda done, pages: steps.append((done, pages, written))
        )
    finally:
        stop.set()
        loader.join()
    assert len(steps) > 1
    assert [done for done, _, _ in steps] == sorted(done for done, _, _ in steps)
    assert steps[-1][0] == steps[-1][1]
    assert written > steps[0][2]  # the writer went on meanwhile
    assert [one.name for one in tmp_path.glob(f"{STORE_NAME}*")] == [STORE_NAME]
    copy = open_store(tmp_path)
    reader = copy.reader()
    keys = notes(copy)
    assert keys == [f"{number:08}" for number in range(len(keys))]
    assert reader.execute("SELECT count(*) FROM agents").fetchone() == (len(keys),)
    assert integrity(reader) == ()
    reader.close()
    copy.close()


def test_a_backup_overwrites_nothing_and_leaves_nothing_half(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(StoreError, match="exists"):
        store.backup(target)
    assert target.read_text() == "precious"
    with pytest.raises(StoreError, match="not made"):
        store.backup(tmp_path / "nowhere" / "copy.db")

    def broken(_done: int, _pages: int) -> None:
        raise ValueError("the bar broke")

    with pytest.raises(ValueError, match="bar"):
        store.backup(tmp_path / "other.db", broken)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy.db", "home"]


@pytest.mark.fault(33)
@pytest.mark.parametrize(
    ("version", "dangerous"),
    [
        ("3.6.23", False),
        ("3.7.0", True),
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.45.0", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.52.0", False),
        ("3.53", False),
        ("4.0.0", False),
    ],
)
def test_fault_33_versions_that_can_damage_a_log(version: str, dangerous: bool) -> None:
    assert wal_reset_range(version) is dangerous


@pytest.mark.fault(33)
def test_fault_33_there_is_one_writing_connection(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the store does, at no time do two connections that could write lie open."""
    live: set[int] = set()
    most = 0
    connect = sqlite3.connect

    class Watched(sqlite3.Connection):
        def close(self) -> None:
            super().close()
            live.discard(id(self))

    def watching(place: Any, **options: Any) -> sqlite3.Connection:
        nonlocal most
        connection = connect(place, factory=Watched, **options)
        read_only = "mode=ro" in str(place) or "immutable=1" in str(place)
        if STORE_NAME in str(place) and not read_only:
            live.add(id(connection))
            most = max(most, len(live))
        return connection

    monkeypatch.setattr(sqlite3, "connect", watching)
    store = open_store(home)
    reader = store.reader()
    store.writer.run(note("a"))
    store.backup(tmp_path / "copy.db")
    store.writer.freeze("for a test")
    store.writer.thaw(lambda: None)
    store.writer.run(note("b"))
    reader.close()
    store.close()
    open_store(home).close()
    assert (most, live) == (1, set())
