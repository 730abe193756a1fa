"""Line views: drawn as Textual would draw them, and only where something changed."""

import pytest
from textual.geometry import Region
from textual.widget import Widget

from tests.console import scenes
from tests.console.hand import console
from widgets import WaitingList


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("crop", [(0, 0, 0), (3, 1, 5)])
async def test_lines_are_what_textual_makes_of_them(
    plain: bool, crop: tuple[int, int, int]
) -> None:
    views = [scenes.decision(), scenes.decision(id="d-0002")]
    async with console(views, size=(100, 30), plain=plain) as hand:
        waiting = hand.app.watch_screen.waiting
        left, top, less = crop
        width, height = waiting.size
        region = Region(left, top, width - left - less, height - top)
        ours = waiting.render_lines(region)
        theirs = Widget.render_lines(waiting, region)
        assert [list(strip) for strip in ours] == [list(strip) for strip in theirs]


async def test_only_lines_that_changed_are_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console([scenes.decision()], size=(100, 30)) as hand:
        waiting = hand.app.watch_screen.waiting
        drawn: list[int] = []
        whole = waiting.size.region
        line = WaitingList._line

        def counted(self: WaitingList, y: int, width: int, count: int) -> object:
            drawn.append(y)
            return line(self, y, width, count)

        waiting.render_lines(whole)
        monkeypatch.setattr(WaitingList, "_line", counted)
        waiting.render_lines(whole)
        assert drawn == []
        waiting.refresh(Region(0, 1, 3, 1))
        waiting.render_lines(whole)
        assert drawn == [1]
        drawn.clear()
        waiting.refresh()
        waiting.render_lines(whole)
        assert drawn == list(range(whole.height))
