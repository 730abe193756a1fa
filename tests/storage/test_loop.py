"""Awaiting commits on an event loop."""

import asyncio
import logging

import pytest

from storage import LoopWriter, Store, Tx
from tests.storage.conftest import Gather, note, notes


async def test_a_commit_is_awaited(store: Store) -> None:
    writer = LoopWriter(store.writer, asyncio.get_running_loop())
    results = await asyncio.gather(*(writer.commit(note(str(number))) for number in range(50)))
    assert results == [str(number) for number in range(50)]
    assert notes(store) == results


async def test_the_error_reaches_the_one_who_waits(store: Store) -> None:
    writer = LoopWriter(store.writer, asyncio.get_running_loop())

    def failing(_tx: Tx) -> None:
        raise KeyError("mine")

    first, second = await asyncio.gather(
        writer.commit(failing), writer.commit(note("a")), return_exceptions=True
    )
    assert isinstance(first, KeyError)
    assert second == "a"


async def test_a_transaction_wakes_the_loop_once(
    store: Store, gather: Gather, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    writer = LoopWriter(store.writer, loop)
    woken = 0
    wake = loop.call_soon_threadsafe

    def counting(*arguments: object) -> object:
        nonlocal woken
        woken += 1
        return wake(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "call_soon_threadsafe", counting)
    with gather(store.writer):
        tasks = [asyncio.create_task(writer.commit(note(str(number)))) for number in range(200)]
        await asyncio.sleep(0)
    store.writer.run(note("last"))  # the loop stands still meanwhile
    assert woken == 1
    assert len(await asyncio.gather(*tasks)) == 200


async def test_cancelling_leaves_the_others_alone(store: Store, gather: Gather) -> None:
    writer = LoopWriter(store.writer, asyncio.get_running_loop())
    with gather(store.writer):
        gone = asyncio.create_task(writer.commit(note("a")))
        kept = asyncio.create_task(writer.commit(note("b")))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    assert await kept == "b"
    assert gone.cancelled()
    assert notes(store) == ["a", "b"]


def test_a_closed_loop_does_not_stop_the_writer(
    store: Store, gather: Gather, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.new_event_loop()
    writer = LoopWriter(store.writer, loop)

    async def start() -> None:
        task = asyncio.create_task(writer.commit(note("a")))
        await asyncio.sleep(0)
        task.cancel()

    with gather(store.writer):
        loop.run_until_complete(start())
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
    with caplog.at_level(logging.CRITICAL, "storage"):
        assert store.writer.run(note("b")) == "b"
    assert notes(store) == ["a", "b"]
