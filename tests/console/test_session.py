"""What the settings say of the console reaches it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import app.console
from app import session
from app.settings import load


@pytest.mark.parametrize("notify", ["off", "title", "bell", "desktop"])
def test_the_console_is_told_how_to_tell_of_alerts(
    tmp_path: Path, notify: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assent.toml").write_text(f"[console]\nnotify = '{notify}'\ntheme = 'light'\n")
    given: dict[str, Any] = {}
    monkeypatch.setattr(app.console, "run_console", lambda *_, **more: given.update(more) or 0)
    monkeypatch.setattr(session, "LocalDesk", lambda node: node)
    meter = SimpleNamespace(record=lambda _: None)
    engine = SimpleNamespace(monitor=SimpleNamespace(meter=lambda _: meter))
    node: Any = SimpleNamespace(settings=load(tmp_path), clock=None, engine=engine)
    assert session._run_console(node, None) == 0
    assert (given["notify"], given["theme"]) == (notify, "light")
