"""The writing connection through its life: opened, used, mended, closed."""

import sqlite3
from pathlib import Path

from storage.connect import connect_writer
from storage.errors import StoreError, StoreForeign, classify
from storage.schema import NEWEST, check_origin
from storage.wal import WalKeeper, checkpoint


class FilesGone(Exception):  # noqa: N818
    """The files were removed or replaced while they were in use: a commit would be lost."""


class Session:
    """One writing connection and the files under it, used by one thread at a time.

    Transactions raise `sqlite3.Error` or `FilesGone`.
    """

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._connect()

    def _connect(self) -> None:
        self.connection = connect_writer(self._path, self._busy_timeout_s)
        self._usable = True
        self._keeper = WalKeeper(self._path)
        if check_origin(self.connection) != NEWEST:
            raise StoreForeign(f"{self._path} is not the store that it was. Restore it.")

    def begin(self) -> None:
        """Begin a transaction, waiting for other processes as long as the busy timeout."""
        self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Commit and sync, if the files are still those that were opened."""
        if why := self._keeper.missing():
            raise FilesGone(f"{why}. Restore it, then verify the store and thaw it.")
        self.connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Undo the transaction, unless SQLite did so by itself."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def tend(self) -> None:
        """Keep the log small; between transactions."""
        self._keeper.tend(self.connection)

    def close(self) -> None:
        """Close the connection; SQLite then empties the log, unless someone still reads."""
        self._usable = False
        self.connection.close()

    def reopen(self) -> None:
        """Begin anew after a failure. Raises `StoreError` when the disk or the file is not well.

        A commit whose sync failed may lie whole in the log, past the end that this connection
        knows. SQLite would take it for a commit when it opens the file anew, so a transaction of
        no consequence overwrites it first. That also proves that the disk syncs again.
        """
        try:
            if self._usable:
                self.begin()
                with self.connection:
                    self.connection.execute(f"PRAGMA user_version = {NEWEST}")
                checkpoint(self.connection, truncate=True)
                self.close()
            self._connect()
        except (sqlite3.Error, OSError) as error:
            raise classify(error) or StoreError(f"{error}. Restore the store.") from error
