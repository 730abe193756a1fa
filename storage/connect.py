"""How the database file is opened: once for writing, as often as wanted for reading.

SQLite before 3.51.3 can damage a database when two connections write or checkpoint at once (see
`storage.health.wal_reset_range`). Readers therefore open the file read-only, which keeps them
from checkpointing too, and the writer alone moves the log into the database.
"""

import os
import sqlite3
from pathlib import Path

from storage.errors import UNREADABLE, StoreError, StoreMissing, StoreReadOnly, classify
from storage.schema import check_origin, migrate

STORE_NAME = "store.db"
BUSY_TIMEOUT_S = 5.0
WAL_KEPT = (
    4 * 1024 * 1024
)  # bytes of log file kept for reuse: overwriting syncs faster than growing


def wal_path(path: Path) -> Path:
    """The write-ahead log of a database file."""
    return path.with_name(path.name + "-wal")


def wal_bytes(path: Path) -> int:
    """The size of the write-ahead log in bytes, 0 when there is none."""
    try:
        return wal_path(path).stat().st_size
    except FileNotFoundError:
        return 0


def connect_reader(path: Path) -> sqlite3.Connection:
    """A new read-only connection, for use by one thread at a time.

    Raises `StoreMissing`, `StoreForeign` or, when the file cannot be read, `StoreError`.
    """
    try:
        there = path.exists()
    except OSError as error:
        raise StoreError(f"{path} cannot be reached: {error.strerror}.") from None
    if not there:
        raise StoreMissing(f"There is no store at {path}. `assent run` makes one.")
    try:
        connection = _open_read_only(path)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read ({error}). Check its disk and rights.") from error
    try:
        connection.execute("PRAGMA query_only = ON")
        if check_origin(connection) == 0:
            raise StoreMissing(f"{path} is empty. `assent run` makes a store of it.")
    except UNREADABLE as error:
        connection.close()
        raise StoreError(f"{path} cannot be read ({error}). Check its disk and rights.") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _open_read_only(path: Path) -> sqlite3.Connection:
    # While someone has the store open there is a log beside it. Without one the file holds
    # everything, and where the folder is read-only SQLite could not make its wal-index.
    alone = not wal_path(path).exists() and not _writable(path.parent)
    mode = "immutable=1" if alone else "mode=ro"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )


def version_of(path: Path) -> int:
    """The schema version of a file, read without changing a byte of it (see `check_origin`)."""
    if not path.exists() or not path.stat().st_size:
        return 0
    mode = "mode=ro" if wal_bytes(path) else "immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
    try:
        return check_origin(connection)
    finally:
        connection.close()


def prepare(path: Path) -> None:
    """Make the database file, private to its owner, and bring it to the newest version.

    Raises `StoreForeign` or `StoreReadOnly`, the file untouched.
    """
    check_writable(path)
    version = version_of(path)
    path.touch(mode=0o600)
    connection = connect_writer(path, BUSY_TIMEOUT_S)
    try:
        migrate(connection, version)
    finally:
        connection.close()


def check_writable(path: Path) -> None:
    """Raises `StoreReadOnly` where this user may not write the file, or in its folder."""
    for place in (path.parent, path):
        if place.exists() and not _writable(place):
            raise StoreReadOnly(
                f"{place} cannot be read and written. Give this user the right to, or choose "
                "another folder with ASSENT_HOME."
            )


def _writable(place: Path) -> bool:
    return os.access(place, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def connect_writer(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """The writing connection: every commit is synced before it returns.

    `wal_autocheckpoint` is off because SQLite keeps the errors of its own checkpoints to itself;
    `storage.wal` does them instead.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",  # never makes a new, empty file
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise StoreError(
                f"{path} lies on a file system that allows no write-ahead log. Choose a folder on "
                "a local disk with ASSENT_HOME."
            )
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT}")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except UNREADABLE as error:
        connection.close()
        raise classify(error) or StoreError(f"{path} cannot be opened: {error}") from error
    except BaseException:
        connection.close()
        raise
    return connection
