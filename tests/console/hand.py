"""An operator's hand for tests: keys at known times of a manual clock, over a desk in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from app.console import Console
from components.clock import ManualClock
from components.views import DecisionView
from tests.console import scenes
from tests.console.desk import MemoryDesk
from widgets import StatusLine


class Hand:
    """Presses keys with time between them, and reads the screen."""

    def __init__(self, app: Console, pilot: Pilot[int], desk: MemoryDesk, clock: ManualClock):
        self.app, self.pilot, self.desk, self.clock = app, pilot, desk, clock

    async def look(self, seconds: float = 1.0) -> None:
        """Time passes while the operator looks; the console pulls."""
        self.app.pull()
        await self.pilot.pause()
        self.clock.advance(seconds)
        self.app.pull()
        await self.pilot.pause()

    async def press(self, *keys: str, apart: float = 0.2) -> None:
        """Keys pressed one by one, with quiet between and behind them."""
        for key in keys:
            self.clock.advance(apart)
            await self.pilot.press(key)
            await self.pilot.pause()
            self.clock.advance(0.05)
            await self.settle()

    async def settle(self) -> None:
        """Let a held key act, and everything that follows from it be shown."""
        for _ in range(200):
            if self.app._held is None:
                break
            await asyncio.sleep(0.005)
        self.app.pull()
        await self.pilot.pause()

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
        await self.pilot.pause()

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
    app = Console(desk, clock, plain=False, **options)
    async with app.run_test(size=size) as pilot:
        hand = Hand(app, pilot, desk, clock)
        await hand.look()
        yield hand
