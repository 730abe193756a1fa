"""What passes the gate: flat in what went before, many to a commit, and nothing is kept of it."""

import asyncio
from contextlib import closing
from itertools import pairwise

from components.gate.gate import MAX_AT_ONCE
from storage import Store
from tests.guard.counting import bytecodes, held, machine_steps, statements, traced
from tests.guard.growth import FLAT
from tests.guard.still import Still, still
from tests.storage.conftest import Gather

EARLIER, EACH = 150, 10
AT_ONCE, COMMITS = 500, 5
THOUSAND, KEPT = 1_000, 300
"""The most bytes that an action may leave behind in a gate that has warmed up. Tallies of tools,
windows of figures and the like are there by then."""


async def counted(made: Still) -> tuple[int, ...]:
    """Bytecodes of both threads and SQLite's steps for some actions, one by one from end to end."""
    writer, gate, reader = made.store.writer, made.engine.gate, made.engine._reader._connection
    first, *actions = made.actions(EACH + 1)
    await made.submit(first)  # until then the writer holds its last batch
    with (
        machine_steps(writer._session.connection) as written,
        machine_steps(reader) as read,
        bytecodes(writer) as codes,
    ):
        for action in actions:
            await made.submit(action)
            await gate.query(action.agent, action.id)
            await made.report(action)
    return codes.count, written.count, read.count


async def test_an_action_costs_the_same_however_many_went_before(store: Store) -> None:
    async with still(store) as made:
        found = []
        for more in (EARLIER, EARLIER, 2 * EARLIER):
            await made.submit_all(made.actions(more))
            found.append(await counted(made))
    for before, now in pairwise(found):
        assert all(new <= FLAT * old for old, new in zip(before, now, strict=True)), found


async def test_what_comes_during_a_commit_is_the_next_one(store: Store, gather: Gather) -> None:
    async with still(store) as made:
        actions = made.actions(AT_ONCE)
        with statements(store.writer) as words:
            with gather(store.writer):
                asked = asyncio.gather(*map(made.submit, actions))
                for _ in range(2 + AT_ONCE // MAX_AT_ONCE):
                    await asyncio.sleep(0)  # each is judged, and its record is on the way
                assert store.writer.queued() == AT_ONCE
            released = await asked
        assert words.count("COMMIT") <= COMMITS
        assert words.count("INSERT") <= AT_ONCE // 10
        assert [one.verdict.request_id for one in released] == [one.id for one in actions]
        check_log(store, [one.id for one in actions])


async def test_batches_as_they_come_lose_and_double_nothing(store: Store) -> None:
    async with still(store) as made:
        actions = made.actions(AT_ONCE)
        with statements(store.writer) as words:
            await made.submit_all(actions)
        assert words.count("COMMIT") < AT_ONCE
        check_log(store, [one.id for one in actions])


def check_log(store: Store, wanted: list[str]) -> None:
    """Every request has one row and one entry, in order and without a gap."""
    with closing(store.reader()) as reader:
        requests = reader.execute("SELECT request_id FROM requests ORDER BY id").fetchall()
        entries = reader.execute(
            "SELECT seq, request_id FROM audit_entries WHERE kind = 'verdict' ORDER BY seq"
        ).fetchall()
    assert [row[0] for row in requests] == wanted
    assert [request for _, request in entries] == wanted
    first = entries[0][0]
    assert [seq for seq, _ in entries] == list(range(first, first + len(wanted)))


async def test_a_warm_gate_keeps_nothing_of_what_passed(store: Store) -> None:
    async with still(store) as made:
        await made.live_through(THOUSAND)
        with traced():
            await made.live_through(THOUSAND // 10)
            begun = held()
            await made.live_through(THOUSAND)
            after_one = held()
            await made.live_through(THOUSAND)
            after_two = held()
    second, third = after_one - begun, after_two - after_one
    assert second <= KEPT * THOUSAND
    assert third <= max(FLAT * second, KEPT * THOUSAND // 2)
