"""The console's real screens over a node elsewhere, and over two of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.console import Console
from app.remote.fleet import FleetDesk
from app.remote.heartbeat import heartbeat
from app.settings import NodeSettings, Settings
from components.clock import SystemClock
from tests.console.hand import tap
from tests.remote.harness import DROP, Remote, remote_node
from tests.support import PATIENCE_S, until

SIZES = pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["80x24", "160x50"])


class Eyes:
    """An operator before a console that runs at its own pace."""

    def __init__(self, app: Console, pilot: Any) -> None:
        self.app, self.pilot = app, pilot

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def sees(self, condition: Callable[[str], Any] | str) -> str:
        """Wait until the screen shows it."""
        for _ in range(int(PATIENCE_S / 0.05)):
            text = self.text
            if condition in text if isinstance(condition, str) else condition(text):
                return text
            await self.pilot._wait_for_screen()
            await asyncio.sleep(0.05)
        raise AssertionError(f"{condition} was not seen in\n{self.text}")

    async def press(self, key: str) -> None:
        """One key, after a look at what is there."""
        await asyncio.sleep(0.9)
        await tap(self.pilot, key)
        await asyncio.sleep(0.2)


@asynccontextmanager
async def console(desk: Any, size: tuple[int, int]) -> AsyncIterator[Eyes]:
    app = Console(desk, SystemClock(), plain=False)
    async with app.run_test(size=size) as pilot:
        yield Eyes(app, pilot)


@SIZES
async def test_a_decision_is_read_and_rejected_from_elsewhere(
    remote: Remote, size: tuple[int, int]
) -> None:
    with remote.attached("ada") as ada:
        asking = remote.running.ask(DROP)
        await asyncio.to_thread(ada.waiting, "query")
        async with console(ada.desk, size) as eyes:
            text = await eyes.sees("DROP TABLE customers")
            assert "1 waiting" in text
            await eyes.press("e")
            await eyes.sees("escalated to tier")
            await eyes.press("r")
            await eyes.sees("REJECT")
            for letter in "no":
                await tap(eyes.pilot, letter)
            await eyes.press("enter")
            await eyes.sees("0 waiting")
        assert await asyncio.to_thread(lambda: asking.result().allowed) is False


@SIZES
async def test_the_other_screens_are_filled_from_elsewhere(
    remote: Remote, size: tuple[int, int]
) -> None:
    with remote.attached("ada") as ada, remote.attached("eve", enrolled_observer=True):
        async with console(ada.desk, size) as eyes:
            await eyes.press("2")
            await eyes.sees("started")
            await eyes.sees("PROOF" if size[1] > 24 else "ENTRY")
            await eyes.press("4")
            text = await eyes.sees("eve observes")
            assert "ON DUTY" in text
            assert "ada tier 3" in text
            await eyes.press("6")
            await eyes.sees("made durable")
            await eyes.press("7")
            await eyes.sees("Daily report of")


async def test_what_another_decided_is_told_with_who_it_was(remote: Remote) -> None:
    with remote.attached("ada") as ada, remote.attached("grace") as grace:
        remote.running.ask(DROP)
        view = await asyncio.to_thread(grace.waiting, "query")
        async with console(ada.desk, (80, 24)) as eyes:
            await eyes.sees("DROP TABLE")
            await asyncio.to_thread(lambda: grace.answer(view, "reject", reason="no"))
            await eyes.sees("already decided: denied by grace")


async def test_a_node_that_falls_silent_cannot_be_overlooked(remote: Remote) -> None:
    with remote.attached("ada") as ada:
        async with console(ada.desk, (80, 24)) as eyes:
            await eyes.sees("open")
            ada.link.down = lambda _: []
            await eyes.sees("not heard for")
            ada.link.down = lambda message: [message]
            await eyes.sees("● open")


async def test_two_nodes_at_one_console(tmp_path: Path) -> None:
    named = [Settings(node=NodeSettings(name=name)) for name in ("north", "south")]
    with (
        remote_node(tmp_path / "a", named[0]) as one,
        remote_node(tmp_path / "b", named[1]) as two,
    ):
        two.enrol("ada", key=one.enrol("ada"))
        fleet = FleetDesk([one.desk("ada"), two.desk("ada")], SystemClock())
        with heartbeat(fleet.tick, 0.02):
            for name in fleet.nodes():
                fleet.switch_node(name)
                until(lambda: fleet.snapshot().health.state == "open", name)
            fleet.switch_node("north")
            asking = two.running.ask(DROP)
            async with console(fleet, (80, 24)) as eyes:
                await eyes.sees("south 1")
                assert "0 waiting" in eyes.text
                await eyes.press("N")
                await eyes.sees("LOOK AT")
                await eyes.press("1")
                await eyes.sees("DROP TABLE customers")
                assert " south " in eyes.text.splitlines()[0]
                await eyes.press("r")
                await eyes.sees("REJECT")
                await eyes.press("enter")
                await eyes.sees("0 waiting")
                await eyes.press("2")
                await eyes.sees("deny ")
                await eyes.press("N")
                await eyes.press("1")
                await eyes.sees(" north  @ada")
                await eyes.press("2")
                text = await eyes.sees("attached")
                assert "deny " not in text
            assert await asyncio.to_thread(lambda: asking.result().allowed) is False
        fleet.close()
