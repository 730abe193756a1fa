"""The other screens: audit, learning, agents, help; palette, filter, themes, sizes."""

import json
import threading
from pathlib import Path

import pytest
from msgspec import structs
from textual import events
from textual.screen import ModalScreen

from app.console import THEMES
from app.console.audit_query import BadQuery, parse_query
from app.console.dialogs import Progressing
from app.desk import AuditFilter, Progress
from components.views import LoveRow
from tests.console import scenes
from tests.console.hand import console
from tests.support import PATIENCE_S


async def test_audit_lists_pages_and_shows_an_entry_with_its_proof() -> None:
    async with console(size=(120, 30)) as hand:
        await hand.press("2")
        await hand.workers()
        assert "#250" in hand.text
        assert "PROOF" in hand.text
        for _ in range(3):
            await hand.press("end")
            await hand.workers()
        assert "250 entries" in hand.text
        assert [call["before"] for call in hand.desk.named("audit_page")] == [None, 151, 51]
        await hand.press("k")
        await hand.workers()
        assert hand.desk.named("audit_detail")[-1] == {"seq": 2}


async def test_audit_filter_narrows_and_esc_ends_it() -> None:
    async with console(size=(120, 30)) as hand:
        await hand.press("2", "slash")
        await hand.type("agent:coder-2 verdict:deny")
        await hand.press("enter")
        await hand.workers()
        wanted = hand.desk.named("audit_page")[-1]["wanted"]
        assert wanted == AuditFilter(agent="coder-2", verdict="deny")
        await hand.press("escape")
        await hand.workers()
        assert hand.desk.named("audit_page")[-1]["wanted"] == AuditFilter()


def test_audit_query_reads_fields_words_and_times() -> None:
    now = scenes.NOON
    assert parse_query("rm  kind:verdict -rf", now) == AuditFilter(kind="verdict", text="rm -rf")
    assert parse_query("since:2h", now).since == now - 7200 * 1_000_000
    assert parse_query("until:2026-03-01", now).until == now - 12 * 3600 * 1_000_000
    with pytest.raises(BadQuery, match="a date such as"):
        parse_query("since:yesterday", now)


async def test_verify_says_its_result_and_can_be_stopped() -> None:
    async with console() as hand:
        await hand.press("2", "v")
        await hand.workers()
        await hand.settle()
        assert hand.said == "All 250 entries hold."

        def endless(progress: Progress) -> str:
            while progress(1, 2):
                pass
            return "stopped half way"

        hand.desk.audit_verify = endless  # type: ignore[method-assign]
        await hand.press("v")
        assert isinstance(hand.app.screen, Progressing)
        await hand.press("escape")
        await hand.workers()
        await hand.settle()
        assert hand.said == "stopped half way"


async def test_long_work_that_ends_behind_a_question_goes_with_its_dialog() -> None:
    async with console() as hand:
        go = threading.Event()

        def held(progress: Progress) -> str:
            go.wait(PATIENCE_S)
            return "it holds"

        hand.desk.audit_verify = held  # type: ignore[method-assign]
        await hand.press("2", "v", "ctrl+q")
        assert "wait for a decision" in hand.text
        go.set()
        await hand.workers()
        await hand.settle()
        assert not isinstance(hand.app.screen, ModalScreen)
        assert hand.said == "it holds"


async def test_enter_gives_the_decision_the_whole_screen_of_any_size() -> None:
    for size in ((80, 24), (160, 50), (220, 60)):
        async with console(size=size) as hand:
            await hand.press("enter")
            pane = hand.app.watch_screen.pane
            assert pane.size.width >= size[0] - 2
            assert pane.size.height >= size[1] - 8


async def test_export_asks_where_to_and_writes(tmp_path: Path) -> None:
    async with console() as hand:
        await hand.press("2", "x")
        field = hand.app.screen.query_one("#line")
        field.value = str(tmp_path / "out.jsonl")  # type: ignore[attr-defined]
        await hand.decide("enter")
        await hand.workers()
        await hand.settle()
        lines = (tmp_path / "out.jsonl").read_text().splitlines()
        assert json.loads(lines[0]) == {"seq": 250}
        assert "250 entries" in hand.said


async def test_export_to_a_place_that_is_not_there_is_told() -> None:
    async with console() as hand:
        await hand.press("2", "x")
        hand.app.screen.query_one("#line").value = "/nowhere/at/all"  # type: ignore[attr-defined]
        await hand.decide("enter")
        await hand.workers()
        await hand.settle()
        assert "No such file" in hand.said


async def test_learning_shows_figures_patterns_and_suggestions() -> None:
    async with console() as hand:
        await hand.press("3")
        for text in ("48,210 experiences", "0.51 to 0.75", "SUGGESTIONS 3", "Block shell"):
            assert text in hand.text
        empty = structs.replace(
            scenes.learning(), patterns=(), suggestions=(), alignment=None, love=None
        )
        hand.desk.changed(learning=empty)
        await hand.look()
        assert "too little to measure" in hand.text
        assert "Nothing to suggest yet" in hand.text


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.17, "+0.17  better"), (-0.04, "-0.04  as before"), (-0.4, "-0.40  worse")],
)
async def test_the_love_metric_is_shown_as_a_change_with_its_parts(value: float, said: str) -> None:
    async with console() as hand:
        await hand.press("3")
        changed = structs.replace(scenes.learning(), love=LoveRow(value, 0.08, 0.31, -0.15, 100))
        hand.desk.changed(learning=changed)
        await hand.look()
        assert f"love metric  {said}, by the last 100 actions" in hand.text
        assert "calm +0.08  order +0.31  wellbeing -0.15" in hand.text


