"""Listing what is stored, and deleting what is old."""

import pytest

from components.clock import ManualClock
from components.evolution_core import EvolutionCore, Stored, Wanted, query
from storage import Store, StoreError
from tests.evolution_core.making import approved, experience, log_all, ran, rejected

START = 1_700_000_000_000_000


def found(
    store: Store, wanted: Wanted, before: int | None = None, limit: int = 100
) -> list[Stored]:
    reader = store.reader()
    try:
        return query(reader, wanted, before, limit)
    finally:
        reader.close()


@pytest.fixture
def logged(core: EvolutionCore) -> EvolutionCore:
    log_all(
        core,
        ran(0, agent="ann", reason="naïve \x1b[31m ✓", rules=("a.b", "c")),
        ran(1, status="failed", tool="mail"),
        rejected(2, shape="other"),
        approved(3, agent="ann"),
        experience(4, verdict="expired", decided_by="timeout"),
    )
    return core


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), [5, 4, 3, 2, 1]),
        (Wanted(agent="ann"), [4, 1]),
        (Wanted(tool="mail"), [2]),
        (Wanted(shape="other"), [3]),
        (Wanted(verdict="expired"), [5]),
        (Wanted(decided_by="operator"), [4, 3]),
        (Wanted(status="failed"), [2]),
        (Wanted(since=START + 3), [5, 4]),
        (Wanted(until=START + 1), [1]),
        (Wanted(agent="ann", status="ok", since=START + 1), [4]),
        (Wanted(agent="nobody"), []),
        (Wanted(agent="' OR 1=1 --"), []),
    ],
)
def test_filters(logged: EvolutionCore, store: Store, wanted: Wanted, ids: list[int]) -> None:
    assert [stored.id for stored in found(store, wanted)] == ids


def test_an_experience_comes_back_as_it_was(logged: EvolutionCore, store: Store) -> None:
    (stored,) = found(store, Wanted(until=START + 1))
    assert stored.experience == ran(0, agent="ann", reason="naïve \x1b[31m ✓", rules=("a.b", "c"))


def test_pages_join_without_gap_or_overlap(logged: EvolutionCore, store: Store) -> None:
    first = found(store, Wanted(), limit=2)
    second = found(store, Wanted(), before=first[-1].id, limit=2)
    third = found(store, Wanted(), before=second[-1].id, limit=2)
    assert [stored.id for stored in (*first, *second, *third)] == [5, 4, 3, 2, 1]
    assert found(store, Wanted(), before=1) == []
    assert found(store, Wanted(), limit=-1) == []


def test_a_damaged_row_is_named(logged: EvolutionCore, store: Store) -> None:
    store.writer.run(lambda tx: tx.execute("UPDATE experiences SET body = x'c1' WHERE id = 3"))
    with pytest.raises(StoreError, match="Experience 3 "):
        found(store, Wanted())


@pytest.mark.parametrize(
    ("older_than", "keep", "left"),
    [
        (START, 0, 5000),
        (START + 4000, 0, 1000),
        (START + 4000, 2500, 2500),
        (START + 9999, 1, 1),
        (START + 9999, 0, 0),
    ],
)
def test_pruning_keeps_the_newest_and_every_count(
    core: EvolutionCore, store: Store, clock: ManualClock, older_than: int, keep: int, left: int
) -> None:
    log_all(core, *map(ran, range(5000)))
    before = core.metrics.to_bytes()
    assert core.prune(older_than, keep) == 5000 - left
    assert core.prune(older_than, keep) == 0
    reader = store.reader()
    rows = reader.execute("SELECT count(*), min(id) FROM experiences").fetchone()
    reader.close()
    assert tuple(rows) == (left, 5001 - left if left else None)
    again = EvolutionCore.open(store, clock)
    assert again.metrics.to_bytes() == before == core.metrics.to_bytes()
    log_all(again, ran(6000))
    assert [stored.id for stored in found(store, Wanted(since=START + 6000))] == [5001]
