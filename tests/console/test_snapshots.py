"""How the console looks, at every breakpoint and in every theme: fixed data, a fixed clock."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from app.console import Console
from components.clock import ManualClock
from tests.console import scenes
from tests.console.desk import MemoryDesk
from tests.console.hand import tap

Compare = Callable[..., bool]


def still(**options: Any) -> Console:
    """A console in which time stands still."""
    clock = ManualClock(scenes.NOON)
    desk = MemoryDesk(clock, scenes.some_decisions())
    return Console(desk, clock, **{"plain": False, **options})


async def looked_at(pilot: Pilot[int]) -> None:
    """Painted, and seen as far as it is on the screen."""
    app = pilot.app
    assert isinstance(app, Console)
    for _ in range(3):
        app.pull()
        await pilot._wait_for_screen()
        await asyncio.sleep(0.03)


def pressing(*keys: str) -> Callable[[Pilot[int]], Any]:
    async def press(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, Console)
        assert isinstance(app.clock, ManualClock)
        await looked_at(pilot)
        for key in keys:
            app.clock.advance(1)
            await tap(pilot, key)
            app.clock.advance(0.05)
            app._settle()
            await app.workers.wait_for_complete()
            await looked_at(pilot)
        app.clock.advance(30 - len(keys) * 1.05)
        await looked_at(pilot)

    return press


@pytest.mark.parametrize(
    "size",
    [(60, 20), (80, 24), (120, 40), (160, 50), (200, 60)],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
def test_watch(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(still(), terminal_size=size, run_before=looked_at)


@pytest.mark.parametrize("theme", ["light", "colour-blind"])
def test_watch_in_theme(snap_compare: Compare, theme: str) -> None:
    assert snap_compare(still(theme=theme), terminal_size=(80, 24), run_before=looked_at)


def test_watch_without_colour(snap_compare: Compare) -> None:
    assert snap_compare(still(plain=True), terminal_size=(80, 24), run_before=looked_at)


@pytest.mark.parametrize(
    "keys",
    [
        ("2",),
        ("3",),
        ("4",),
        ("8",),
        ("5", "j"),
        ("6", "j"),
        ("7",),
        ("5", "j", "a"),
        ("j", "r"),
        ("j", "A"),
        ("j", "m"),
        ("a",),
        ("ctrl+p",),
        ("o",),
    ],
    ids=[
        "audit",
        "learning",
        "agents",
        "help",
        "alerts",
        "trends",
        "report",
        "acknowledge",
        "reject",
        "similar",
        "modify",
        "code",
        "palette",
        "operator",
    ],
)
def test_screens_and_dialogs(snap_compare: Compare, keys: tuple[str, ...]) -> None:
    assert snap_compare(still(), terminal_size=(80, 24), run_before=pressing(*keys))


@pytest.mark.parametrize("key", ["2", "3"], ids=["audit", "learning"])
def test_screens_side_by_side(snap_compare: Compare, key: str) -> None:
    assert snap_compare(still(), terminal_size=(120, 40), run_before=pressing(key))


@pytest.mark.parametrize("key", ["5", "6", "7"], ids=["alerts", "trends", "report"])
@pytest.mark.parametrize("size", [(60, 20), (160, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_monitor_screens(snap_compare: Compare, key: str, size: tuple[int, int]) -> None:
    assert snap_compare(still(), terminal_size=size, run_before=pressing(key))


def test_trends_without_colour(snap_compare: Compare) -> None:
    assert snap_compare(still(plain=True), terminal_size=(80, 24), run_before=pressing("6"))
