"""What durability costs: a row in a group commit beside a row in a commit of its own.

Both sides sync every commit (`synchronous=FULL`) on the same disk in the same run: the current
directory's, or that of `ASSENT_BENCH_DIR`. A file system in memory would measure nothing, so it
is refused.
"""

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import pytest

from storage import Store, Tx, open_store

ROWS = 1024
GOAL = 0.02
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


@pytest.fixture
def store() -> Iterator[Store]:
    parent = Path(os.environ.get("ASSENT_BENCH_DIR", Path.cwd()))
    if _file_system(parent) in {"tmpfs", "ramfs"}:
        pytest.skip(f"{parent} is in memory: set ASSENT_BENCH_DIR to a folder on a disk")
    home = Path(tempfile.mkdtemp(prefix=".bench-store-", dir=parent))
    opened = open_store(home)
    try:
        yield opened
    finally:
        opened.close()
        shutil.rmtree(home)


@pytest.mark.parametrize("row", [AUDIT_ROW, WORK_ROW], ids=["audit", "experience"])
def test_durable_row_vs_single_commit(benchmark: Any, store: Store, row: Any) -> None:
    table, values = row
    single = _single_commits(store, table, values, 300)

    def group() -> None:
        for _ in range(ROWS - 1):
            store.writer.submit(job, _ignore)
        store.writer.run(job)

    def job(tx: Tx) -> None:
        tx.insert(table, values)

    benchmark.pedantic(group, rounds=40, warmup_rounds=4)
    # The disk's mood changes within seconds: half of the reference is taken before, half after.
    single += _single_commits(store, table, values, 300)
    reference = statistics.median(single)
    grouped = benchmark.stats.stats.median * 1e9 / ROWS
    benchmark.extra_info |= {
        "where": f"{store.home.parent} ({_file_system(store.home)})",
        "single_commit_us": reference / 1e3,
        "durable_row_us": grouped / 1e3,
        "durable_row_vs_single_commit": grouped / reference,
        "goal": GOAL,
    }


def test_submit(benchmark: Any, store: Store) -> None:
    """What a job costs the thread that submits it, while the writer is busy with others."""

    def rounds() -> None:
        for _ in range(ROWS):
            store.writer.submit(_nothing, _ignore)

    def drained() -> None:
        store.writer.run(_nothing)

    benchmark.pedantic(rounds, setup=drained, rounds=40)
    benchmark.extra_info["submit_us"] = benchmark.stats.stats.median * 1e6 / ROWS


def _single_commits(store: Store, table: str, values: tuple[Any, ...], count: int) -> list[int]:
    """Nanoseconds of each commit of one row by a bare connection, in a file of its own."""
    path = store.home / f"reference-{perf_counter_ns()}.db"
    store.backup(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    insertion = f"INSERT INTO {table} VALUES ({','.join('?' * len(values))})"

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(insertion, values)
        connection.execute("COMMIT")

    taken = [_timed(commit) for _ in range(count)]
    connection.close()
    path.unlink()
    return taken


def _timed(call: Callable[[], None]) -> int:
    started = perf_counter_ns()
    call()
    return perf_counter_ns() - started


def _file_system(path: Path) -> str:
    found = subprocess.run(
        ["stat", "--file-system", "--format=%T", path], capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


def _nothing(_tx: Tx) -> None:
    pass


def _ignore(_result: Any, _error: Exception | None) -> None:
    pass
