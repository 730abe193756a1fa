"""Folders of the benchmarks: on a disk, or the measurement is refused."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.machine import bench_dir, in_memory
from storage import Store, open_store


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A folder of its own in the folder of the benchmarks; skips where that lies in memory."""
    parent = bench_dir()
    if in_memory(parent):
        pytest.skip(f"{parent} is in memory: set ASSENT_BENCH_DIR to a folder on a disk")
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".bench-{name}-", dir=parent))
    except OSError as error:
        pytest.skip(f"no folder can be made in {parent}: {error.strerror}")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def scratch_store(name: str) -> Iterator[Store]:
    """A store in a folder of its own."""
    with scratch(name) as folder:
        opened = open_store(folder)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def bare_database(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """A plain connection that syncs every commit, for references; with this schema."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(schema)
        yield connection
    finally:
        connection.close()
