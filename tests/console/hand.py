"""An operator's hand for tests: keys at known times of a manual clock, over a desk in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from textual import events
from textual.pilot import Pilot

from app.console import Console
from components.clock import ManualClock
from components.views import DecisionView
from tests.console import scenes
from tests.console.desk import MemoryDesk
from widgets import StatusLine


async def tap(pilot: Pilot[int], key: str) -> None:
    """One key, as the driver hands it over; faster than `Pilot.press`, which waits for idleness."""
    event = events.Key("space" if key == " " else key, key if len(key) == 1 else None)
    event.set_sender(pilot.app)
    assert pilot.app._driver is not None
    pilot.app._driver.send_message(event)
    await pilot._wait_for_screen()


class Hand:
    """Presses keys with time between them, and reads the screen."""

    def __init__(self, app: Console, pilot: Pilot[int], desk: MemoryDesk, clock: ManualClock):
        self.app, self.pilot, self.desk, self.clock = app, pilot, desk, clock

    async def flush(self) -> None:
        """Let every message that is queued be handled, and the screen be painted."""
        for _ in range(3):
            await self.pilot._wait_for_screen()
            await asyncio.sleep(0)

    async def look(self, seconds: float = 1.0) -> None:
        """Time passes while the operator looks; the console pulls."""
        self.app.pull()
        await self.frame()
        self.clock.advance(seconds)
        self.app.pull()
        await self.flush()

    async def frame(self) -> None:
        """Wait until what changed has been painted; that is what makes it seen."""
        await asyncio.sleep(0.03)
        await self.flush()

    async def tap(self, key: str) -> None:
        """One key, as the driver hands it over, and nothing after it."""
        await tap(self.pilot, key)
        await self.flush()

    async def press(self, *keys: str, apart: float = 0.2) -> None:
        """Keys pressed one by one, with quiet between and behind them."""
        for key in keys:
            self.clock.advance(apart)
            await self.tap(key)
            self.clock.advance(0.05)
            await self.settle()

    async def settle(self) -> None:
        """Let a held key act, and everything that follows from it be shown."""
        self.app._settle()
        await self.flush()
        self.app.pull()
        await self.flush()

    async def decide(self, *keys: str) -> None:
        """Look for a second before each key, as arming wants it."""
        for key in keys:
            await self.look()
            await self.press(key, apart=0.1)

    async def type(self, text: str) -> None:
        """Type a text at a hand's pace."""
        await self.press(*text, apart=0.1)

    async def workers(self) -> None:
        """Wait for what runs in threads."""
        await self.app.workers.wait_for_complete()
        await self.flush()

    @property
    def said(self) -> str:
        """The status line of the screen in front."""
        return str(self.app.screen.query_one(StatusLine)._text)

    @property
    def lines(self) -> list[str]:
        """The screen as text."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def answers(self) -> list[dict[str, Any]]:
        return self.desk.named("answer")


@asynccontextmanager
async def console(
    decisions: Sequence[DecisionView] | None = None,
    size: tuple[int, int] = (80, 24),
    **options: Any,
) -> AsyncIterator[Hand]:
    """A console that has been looked at for a second."""
    clock = ManualClock(scenes.NOON)
    desk = MemoryDesk(clock, scenes.some_decisions() if decisions is None else decisions)
    app = Console(desk, clock, **{"plain": False} | options)
    async with app.run_test(size=size) as pilot:
        hand = Hand(app, pilot, desk, clock)
        await hand.look()
        yield hand
