"""What the audit log costs: appending, reading and proving are flat in its length."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from sqlite3 import Connection

import pytest

from components.audit_system import AuditLog, Query, prove, query, verify
from components.clock import ManualClock
from storage import Store
from tests.audit_system.making import KEY, ORIGIN, an_entry
from tests.guard.counting import bytecodes, executed, machine_steps, statements
from tests.guard.growth import FLAT, flat, linear

LENGTH, EACH, PAGE = 200, 10, 20
WHOLE = 1_024
"""The tree is stored in subtrees of 256: at such lengths a proof reads as many leaves each time."""

ENTRIES, STATEMENTS = 1_000, 40


class Log:
    """An audit log in a store, that grows when asked to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.log = AuditLog.open(store, KEY, ORIGIN, ManualClock())

    def grow(self, length: int) -> None:
        """Append up to a length, in one transaction."""
        numbers = range(self.log.head.size, length)
        self.store.writer.run(lambda tx: [self.log.append(tx, an_entry(one)) for one in numbers])


@pytest.fixture
def log(store: Store) -> Log:
    return Log(store)


@pytest.fixture
def reader(store: Store, log: Log) -> Iterator[Connection]:
    with closing(store.reader()) as connection:
        yield connection


def test_an_entry_costs_the_same_however_long_the_log_is(log: Log) -> None:
    """Each in a transaction of its own, with leaf, tree and signed checkpoint."""
    writer = log.store.writer
    steps: list[int] = []

    def cost(length: int) -> int:
        log.grow(length)
        with bytecodes(writer) as codes, machine_steps(writer._session.connection) as taken:
            for number in range(EACH):
                log.grow(length + number + 1)
        steps.append(taken.count)
        return codes.count

    flat(cost, LENGTH)
    assert max(steps) <= FLAT * min(steps)


def test_entries_of_one_transaction_go_in_few_statements(log: Log) -> None:
    with statements(log.store.writer) as words:
        log.grow(ENTRIES)
    assert words.count("COMMIT") == 1
    assert len(words) <= STATEMENTS
    with closing(log.store.reader()) as reader:
        assert verify(reader, log.log.vkey).entries == ENTRIES


READ: dict[str, Callable[[Connection, int], object]] = {
    "the newest page": lambda reader, _: query(reader, Query(), None, PAGE),
    "a page in the middle": lambda reader, length: query(reader, Query(), length // 2, PAGE),
    "a page of one agent": lambda reader, _: query(reader, Query(agent="agent-3"), None, PAGE),
    "one request": lambda reader, _: query(reader, Query(request_id="request-7"), None, PAGE),
}


@pytest.mark.parametrize("what", READ)
def test_reading_is_flat_in_the_length(log: Log, reader: Connection, what: str) -> None:
    steps: list[int] = []

    def cost(length: int) -> int:
        log.grow(length)
        with machine_steps(reader) as taken:
            codes = executed(lambda: READ[what](reader, length))
        steps.append(taken.count)
        return codes

    flat(cost, LENGTH)
    assert all(new <= FLAT * old for old, new in pairwise(steps))


def test_a_proof_is_flat_in_the_length(log: Log, reader: Connection) -> None:
    def cost(length: int) -> int:
        log.grow(length)
        return executed(lambda: prove(reader, length // 2 + 77))

    flat(cost, WHOLE)


def test_verifying_is_linear_in_the_length(log: Log, reader: Connection) -> None:
    def cost(length: int) -> int:
        log.grow(length)
        return executed(lambda: verify(reader, log.log.vkey))

    linear(cost, WHOLE)
