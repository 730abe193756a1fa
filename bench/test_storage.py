"""What durability costs: a row in a group commit beside a row in a commit of its own.

Both sides sync every commit (`synchronous=FULL`) on the same disk in the same run. A file system in
memory would measure nothing, so it is refused.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from time import perf_counter_ns
from typing import Any

import pytest
from msgspec.structs import replace

from bench.figures import Kind, percentile
from bench.measuring import Beside, known
from bench.places import scratch_store
from storage import Store, Tx

ROWS, SINGLES = 1024, 16
LEAF = {
    "agent": "coder",
    "digest": "d" * 64,
    "kind": "verdict",
    "prev": "e" * 64,
    "request_id": "0193e9a6-2b5c-7000-8000-000000000000",
    "rule": "shell.recursive-delete",
    "time": 1_700_000_000_000_000,
    "tool": "shell",
    "v": 1,
    "verdict": "deny",
}
AUDIT_ROW = ("audit_entries", (None, json.dumps(LEAF), b"h" * 32))
WORK_ROW = (
    "experiences",
    (None, 1, "r", "coder", "shell", "rm", "delete", "deny", "rule", "", 0.2, 0.9, 0, b"b" * 200),
)
GOAL = "goal.durable_row_vs_single_commit"


@pytest.fixture
def store() -> Iterator[Store]:
    with scratch_store("store") as opened:
        yield opened


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(AUDIT_ROW, id="audit", marks=pytest.mark.figure(GOAL)),
        pytest.param(
            WORK_ROW, id="experience", marks=pytest.mark.figure("other.storage.durable_experience")
        ),
    ],
)
def test_durable_row_vs_single_commit(beside: Beside, store: Store, row: Any) -> None:
    """The disk's mood changes within seconds, so single commits and groups take turns."""
    table, values = row
    kind: Kind = "goal" if row is AUDIT_ROW else "other"
    commit, at_once, close = bare_commits(store, table, values)

    def job(tx: Tx) -> None:
        tx.insert(table, values)

    def grouped() -> float:
        started = perf_counter_ns()
        for _ in range(ROWS - 1):
            store.writer.submit(job, _ignore)
        store.writer.run(job)
        return (perf_counter_ns() - started) / 1e3 / ROWS

    def singly() -> float:
        started = perf_counter_ns()
        for _ in range(SINGLES):
            commit()
        return (perf_counter_ns() - started) / 1e3 / SINGLES

    _, theirs = beside.turns(
        grouped, singly, "a bare sqlite3 row in a commit of its own", rounds=40, unit="µs a row",
        bound=replace(known(GOAL), kind=kind),
        note=f"{ROWS:,} rows submitted one by one, the last waited for",
    )  # fmt: skip
    bare = sorted(at_once() for _ in range(beside.rounds(40)))
    beside.extra(
        f"sqlite3 alone, {ROWS:,} rows a commit, over one (×)",
        percentile(bare, 0.5) / percentile(sorted(theirs), 0.5),
    )
    close()


@pytest.mark.figure("other.storage.submit")
def test_submit(beside: Beside, store: Store) -> None:
    """What a job costs the thread that submits it, while the writer is busy with others."""
    plain: list[Any] = []

    def submitted() -> float:
        store.writer.run(_nothing)
        started = perf_counter_ns()
        for _ in range(ROWS):
            store.writer.submit(_nothing, _ignore)
        return (perf_counter_ns() - started) / 1e3 / ROWS

    def appended() -> float:
        append, started = plain.append, perf_counter_ns()
        for _ in range(ROWS):
            append((_nothing, _ignore))
        return (perf_counter_ns() - started) / 1e3 / ROWS

    ours, theirs = [], []

    def turn() -> None:
        ours.append(submitted())
        theirs.append(appended())

    beside.benchmark.pedantic(turn, rounds=beside.rounds(40))
    beside.values(ours, theirs, "list.append")


def bare_commits(
    store: Store, table: str, values: tuple[Any, ...]
) -> tuple[Callable[[], None], Callable[[], float], Callable[[], None]]:
    """A bare connection to a file of its own with the same schema.

    What commits one row; what commits many at once, and tells the µs a row; and what closes it.
    """
    path = store.home / "reference.db"
    store.backup(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    insertion = f"INSERT INTO {table} VALUES ({','.join('?' * len(values))})"

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(insertion, values)
        connection.execute("COMMIT")

    def at_once() -> float:
        started = perf_counter_ns()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insertion, [values] * ROWS)
        connection.execute("COMMIT")
        return (perf_counter_ns() - started) / 1e3 / ROWS

    return commit, at_once, connection.close


def _nothing(_tx: Tx) -> None:
    pass


def _ignore(_result: Any, _error: Exception | None) -> None:
    pass
