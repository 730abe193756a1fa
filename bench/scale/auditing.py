"""The audit log with up to a million entries, on a disk."""

import contextlib
import sqlite3
from collections.abc import Callable
from itertools import cycle

from bench.entries import KEY, an_entry
from bench.places import scratch_store
from bench.scale.rows import Book, Rows, each_timed, sizes, timed, told_sizes
from bench.stress.running import Work
from components.audit_system import AuditLog, Query, query, verify
from components.audit_system.stored import StoredTree
from components.clock import SystemClock
from storage import Store, Tx

NAME = "audit_system"
AT_ONCE = 500
"""Entries of a transaction while the log is filled."""

APPENDED, VERIFIED, ROOTS, QUERIES = 60, 3, 20, 40
PAGE = 100


def measure(most: int, book: Book, work: Work) -> None:
    """Fill up to each size, then append, verify, ask, and look at the file."""
    rows = Rows(NAME, most, work, book)
    try:
        with scratch_store("scale") as store:
            log = AuditLog.open(store, KEY, "bench", SystemClock())
            for size in told_sizes(work, sizes(NAME, most)):
                rounds = min(APPENDED, size - log.head.size)
                fill(store, log, size - rounds)
                append = _append(store, log)
                rows.take(
                    "log_action",
                    size,
                    each_timed(append, range(size - rounds, size)),
                    "In a transaction of its own: leaf, tree, signed checkpoint, sync",
                )
                _read(rows, store, log, size)
    finally:
        rows.finish()


def fill(store: Store, log: AuditLog, size: int) -> None:
    """Append up to a size, many entries to a transaction."""
    while log.head.size < size:
        start = log.head.size
        end = min(start + AT_ONCE, size)

        def many(tx: Tx, numbers: range = range(start, end)) -> None:
            for number in numbers:
                log.append(tx, an_entry(number))

        store.writer.run(many)


def _append(store: Store, log: AuditLog) -> Callable[[int], object]:
    return lambda number: store.writer.run(lambda tx: log.append(tx, an_entry(number)))


def _read(rows: Rows, store: Store, log: AuditLog, size: int) -> None:
    """What the console, a reviewer and a restart ask of the log; and a search through all of it."""
    with contextlib.closing(store.reader()) as reader:
        assert verify(reader, log.vkey).entries == size
        rows.take("verify_chain", size, timed(lambda: verify(reader, log.vkey), VERIFIED))
        asked = cycle([Query(), Query(agent="agent-3"), Query(request_id=an_entry(7).request_id)])
        rows.take(
            "query_history",
            size,
            timed(lambda: query(reader, next(asked), None, PAGE), QUERIES),
            "The newest page, an agent's, and one request",
        )
        rows.take(
            "search",
            size,
            timed(lambda: query(reader, Query(text="nowhere"), None, PAGE), VERIFIED),
            "A text that is in no entry: all of them are looked through",
        )
        rows.take(
            "merkle_root",
            size,
            timed(lambda: StoredTree(reader).frontier(size).root(), ROOTS),
            "From the stored tree, as after a start",
        )
        told = "The pages of the whole store; its write-ahead log keeps 4 MiB besides"
        rows.take("disk", size, [_bytes(reader) / 1e6], told)


def _bytes(reader: sqlite3.Connection) -> int:
    pages, page = (
        reader.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    return int(pages * page)
