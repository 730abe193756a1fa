"""A read-only connection that is kept for as long as a node runs."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from storage.connect import connect_reader, wal_path
from storage.wal import identity

_Files = tuple[tuple[int, int], ...]


class SteadyReader:
    """Reads the files that lie at a path now, by one thread at a time.

    A store whose files were removed or replaced freezes, and goes on with those that lie there
    when it is thawed. A connection would go on with what is gone, or mix the two.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = self._there()
        self._connection = connect_reader(path)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a query. Raises `StoreError` where other files lie there, and cannot be read."""
        there = self._there()
        if there and there != self._files:
            fresh = connect_reader(self._path)
            self._connection.close()
            self._connection, self._files = fresh, there
        return self._connection.execute(sql, parameters)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _there(self) -> _Files:
        """Which files they are; nothing while one is missing."""
        try:
            return identity(self._path), identity(wal_path(self._path))
        except OSError:
            return ()
