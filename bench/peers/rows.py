"""Durable rows: the writer, which commits what comes together, beside plain ways to SQLite."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.peers.peer import Peer, Side, Sides
from bench.places import bare_database, scratch_store
from storage import Store, Tx

ROWS, SINGLE = 1_024, 64
TABLE, COLUMNS = "audit_entries", ("seq", "leaf", "leaf_hash")
INSERTION = f"INSERT INTO {TABLE} VALUES (?, ?, ?)"
ROW = (None, '{"agent":"coder","digest":"' + "d" * 64 + '","prev":"' + "e" * 64 + '"}', b"h" * 32)


def _peer(what: str, name: str, theirs: str, package: str = "") -> Peer:
    return Peer(
        figure=f"peer.rows.{what}", name=name, package=package, theirs=theirs,
        on="A durable row of the audit log's table, in WAL with synchronous=FULL on both sides",
        ours="hands each row to a thread, tells each caller when its own is durable, and puts rows "
        f"that wait at the same time into one commit, here up to {ROWS:,}",
        unit="µs", rounds=20,
    )  # fmt: skip


SINGLY = _peer(
    "sqlite3_singly", "sqlite3, a commit a row",
    "does nothing: it is the least that a row in a commit of its own takes",
)  # fmt: skip
AT_ONCE = _peer(
    "sqlite3_at_once", f"sqlite3, {ROWS:,} rows a commit",
    "does nothing: one caller has all rows beforehand, and hears of all together",
)  # fmt: skip
SQLITE_UTILS = _peer(
    "sqlite_utils", "sqlite-utils",
    "takes a row as a dict, looks at the table's columns, and commits it alone", "sqlite-utils",
)  # fmt: skip
AIOSQLITE = _peer(
    "aiosqlite", "aiosqlite",
    "hands each statement to a thread and back to the event loop, and commits each row alone",
    "aiosqlite",
)  # fmt: skip
PEERS = (SINGLY, AT_ONCE, SQLITE_UTILS, AIOSQLITE)

Way = Callable[[Path, str], AbstractContextManager[Side]]
"""Opens a database at that path with that schema; a round gives µs a row."""


@contextmanager
def sides(peer: Peer, _quick: bool) -> Iterator[Sides]:
    """A store, and beside it a file of theirs with the same table and its indexes."""
    ways: dict[Peer, Way] = {
        SINGLY: singly, AT_ONCE: at_once, SQLITE_UTILS: with_utils, AIOSQLITE: with_aiosqlite,
    }  # fmt: skip
    with (
        scratch_store("rows") as store,
        ways[peer](store.home / "theirs.db", schema(store)) as theirs,
    ):
        yield Sides(lambda: grouped(store), theirs)


def grouped(store: Store) -> float:
    """Ours: rows submitted one by one, the last waited for."""

    def job(tx: Tx) -> None:
        tx.insert(TABLE, ROW)

    started = perf_counter()
    for _ in range(ROWS - 1):
        store.writer.submit(job, _ignore)
    store.writer.run(job)
    return 1e6 * (perf_counter() - started) / ROWS


@contextmanager
def singly(path: Path, tables: str) -> Iterator[Side]:
    """A statement that commits by itself, again and again."""
    with bare_database(path, tables) as connection:
        yield lambda: _us_each(lambda: connection.execute(INSERTION, ROW), SINGLE)


@contextmanager
def at_once(path: Path, tables: str) -> Iterator[Side]:
    """All rows in one transaction."""
    with bare_database(path, tables) as connection:

        def commit() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERTION, [ROW] * ROWS)
            connection.execute("COMMIT")

        yield lambda: _us_each(commit, 1) / ROWS


@contextmanager
def with_utils(path: Path, tables: str) -> Iterator[Side]:
    """Each row inserted as a dict."""
    from sqlite_utils import Database

    with bare_database(path, tables) as connection:
        table: Any = Database(connection)[TABLE]
        row = dict(zip(COLUMNS[1:], ROW[1:], strict=True))
        yield lambda: _us_each(lambda: table.insert(row), SINGLE)


@contextmanager
def with_aiosqlite(path: Path, tables: str) -> Iterator[Side]:
    """Each row awaited and committed."""
    import aiosqlite

    with bare_database(path, tables):
        pass

    async def rows() -> float:
        async with aiosqlite.connect(path) as database:
            await database.execute("PRAGMA synchronous = FULL")
            started = perf_counter()
            for _ in range(SINGLE):
                await database.execute(INSERTION, ROW)
                await database.commit()
            return 1e6 * (perf_counter() - started) / SINGLE

    yield lambda: asyncio.run(rows())


def stored(path: Path) -> int:
    """How many rows another connection finds."""
    with closing(sqlite3.connect(path)) as look:
        return int(look.execute(f"SELECT count(*) FROM {TABLE}").fetchone()[0])


def schema(store: Store) -> str:
    """The table as it is in the store, with its indexes."""
    with closing(store.reader()) as reader:
        found = reader.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (TABLE,)
        ).fetchall()
    return ";\n".join(sql for (sql,) in found)


def _us_each(call: Callable[[], object], times: int) -> float:
    started = perf_counter()
    for _ in range(times):
        call()
    return 1e6 * (perf_counter() - started) / times


def _ignore(_result: Any, _error: Exception | None) -> None:
    pass
