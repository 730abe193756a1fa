"""A store in a folder of its own, and a way to make several jobs one batch."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Protocol

import pytest

from storage import Store, Tx, Writer, open_store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = open_store(home)
    yield opened
    opened.close()


class Gather(Protocol):
    def __call__(self, writer: Writer) -> AbstractContextManager[None]: ...


@pytest.fixture
def gather() -> Gather:
    """Jobs submitted inside the block queue up behind a job that ends with the block."""

    @contextmanager
    def hold(writer: Writer) -> Iterator[None]:
        started, release = Event(), Event()

        def blocking(_tx: Tx) -> None:
            started.set()
            assert release.wait(30)

        writer.submit(blocking, lambda _result, _error: None)
        assert started.wait(30)
        try:
            yield
        finally:
            release.set()

    return hold


def note(key: str, value: str = "") -> Any:
    """A job that inserts one row into `meta` and returns its key."""

    def job(tx: Tx) -> str:
        tx.insert("meta", (key, value))
        return key

    return job


def notes(store: Store) -> list[str]:
    """The keys in `meta`, in the order of insertion."""
    reader = store.reader()
    try:
        return [row[0] for row in reader.execute("SELECT key FROM meta ORDER BY rowid")]
    finally:
        reader.close()
