"""A transaction as a job sees it: rows to insert, and statements."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol, TypeVar

from storage.errors import StoreError

T = TypeVar("T")

_CHUNKS = (256, 32, 4, 1)  # rows in one statement; few sizes, so that prepared ones are found again


class Tx:
    """One transaction of the writer; valid until the job returns.

    Inserted rows are buffered and go in many to a statement, before the next statement and before
    the commit: an insert that breaks a constraint is found out then. Every call into SQLite gives
    the interpreter's lock away and waits for it again, so a call a row would crawl beside a busy
    thread.
    """

    __slots__ = ("_connection", "_rows", "touched")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self.touched = False

    def insert(self, table: str, row: tuple[Any, ...]) -> None:
        """Insert a row: one value for each column that is not generated, in the table's order."""
        rows = self._rows.get(table)
        if rows is None:
            rows = self._rows[table] = []
            self.touched = True
        rows.append(row)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Execute one statement; it sees the rows inserted before it."""
        self.flush()
        self.touched = True
        return self._connection.execute(sql, parameters)

    def flush(self) -> None:
        """Insert what is buffered.

        Raises `StoreError` when no transaction is open any more: SQLite rolls back by itself
        after some errors, and what came next would be stored piecemeal.
        """
        if not self._connection.in_transaction:
            raise StoreError("The transaction is over: an earlier statement ended it.")
        if self._rows:
            waiting, self._rows = self._rows, {}
            for table, rows in waiting.items():
                self._insert_all(table, rows)

    def _insert_all(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        width = len(rows[0])
        if set(map(len, rows)) != {width}:
            raise StoreError(f"Rows of different lengths were given for {table}.")
        start = 0
        for size in _CHUNKS:
            while len(rows) - start >= size:
                values = chain.from_iterable(rows[start : start + size])
                self._connection.execute(_insertion(table, width, size), tuple(values))
                start += size


@lru_cache(maxsize=256)
def _insertion(table: str, width: int, rows: int) -> str:
    places = "(" + ",".join("?" * width) + ")"
    return f'INSERT INTO "{table}" VALUES ' + ",".join([places] * rows)  # noqa: S608 - our tables


Job = Callable[[Tx], T]
"""What the writer runs inside a transaction. It may run several times (see `Writer`), so all its
effects are inside the transaction or put right by the next run."""


class Participant(Protocol):
    """Someone who takes part in every transaction, always on the writer thread."""

    def begin(self) -> None:
        """A transaction has begun."""
        ...

    def seal(self, tx: Tx) -> None:
        """The jobs have run and wrote something: add what belongs to all of them together."""
        ...

    def committed(self) -> None:
        """The transaction is durable."""
        ...

    def rolled_back(self) -> None:
        """The transaction did not take place: forget it."""
        ...
