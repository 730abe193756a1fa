"""What the settings say of the console reaches it."""

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import app.console
from app import session
from app.console import NOT_BEGUN
from app.settings import load
from tests.console.hand import console
from tests.support import PATIENCE_S


@pytest.mark.parametrize("notify", ["off", "title", "bell", "desktop"])
def test_the_console_is_told_how_to_tell_of_alerts(
    tmp_path: Path, notify: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assent.toml").write_text(f"[console]\nnotify = '{notify}'\ntheme = 'light'\n")
    given: dict[str, Any] = {}
    monkeypatch.setattr(app.console, "run_console", lambda *_, **more: given.update(more) or 0)
    monkeypatch.setattr(session, "LocalDesk", lambda node: node)
    node: Any = SimpleNamespace(settings=load(tmp_path), clock=None)
    running: Any = SimpleNamespace(node=node, frame=None)
    assert session._run_console(running, None) == 0
    assert (given["notify"], given["theme"]) == (notify, "light")


async def test_the_node_begins_once_the_first_screen_stands() -> None:
    begun = threading.Event()
    times: list[int] = []

    def begin() -> bool:
        times.append(1)
        begun.set()
        return True

    async with console(begin=begin) as hand:
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)
        assert "WAITING" in hand.text
    assert len(times) == 1


async def test_a_console_whose_node_does_not_begin_ends() -> None:
    begun = threading.Event()

    def begin() -> bool:
        begun.set()
        return False

    async with console(begin=begin) as hand:
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)  # only now the worker is there
        await hand.workers()
    assert hand.app.return_code == NOT_BEGUN
