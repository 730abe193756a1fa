"""Looking back costs the same however much there is: of one agent, of one shape, of all."""

from collections.abc import Callable, Iterator
from contextlib import closing
from sqlite3 import Connection

import pytest

from components.actions import Action
from components.audit_system import AuditLog, Entry, Query, query
from components.clock import ManualClock
from components.evolution_core.history import answered, span, tiers
from storage import Store, Tx
from tests.audit_system.making import KEY, ORIGIN
from tests.guard.counting import machine_steps
from tests.guard.growth import flat

AGENT, SHAPE, DONE = "coder", "shell(command=git)", 200


class Past:
    """All that one agent did, of one shape, decided by rules; it grows when asked to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.log = AuditLog.open(store, KEY, ORIGIN, ManualClock())
        self.done = 0

    def grow(self, length: int) -> None:
        """Up to so many actions, in one transaction."""
        self.store.writer.run(lambda tx: [self._add(tx, one) for one in range(self.done, length)])
        self.done = length

    def _add(self, tx: Tx, number: int) -> None:
        name = f"r{number}"
        self.log.append(
            tx, Entry(kind="verdict", agent=AGENT, request_id=name, detail={"tier": 1 + number % 3})
        )
        tx.insert("requests", (None, AGENT, name, "d", number, 0, "decided", b"{}", b"", ""))
        tx.insert(
            "experiences",
            (None, number, name, AGENT, "shell", SHAPE, "execute", "allow", "rule", "ok", 0.9, 0.9,
             1, b""),
        )  # fmt: skip


@pytest.fixture
def past(store: Store) -> Past:
    return Past(store)


@pytest.fixture
def reader(store: Store, past: Past) -> Iterator[Connection]:
    with closing(store.reader()) as connection:
        yield connection


def _tier(reader: Connection) -> None:
    assert tiers(reader, [Action(id="r7", agent=AGENT, tool="shell", arguments={})]) == [2]


def _entry(reader: Connection) -> None:
    assert len(query(reader, Query(agent=AGENT, request_id="r7"))) == 1


def _span(reader: Connection) -> None:
    assert len(span(reader, 0, 50)) == 50


def _answered(reader: Connection) -> None:
    assert answered(reader, SHAPE, "allow", 24) == []


@pytest.mark.parametrize("look", [_tier, _entry, _span, _answered])
def test_looking_back_does_not_walk_through_all_that_was_done(
    past: Past, reader: Connection, look: Callable[[Connection], None]
) -> None:
    def cost(length: int) -> int:
        past.grow(length)
        with machine_steps(reader) as steps:
            look(reader)
        return steps.count

    flat(cost, DONE)
