"""The text for the socket: one at a time, at most a second old."""

import asyncio
from collections.abc import Callable

import pytest

from app.metrics import Exposed
from app.metrics.telling import Telling
from components.clock import ManualClock
from tests.metrics.made import exposed


def counted(made: list[int]) -> Callable[[], Exposed]:
    def source() -> Exposed:
        made.append(len(made))
        return exposed(audit_size=len(made))

    return source


async def test_however_many_ask_it_is_made_once_a_second() -> None:
    clock, made = ManualClock(), list[int]()
    telling = Telling(counted(made), clock)
    texts = await asyncio.gather(*(telling.text() for _ in range(20)))
    assert len(set(texts)) == len(made) == 1
    clock.advance(0.9)
    assert await telling.text() == texts[0]
    clock.advance(0.2)
    assert "assent_audit_entries_total 2.0" in await telling.text()


async def test_a_source_that_fails_is_asked_again() -> None:
    made: list[int] = []
    whole = counted(made)

    def source() -> Exposed:
        if not made:
            made.append(0)
            raise RuntimeError("not now")
        return whole()

    telling = Telling(source, ManualClock())
    with pytest.raises(RuntimeError, match="not now"):
        await telling.text()
    assert (await telling.text()).endswith("# EOF\n")
