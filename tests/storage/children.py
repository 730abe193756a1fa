"""Programs for a process of their own, which tests kill or starve.

`python -m tests.storage.children NAME HOME …`; they report by lines of JSON on standard output.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from storage import StoreError, Tx, open_store
from storage.connect import STORE_NAME, connect_writer
from storage.schema import MIGRATIONS, Migration, migrate


def acknowledge(home: Path) -> None:
    """Store numbered rows for ever, and say each number once it is durable."""
    store = open_store(home)
    first = store.writer.run(_next_number)

    def row(number: int) -> Callable[[Tx], None]:
        return lambda tx: tx.insert("checkpoints", (number, "note"))

    def say(number: int) -> Callable[[Any, Exception | None], None]:
        line = f"{number}\n".encode()
        return lambda _result, error: None if error else _write(line)

    number = first
    while True:
        if store.writer.queued() < 200:
            store.writer.submit(row(number), say(number))
            number += 1


def _next_number(tx: Tx) -> int:
    found = tx.execute("SELECT coalesce(max(size), -1) + 1 FROM checkpoints").fetchone()
    return int(found[0])


def one_by_one(home: Path) -> None:
    """Store twenty rows in a commit each, then die without closing."""
    store = open_store(home)
    for number in range(20):
        store.writer.run(lambda tx, n=number: tx.insert("checkpoints", (n, "x" * 300)))
    os.kill(os.getpid(), signal.SIGKILL)


def hold(home: Path) -> None:
    """Open the store, say so, and wait for the end of standard input."""
    store = open_store(home)
    _report(held=True)
    sys.stdin.read()
    store.close()


def failing_sync(home: Path, switch: Path) -> None:
    """Write before, while and after every sync fails (see `failing_sync.c`)."""
    store = open_store(home)
    _report(**_attempt(store, "before"))
    switch.touch()
    _report(**_attempt(store, "while"))
    _report(**_attempt(store, "while, again"))
    _report(**_thaw(store, good=True))
    switch.unlink()
    _report(**_attempt(store, "after"))
    _report(**_thaw(store, good=False))
    _report(**_attempt(store, "after a bad check"))
    _report(**_thaw(store, good=True))
    _report(**_attempt(store, "thawed"))
    store.close()


def failing_checkpoint(home: Path, switch: Path) -> None:
    """Write until the log is due, while the database file (alone) cannot be synced."""
    store = open_store(home)
    switch.touch()
    stored = 0
    while not store.writer.frozen and stored < 60:
        attempt = _attempt(store, f"{stored:03}" + "x" * 200_000)
        stored += attempt["code"] == 0
    _report(stored=stored, frozen=store.writer.frozen)
    switch.unlink()
    _report(**_thaw(store, good=True))
    _report(**_attempt(store, "thawed"))
    store.close()


def file_size_limit(home: Path) -> None:
    """Write until the file-size limit refuses, then lift it."""
    store = open_store(home)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    stored = 0
    while (attempt := _attempt(store, f"{stored:03}" + "x" * 50_000))["code"] == 0:
        stored += 1
    _report(stored=stored, **attempt)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    _report(**_thaw(store, good=True))
    _report(**_attempt(store, "thawed"))
    store.close()


def migration(home: Path, version: str, moment: str) -> None:
    """Migrate one version on, and die at a moment of it."""

    def die(_db: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def second(db: Any) -> None:
        for number in range(50):
            db.create_table(f"new_{number}", {"id": int, "body": str}, pk="id", strict=True)
            if moment == "halfway" and number == 25:
                die(db)

    home.mkdir(exist_ok=True)
    path = home / STORE_NAME
    steps: list[Migration] = [*MIGRATIONS[: int(version)]]
    path.touch()
    connection = connect_writer(path, 5)
    if steps:
        migrate(connection, 0, steps)
    last = [die] if moment == "before the commit" else []
    migrate(connection, len(steps), [*steps, second, *last])
    die(None)


def _attempt(store: Any, key: str) -> dict[str, Any]:
    try:
        store.writer.run(lambda tx: tx.insert("meta", (key, "")))
    except StoreError as error:
        return {"code": error.code, "why": str(error), "kind": type(error).__name__}
    return {"code": 0}


def _thaw(store: Any, *, good: bool) -> dict[str, Any]:
    def check() -> None:
        if not good:
            raise ValueError("the check found something")

    try:
        store.writer.thaw(check)
    except (StoreError, ValueError) as error:
        return {"thawed": False, "why": str(error)}
    return {"thawed": not store.writer.frozen}


def _report(**found: Any) -> None:
    _write(json.dumps(found).encode() + b"\n")


def _write(line: bytes) -> None:
    os.write(1, line)  # past every buffer: what was said stays said when the process is killed


if __name__ == "__main__":
    name, home, *more = sys.argv[1:]
    globals()[name](Path(home), *(Path(one) if "/" in one else one for one in more))
