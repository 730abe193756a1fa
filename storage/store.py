"""The store of one home: a file, its lock, its writer and its readers."""

import sqlite3
from pathlib import Path

from storage.backup import Progress, backup
from storage.connect import (
    BUSY_TIMEOUT_S,
    STORE_NAME,
    connect_reader,
    prepare,
    wal_bytes,
)
from storage.errors import StoreError, StoreReadOnly, classify
from storage.lock import HomeLock
from storage.steady import SteadyReader
from storage.writer import LARGEST_BATCH, Writer


class Store:
    """An open store. One process has it at a time; make it with `open_store`."""

    def __init__(
        self, home: Path, busy_timeout_s: float, largest_batch: int = LARGEST_BATCH
    ) -> None:
        self.home = home
        self.path = home / STORE_NAME
        self._lock = HomeLock(home)
        try:
            prepare(self.path)
            self.writer = Writer(self.path, busy_timeout_s, largest_batch)
        except BaseException:
            self._lock.release()
            raise

    def reader(self) -> sqlite3.Connection:
        """A new read-only connection, for use by one thread at a time; the caller closes it."""
        return connect_reader(self.path)

    def steady_reader(self) -> SteadyReader:
        """A reader to be kept, for use by one thread at a time; the caller closes it."""
        return SteadyReader(self.path)

    def wal_bytes(self) -> int:
        """The size of the write-ahead log in bytes.

        A few MiB are normal. It grows beyond while a reader keeps one transaction open.
        """
        return wal_bytes(self.path)

    def backup(self, target: Path, progress: Progress | None = None) -> None:
        """Copy the store to a new file while it is in use: `progress(pages, of)` follows it.

        The copy is what was committed when it began. Raises `StoreError`, leaving no file.
        """
        source = self.reader()
        try:
            backup(source, target, progress)
        finally:
            source.close()

    def close(self) -> None:
        """Commit what has queued, close the file and give up the lock."""
        self.writer.close()
        self._lock.release()


def open_store(
    home: Path,
    *,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
    largest_batch: int = LARGEST_BATCH,
) -> Store:
    """Open the store in `home`, made or migrated where needed.

    `busy_timeout_s` is how long a commit waits for another process that holds the database;
    `largest_batch` is how many jobs one transaction takes at most.
    Raises `StoreLocked`, `StoreForeign`, `StoreReadOnly`, or another `StoreError`.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreReadOnly(
            f"{home} cannot be made ({error.strerror}). Choose another folder with ASSENT_HOME."
        ) from error
    try:
        return Store(home, busy_timeout_s, largest_batch)
    except sqlite3.Error as error:
        raise classify(error) or StoreError(f"{home} cannot be opened: {error}") from error


def open_reader(home: Path) -> sqlite3.Connection:
    """A read-only connection to the store in `home`, whether or not a process has it open.

    Raises `StoreMissing`, `StoreForeign`, or another `StoreError`.
    """
    return connect_reader(home / STORE_NAME)
