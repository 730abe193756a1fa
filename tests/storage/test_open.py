"""Opening: the tables, the lock, and files that are not ours."""

import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest

from storage import (
    STORE_NAME,
    Store,
    StoreError,
    StoreForeign,
    StoreLocked,
    StoreMissing,
    open_reader,
    open_store,
)
from storage.schema import APPLICATION_ID, MIGRATIONS
from tests.storage.conftest import note, notes
from tests.storage.run_child import ROOT, command

TABLES = {
    "agents",
    "alert_history",
    "alert_states",
    "audit_entries",
    "checkpoints",
    "decisions",
    "evolution_state",
    "experiences",
    "gauge_buckets",
    "grants",
    "merkle_tiles",
    "meta",
    "metric_buckets",
    "recommendations",
    "requests",
    "suggestions",
}


def test_a_new_store_has_every_table_and_is_private(store: Store) -> None:
    reader = store.reader()
    found = reader.execute("PRAGMA table_list").fetchall()
    tables = {row[1]: row for row in found if row[2] == "table" and "sqlite_" not in row[1]}
    assert tables.keys() == TABLES
    assert all(row[5] for row in tables.values())  # STRICT
    assert reader.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert reader.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.home.stat().st_mode) == 0o700
    reader.close()


def test_every_commit_is_synced_and_waits_five_seconds(store: Store) -> None:
    def pragmas(tx: object) -> list[object]:
        names = ("journal_mode", "synchronous", "busy_timeout", "wal_autocheckpoint")
        return [tx.execute(f"PRAGMA {name}").fetchone()[0] for name in names]  # type: ignore[attr-defined]

    assert store.writer.run(pragmas) == ["wal", 2, 5000, 0]


def test_audit_columns_come_from_the_leaf(store: Store) -> None:
    leaf = '{"agent":"coder","kind":"verdict","request_id":"r1","time":5,"tool":"shell"}'
    store.writer.run(lambda tx: tx.insert("audit_entries", (0, leaf, b"h")))
    store.writer.run(lambda tx: tx.insert("audit_entries", (1, "not JSON", b"h")))
    reader = store.reader()
    columns = "kind, agent, request_id, tool, verdict, operator, time"
    found = reader.execute(f"SELECT {columns} FROM audit_entries ORDER BY seq").fetchall()
    assert found == [("verdict", "coder", "r1", "shell", None, None, 5), (None,) * 7]
    for column in ("request_id", "agent"):
        plan = reader.execute(
            f"EXPLAIN QUERY PLAN SELECT leaf FROM audit_entries WHERE {column} = 'r1'"
        ).fetchall()
        assert "USING INDEX" in plan[0][3]
    reader.close()


def test_an_id_is_taken_once_an_agent(store: Store) -> None:
    row = (None, "coder", "r1", "d", 0, 0, "pending", b"", None, "")
    store.writer.run(lambda tx: tx.insert("requests", row))
    with pytest.raises(sqlite3.IntegrityError):
        store.writer.run(lambda tx: tx.insert("requests", row))


def test_readers_cannot_write(store: Store) -> None:
    reader = store.reader()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("INSERT INTO meta VALUES ('a', '')")
    reader.close()


@pytest.mark.fault(27)
def test_fault_27_second_process_is_refused(home: Path) -> None:
    with subprocess.Popen(
        command("hold", home), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert b"held" in child.stdout.readline()
        with pytest.raises(StoreLocked, match=f"process {child.pid}"):
            open_store(home)
        open_reader(home).close()  # reading beside it is allowed
        child.communicate()
    open_store(home).close()


@pytest.mark.fault(27)
def test_fault_27_so_is_a_second_store_in_one_process(home: Path) -> None:
    store = open_store(home)
    with pytest.raises(StoreLocked):
        open_store(home)
    store.writer.run(note("a"))
    store.close()
    open_store(home).close()


def _foreign_application(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 1")
    connection.close()


def _foreign_tables(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()


def _newer_version(path: Path) -> None:
    open_store(path.parent).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()


def _newer_in_log_mode(path: Path) -> None:
    open_store(path.parent).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"A letter to the editor.\n" * 500)


@pytest.mark.fault(30)
@pytest.mark.parametrize(
    "make",
    [_foreign_application, _foreign_tables, _newer_version, _newer_in_log_mode, _not_a_database],
)
def test_fault_30_a_foreign_file_is_refused_untouched(home: Path, make: object) -> None:
    home.mkdir()
    path = home / STORE_NAME
    make(path)  # type: ignore[operator]
    content, status = path.read_bytes(), path.stat()
    beside = {one.name for one in home.iterdir()} | {"lock"}
    for opening in (open_store, open_store, open_reader):
        with pytest.raises(StoreForeign) as refused:
            opening(home)
        assert str(refused.value).count(". ") or "left as it is" in str(refused.value)
    assert path.read_bytes() == content
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert {one.name for one in home.iterdir()} - beside <= {"store.db-shm", "store.db-wal"}


@pytest.mark.fault(30)
def test_fault_30_a_newer_version_still_in_the_log_is_seen(home: Path) -> None:
    store = open_store(home)
    store.writer.run(lambda tx: tx.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}").rowcount)
    copy = home.with_name("copy")
    copy.mkdir()
    for name in (STORE_NAME, f"{STORE_NAME}-wal"):
        (copy / name).write_bytes((home / name).read_bytes())
    store.close()
    content = [(copy / name).read_bytes() for name in (STORE_NAME, f"{STORE_NAME}-wal")]
    with pytest.raises(StoreForeign, match="newer"):
        open_store(copy)
    assert content == [(copy / n).read_bytes() for n in (STORE_NAME, f"{STORE_NAME}-wal")]


def test_a_missing_or_empty_store_is_not_read(home: Path) -> None:
    with pytest.raises(StoreMissing, match="`assent run` makes"):
        open_reader(home)
    home.mkdir()
    (home / STORE_NAME).touch()
    with pytest.raises(StoreMissing, match="`assent run` makes"):
        open_reader(home)
    open_store(home).close()
    open_reader(home).close()


def test_reading_beside_nobody_leaves_the_log_alone(home: Path, tmp_path: Path) -> None:
    store = open_store(home)
    store.writer.run(note("a"))
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in (STORE_NAME, f"{STORE_NAME}-wal"):
        (copy / name).write_bytes((home / name).read_bytes())
    store.close()
    reader = open_reader(copy)
    assert reader.execute("SELECT key FROM meta").fetchall() == [("a",)]
    reader.close()
    assert (copy / f"{STORE_NAME}-wal").stat().st_size > 0
    again = open_store(copy)
    assert notes(again) == ["a"]
    again.close()


def test_errors_have_a_code_and_are_one_family() -> None:
    assert {kind.code for kind in (StoreForeign, StoreLocked, StoreMissing)} == {500}
    assert issubclass(StoreForeign, StoreError)
