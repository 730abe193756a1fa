"""Keeping the write-ahead log small, and noticing when it has been taken away."""

import os
import sqlite3
from pathlib import Path

from storage.connect import WAL_KEPT, wal_path

STEP = 1024 * 1024
LARGE = 64 * 1024 * 1024
"""Bytes of log beyond which something is wrong: a reader has kept a transaction open for long."""

_PATIENCE = 100  # transactions between attempts to shrink a large log that grows slowly


class WalKeeper:
    """Watches the files of one writing connection.

    The log is written from its start again once all of it is in the database and no reader needs
    it; SQLite then cuts the file to `WAL_KEPT` bytes. So the log is due when it has grown a step
    beyond that, and again with every further step while a reader holds it. A large one is due
    now and then however little it grows, for the reader may have gone.
    """

    def __init__(self, path: Path) -> None:
        self._paths = (path, wal_path(path))
        self._known = [identity(one) for one in self._paths]
        self._due_at = WAL_KEPT + STEP
        self._since = 0
        self._size = 0

    def missing(self) -> str:
        """Why what was just committed may not be there after a restart, or nothing.

        SQLite goes on writing to files that were removed or replaced under it.
        """
        for path, known in zip(self._paths, self._known, strict=True):
            try:
                status = path.stat()
            except FileNotFoundError:
                return f"{path} was removed while it was in use"
            if (status.st_dev, status.st_ino) != known:
                return f"{path} was replaced while it was in use"
            self._size = status.st_size
        return ""

    def tend(self, connection: sqlite3.Connection) -> None:
        """Move the log into the database when it is due. Raises `sqlite3.Error` when that fails."""
        self._since += 1
        large = self._size >= LARGE
        if self._size <= WAL_KEPT:
            self._due_at = WAL_KEPT + STEP
        elif self._size >= self._due_at or (large and self._since >= _PATIENCE):
            self._due_at, self._since = self._size + STEP, 0
            checkpoint(connection, truncate=large)


def checkpoint(connection: sqlite3.Connection, *, truncate: bool) -> None:
    """Move as much of the log into the database as readers allow, without waiting for them.

    With `truncate` the log file is cut to nothing if no reader needs it.
    """
    if not truncate:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return
    waited = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {waited}")


def identity(path: Path) -> tuple[int, int]:
    """Which file lies at a path, whatever becomes of its content. Raises `OSError`."""
    status = os.stat(path)  # noqa: PTH116
    return status.st_dev, status.st_ino
