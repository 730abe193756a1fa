"""Whoever caused a step may be gone before it is durable: the step ends all the same."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from components.actions import Outcome
from components.gate import Gate, Pending, Refusal
from components.gate.core import Live
from tests.gate.test_consume import allowed, call, submission
from tests.support import PATIENCE_S, RunningNode, running_node, shown, until

DROP = {"tool": "query", "arguments": {"sql": "DROP TABLE t"}}


@pytest.fixture
def node(tmp_path) -> Iterator[RunningNode]:
    with running_node(tmp_path) as running:
        yield running


@contextlib.contextmanager
def writer_held(node: RunningNode) -> Iterator[None]:
    """Nothing becomes durable inside."""
    go = threading.Event()
    node.node.store.writer.submit(lambda _: go.wait(PATIENCE_S), lambda *_: None)
    try:
        yield
    finally:
        go.set()


async def started_and_cancelled(work) -> None:
    task = asyncio.ensure_future(work)
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def test_a_cancel_whose_sender_hangs_up_still_ends_the_decision(node: RunningNode) -> None:
    gate, sub = node.node.engine.gate, submission(node, **DROP)
    waiting = node.node.call(gate.submit(sub))
    node.waiting("query")
    with writer_held(node):
        call(node, started_and_cancelled(gate.cancel("tester", sub.action.id)))
    assert waiting.result(PATIENCE_S).verdict.verdict == "deny"
    assert len(node.node.engine.queue) == 0


def test_an_outcome_whose_sender_hangs_up_is_still_learned(node: RunningNode) -> None:
    engine, sub = node.node.engine, allowed(node)
    report = Outcome(request_id=sub.action.id, agent="tester", status="ok", duration_us=5)
    with writer_held(node):
        call(node, started_and_cancelled(engine.gate.outcome(report)))
    call(node, engine.gate.outcome(report))  # known by now, so the first has been told
    engine.evolution.flush()
    assert engine.evolution.metrics.totals().ok == 1


def test_a_grant_whose_maker_goes_away_is_not_left_half_ended(node: RunningNode) -> None:
    engine = node.node.engine
    asking = node.node.call(engine.gate.submit(submission(node, **DROP)))
    view = node.waiting("query")
    node.desk.answer_similar(shown(view), "reject", minutes=5, count=9).result(PATIENCE_S)
    asking.result(PATIENCE_S)
    (grant,) = engine.grants.in_force()
    with writer_held(node):
        call(node, started_and_cancelled(engine.operators.revoke_grant(grant.id, "me")))
    until(lambda: not engine.grants.in_force(), "the end of the grant")


def test_callers_that_come_and_go_leave_nothing_behind(node: RunningNode) -> None:
    engine, sub = node.node.engine, submission(node, **DROP)
    asking = node.node.call(engine.gate.submit(sub))
    node.waiting("query")
    live = engine.core.live["tester", sub.action.id]

    async def come_and_go(gate: Gate) -> int:
        for _ in range(20):
            await started_and_cancelled(gate.submit(sub))
        return len(live._waiters)

    assert call(node, come_and_go(engine.gate)) == 1
    assert isinstance(call(node, engine.gate.query("tester", sub.action.id)), Pending)
    call(node, engine.gate.cancel("tester", sub.action.id))
    assert asking.result(PATIENCE_S).verdict.verdict == "deny"


@pytest.mark.parametrize("callers", [1, 4, 5, 300])
async def test_each_of_many_callers_of_one_request_may_go_and_the_rest_hear(callers: int) -> None:
    live = Live("d" * 64, 0)
    waiters = [live.waiter() for _ in range(callers)]
    for gone in waiters[::2]:
        live.forget(gone)
    refusal = Refusal(429, "busy")
    live.fail(refusal)
    assert [waiter.done() for waiter in waiters] == [number % 2 == 1 for number in range(callers)]
    assert all(waiter.exception() is refusal for waiter in waiters[1::2])


def test_what_waits_for_a_person_is_not_in_flight_also_after_a_restart(tmp_path) -> None:
    with running_node(tmp_path) as node:
        core, sub = node.node.engine.core, submission(node, **DROP)
        node.node.call(node.node.engine.gate.submit(sub))
        node.waiting("query")
        until(lambda: core.in_flight == 0, "nothing in flight")
    with running_node(tmp_path) as again:
        engine = again.node.engine
        assert engine.core.in_flight == 0
        with writer_held(again):
            others = [again.node.call(engine.gate.submit(submission(again))) for _ in range(3)]
            until(lambda: engine.core.in_flight == 3, "three in flight")
        assert all(other.result(PATIENCE_S).verdict.verdict == "allow" for other in others)
        back = again.node.call(engine.gate.submit(replace(sub, attempt=2)))
        until(lambda: engine.core.live and not engine.core.in_flight, "the agent's return")
        again.answer(again.waiting("query"), "reject")
        assert back.result(PATIENCE_S).verdict.verdict == "deny"
        assert (engine.core.in_flight, len(engine.core.live)) == (0, 0)