async def test_agents_are_paused_and_grants_revoked() -> None:
    async with console() as hand:
        await hand.press("4", "j")
        await hand.decide("p")
        assert hand.desk.named("pause_agent") == [{"agent": "coder-2"}]
        await hand.decide("d")
        assert "No grant is selected" in hand.said
        await hand.press("tab", "j")
        await hand.decide("d")
        assert hand.desk.named("revoke_grant") == [{"id": "g-1"}]
        assert "STANDING GRANTS 1" in hand.text


async def test_palette_finds_commands_but_never_decides() -> None:
    async with console() as hand:
        await hand.press("ctrl+p")
        await hand.type("appr")
        await hand.decide("enter")
        assert not hand.desk.calls
        assert "press a" in hand.said
        await hand.press("ctrl+p")
        await hand.type("audit log")
        await hand.decide("down", "enter")
        assert not hand.answers


async def test_filter_narrows_the_waiting_list() -> None:
    async with console() as hand:
        await hand.press("slash")
        await hand.type("mail")
        await hand.press("enter")
        assert "filter: mail" in hand.text
        assert len(hand.app.watch_screen.waiting.rows) == 1
        await hand.press("escape")
        assert len(hand.app.watch_screen.waiting.rows) == 5


async def test_a_filter_that_nothing_matches_says_so() -> None:
    async with console() as hand:
        await hand.press("slash")
        await hand.type("no such thing")
        assert "Nothing listed matches." in hand.text
        await hand.press("escape")
        assert "matches" not in hand.text


async def test_keys_of_another_screen_say_where_they_work() -> None:
    async with console() as hand:
        await hand.press("4", "a")
        assert hand.said == "approve works on the watch screen."
        await hand.press("1", "ctrl+c")
        assert hand.said == "Press q to quit."


async def test_themes_go_round() -> None:
    async with console() as hand:
        seen = [hand.app.theme]
        for _ in THEMES:
            await hand.press("t")
            seen.append(hand.app.theme)
        assert seen == [*THEMES, THEMES[0]]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (160, 50), (200, 60)])
async def test_every_line_fits_and_what_matters_is_shown(size: tuple[int, int]) -> None:
    async with console(size=size) as hand:
        assert {len(line) for line in hand.lines} == {size[0]}
        assert len(hand.lines) == size[1]
        for text in ("5 waiting", "WAITING 5", "CRITICAL", "a approve", "0:44"):
            assert text in hand.text
        assert ("OPERATIONS" in hand.text) is (size[0] >= 72)
        assert ("EVENTS" in hand.text) is (size[1] >= 34)


async def test_plain_uses_attributes_only() -> None:
    async with console() as hand:
        hand.app.no_color = True
        hand.app.refresh_css(animate=False)
        hand.app.screen.refresh()
        await hand.press("t")
        for strip in hand.app.screen._compositor.render_strips():
            for segment in strip:
                assert segment.style is None or segment.style.color is None
                assert segment.style is None or segment.style.bgcolor is None


async def test_a_snapshot_with_one_changed_row_repaints_one_line() -> None:
    async with console() as hand:
        await hand.frame()  # the countdowns of the second that has just passed
        waiting = hand.app.watch_screen.waiting
        painted: list[int] = []
        strip = waiting._strip
        waiting._strip = lambda *given: painted.append(1) or strip(*given)  # type: ignore[method-assign]
        hand.desk.replace("d-0003", headline="another summary")
        hand.app.pull()
        await hand.frame()
        assert sum(painted) == 1
        hand.app.pull()
        await hand.frame()
        assert sum(painted) == 1


async def test_while_no_agent_has_asked_the_watch_screen_tells_how_one_can() -> None:
    async with console([], size=(120, 40)) as hand:
        agents = hand.desk.snapshot().agents
        assert "assent ask" not in hand.text
        hand.desk.changed(agents=())
        await hand.look()
        assert "No agent has asked for anything" in hand.text
        assert "assent ask --tool NAME --arguments JSON  one action" in hand.text
        await hand.decide("a")
        assert hand.answers == []
        hand.desk.changed(agents=agents)
        await hand.look()
        assert "assent ask" not in hand.text
        assert "Nothing is selected." in hand.text


async def test_a_node_that_has_just_started_is_given_a_moment_before_it_is_called_alone() -> None:
    async with console([], size=(120, 40)) as hand:
        young = structs.replace(hand.desk.snapshot().health, uptime_s=1.0)
        hand.desk.changed(agents=(), health=young)
        await hand.look()
        assert "No agent has asked" not in hand.text


async def test_of_a_long_paste_the_field_takes_what_it_has_room_for() -> None:
    async with console() as hand:
        await hand.press("slash", "a")
        field = hand.app.watch_screen.field
        hand.app.post_message(events.Paste("b" * 5_000))
        await hand.frame()
        assert field.value == "a" + "b" * 1_999
