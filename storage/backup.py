"""A copy of the store as it was at one moment, taken while it is written."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from storage.errors import StoreError, classify
from storage.health import integrity

Progress = Callable[[int, int], None]
"""Told the pages copied and the pages in all."""

_PAGES_AT_A_TIME = 1024


def backup(source: sqlite3.Connection, target: Path, progress: Progress | None = None) -> None:
    """Copy the database that `source` reads to a new file of one piece.

    The copy appears under its name only when it is complete, checked and synced. An existing
    file is not overwritten. Raises `StoreError`.
    """
    if target.exists():
        raise StoreError(f"{target} exists already. Choose another name, or remove it.")
    partial = target.with_name(target.name + ".partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        _copy(source, partial, progress)
        _sync(partial)
        partial.rename(target)
        _sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise classify(error) or StoreError(f"{target} was not made: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, partial: Path, progress: Progress | None) -> None:
    def told(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    copy = sqlite3.connect(partial, isolation_level=None)
    # An open read transaction pins the moment; without one every commit would start it anew.
    source.execute("BEGIN")
    try:
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        copy.execute("PRAGMA synchronous = OFF")  # synced once, at the end
        source.backup(copy, pages=_PAGES_AT_A_TIME, progress=told)
        copy.execute("PRAGMA journal_mode = DELETE")  # the copy is one file
        if damage := integrity(copy):
            raise StoreError(f"The copy is damaged: {damage[0]}. Verify the store and its disk.")
    finally:
        source.execute("ROLLBACK")
        copy.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
