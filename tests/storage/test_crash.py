"""Killed processes and torn files: what was acknowledged is there, and nothing is half there."""

import random
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from storage import STORE_NAME, integrity, open_reader, open_store
from storage.connect import connect_writer, wal_path
from storage.schema import MIGRATIONS, check_origin, migrate
from tests.storage.run_child import ROOT, command, reports

KILLS = 50


def _numbers(home: Path) -> list[int]:
    reader = open_reader(home)
    try:
        return [row[0] for row in reader.execute("SELECT size FROM checkpoints ORDER BY size")]
    finally:
        reader.close()


@pytest.mark.fault(17)
def test_fault_17_no_acknowledged_row_is_lost_to_kill_9(home: Path) -> None:
    chance = random.Random(17)
    acknowledged = -1
    for _ in range(KILLS):
        acknowledged = max(acknowledged, _until_killed(home, chance.uniform(0, 0.03)))
        stored = _numbers(home)
        assert stored == list(range(len(stored)))
        assert acknowledged < len(stored)
    assert acknowledged > KILLS
    store = open_store(home)
    reader = store.reader()
    assert integrity(reader) == ()
    reader.close()
    store.close()


def _until_killed(home: Path, after_s: float) -> int:
    """Start a child, kill it some time after its first row: the last number it acknowledged."""
    with subprocess.Popen(
        command("acknowledge", home), cwd=ROOT, stdout=subprocess.PIPE, bufsize=0
    ) as child:
        assert child.stdout is not None
        said = child.stdout.read(65536)
        time.sleep(after_s)  # the moment of the kill is the thing under test
        child.send_signal(signal.SIGKILL)
        while more := child.stdout.read(65536):
            said += more
    return int(said.rpartition(b"\n")[0].rpartition(b"\n")[2])


@pytest.mark.fault(25)
def test_fault_25_a_torn_log_leaves_a_clean_prefix(home: Path, tmp_path: Path) -> None:
    reports("one_by_one", home)
    log = wal_path(home / STORE_NAME).read_bytes()
    assert _numbers(home) == list(range(20))
    chance = random.Random(25)
    lengths = {len(log) - 1, len(log) - 100, len(log) - 4096, 40}
    lengths.update(chance.randrange(len(log)) for _ in range(20))
    kept = {_after_tear(home, tmp_path / "torn", log[:length]) for length in lengths}
    flipped = log[:-50] + bytes([log[-50] ^ 1]) + log[-49:]
    assert _after_tear(home, tmp_path / "torn", flipped) == 19
    assert max(kept) == 19
    assert len(kept) > 5


def _after_tear(home: Path, torn: Path, log: bytes) -> int:
    """Rows left when the log is this: they are the first ones, and the file is whole."""
    shutil.rmtree(torn, ignore_errors=True)
    torn.mkdir()
    shutil.copy(home / STORE_NAME, torn / STORE_NAME)
    wal_path(torn / STORE_NAME).write_bytes(log)
    store = open_store(torn)
    try:
        numbers = _numbers(torn)
        reader = store.reader()
        assert integrity(reader) == ()
        reader.close()
    finally:
        store.close()
    assert numbers == list(range(len(numbers)))
    return len(numbers)


@pytest.mark.fault(32)
@pytest.mark.parametrize("moment", ["halfway", "before the commit", "after the commit"])
@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_fault_32_a_killed_migration_leaves_old_or_new(
    home: Path, version: int, moment: str
) -> None:
    reports("migration", home, str(version), moment)
    old_steps = MIGRATIONS[:version]
    connection = connect_writer(home / STORE_NAME, 5)
    found = check_origin(connection, newest=version + 1)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
    new = [name for name in tables if name.startswith("new_")]
    if moment == "after the commit":
        assert (found, len(new)) == (version + 1, 50)
    else:
        assert (found, len(new)) == (version, 0)
        assert ("audit_entries" in tables) == (version >= 1)
    migrate(connection, found, [*old_steps, lambda db: db.execute("CREATE TABLE last (a)")])
    assert check_origin(connection, newest=version + 1) == version + 1
    connection.close()


def test_a_failing_migration_leaves_the_old_version(home: Path) -> None:
    open_store(home).close()
    connection = connect_writer(home / STORE_NAME, 5)

    def bad(db: object) -> None:
        connection.execute("CREATE TABLE half (a)")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        migrate(connection, len(MIGRATIONS), [*MIGRATIONS, bad])
    assert check_origin(connection) == len(MIGRATIONS)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        connection.execute("SELECT * FROM half")
    connection.close()
