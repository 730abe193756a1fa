"""The last lock: whatever widget draws, nothing unprintable leaves the console."""

import pytest
from rich.text import Text
from textual.widgets import OptionList, Static

from tests.console import scenes
from tests.console.hand import Hand, console
from tests.console.hostile import CORPUS, RAW
from widgets import SafeInput
from widgets.area import SafeArea
from widgets.layout import decision_lines
from widgets.texts import noted


def strips(hand: Hand) -> str:
    lines = hand.app.screen._compositor.render_strips()
    return "".join(segment.text for line in lines for segment in line)


@pytest.mark.fault(71, 72, 73, 74, 75, 77, 78)
@pytest.mark.parametrize(
    "widget",
    [
        lambda: Static(Text(RAW.replace("\ud800", ""))),
        lambda: OptionList(Text(RAW.replace("\ud800", ""))),
        lambda: SafeInput(RAW),
        lambda: SafeArea(RAW),
    ],
    ids=["static", "options", "input", "area"],
)
async def test_faults_71_to_78_foreign_widgets_are_guarded_too(widget) -> None:  # type: ignore[no-untyped-def]
    async with console([]) as hand:
        await hand.app.watch_screen.pane.remove()
        await hand.app.screen.query_one("#body").mount(widget())
        await hand.frame()
        shown = strips(hand)
        assert shown.isprintable()
        assert "u{" in shown


@pytest.mark.fault(79)
def test_fault_79_a_homoglyph_host_is_marked_where_it_stands() -> None:
    face = noted("fetch https://gіthub.example⟨mixed: Cyrillic+Latin⟩/x \\u{202e}", "text")
    inks = dict(face)
    assert inks["⟨mixed: Cyrillic+Latin⟩"] == "mark"
    assert inks["\\u{202e}"] == "escape"


@pytest.mark.fault(80)
def test_fault_80_lines_of_a_body_stay_in_their_column() -> None:
    view = scenes.decision(arguments={"command": "ls\nwhy asked     nothing at all\n\nrequest"})
    lines = decision_lines(view, 80)
    labels = [line.face[0][0].strip() for line in lines]
    assert labels.count("why asked") == 1
    assert labels.count("request") == 1
    at = labels.index("arguments")
    assert labels[at + 1 : at + 4] == ["", "", ""]


@pytest.mark.fault(83)
async def test_fault_83_markup_is_shown_as_it_is() -> None:
    view = scenes.decision(headline=CORPUS[83], tool=CORPUS[83])
    async with console([view], size=(200, 60)) as hand:
        assert hand.text.count("[@click=app.quit]x[/] [/x]") >= 2
        assert hand.app.is_running


async def test_seen_counts_only_what_was_painted() -> None:
    view = scenes.decision(arguments={"command": "\n".join(map(str, range(60)))})
    async with console([view]) as hand:
        pane = hand.app.watch_screen.pane
        assert 0.0 < pane.seen < 0.3
        pane.scroll_rows(20)
        pane.scroll_rows(40)
        await hand.frame()
        assert pane.seen < 0.5
