"""The screens of the monitor: alerts, trends, reports; and how the terminal tells of alerts."""

import threading
from pathlib import Path

import pytest
from msgspec import structs

from app.console.alerting import BadEnd, minutes_until
from app.console.notify import Told, announced, standing, title
from app.console.ranges import SPANS, Range
from app.desk import DeskError
from components.views import TrendView
from tests.console import monitor_scenes
from tests.console.hand import Hand, console
from tests.console.hostile import RAW
from tests.console.monitor_scenes import NOON, S


async def enter(hand: Hand, value: str | None = None) -> None:
    """Fill in the line of a dialog, look, and press Enter."""
    if value is not None:
        hand.app.screen.query_one("#line").value = value  # type: ignore[attr-defined]
    await hand.decide("enter")
    await hand.workers()
    await hand.settle()


# Alerts.


async def test_alerts_are_listed_with_detail_history_and_resources() -> None:
    async with console(size=(160, 50)) as hand:
        await hand.press("5")
        await hand.workers()
        for part in (
            "ALERTS 5  1 pending",
            "disk-full",
            "silent 44:5",
            "HISTORY  100+",
            "Disk filled",
        ):
            assert part in hand.text
        await hand.press("j")
        assert "audit_system.log_action.p99" in hand.text.split("ALERT  slow")[1]


async def test_acknowledging_asks_a_word_and_is_bound_to_the_alert() -> None:
    async with console() as hand:
        await hand.press("5", "j")
        await hand.decide("a")
        rows = hand.desk.snapshot().alerts
        hand.desk.changed(alerts=tuple(reversed(rows)))
        await enter(hand)
        assert hand.desk.named("acknowledge") == [{"id": "slow/2", "why": "seen"}]
        assert hand.said == "Acknowledged."
        await hand.decide("a")
        assert "already" in hand.said
        assert not hand.answers


async def test_silencing_for_a_time_or_until_a_moment_and_ending_it() -> None:
    async with console() as hand:
        await hand.press("5")
        await hand.decide("s", "2")
        await enter(hand, "the disk is being changed")
        assert hand.desk.named("silence") == [
            {"id": "slow/1", "minutes": 60, "why": "the disk is being changed"}
        ]
        await hand.decide("S")
        assert hand.desk.named("unsilence") == [{"id": "slow/1"}]
        await hand.decide("S")
        assert "not silenced" in hand.said
        await hand.decide("s", "4")
        await enter(hand, "90m")
        await enter(hand, "")
        assert hand.desk.named("silence")[-1] == {"id": "slow/1", "minutes": 90, "why": "known"}
        await hand.decide("s", "4")
        await enter(hand, "tomorrow")
        assert "tomorrow" in hand.said
        assert len(hand.desk.named("silence")) == 2


async def test_the_cursor_stays_on_its_alert_and_a_key_after_a_change_is_dropped() -> None:
    async with console() as hand:
        await hand.press("5", "j")
        rows = hand.desk.snapshot().alerts
        hand.desk.changed(alerts=(rows[3], rows[1], rows[0]))
        await hand.look()
        assert hand.app.alerts_screen.alert == rows[1]
        hand.desk.changed(alerts=rows[2:])
        await hand.look()
        assert hand.app.alerts_screen.alert is None
        assert "over and gone" in hand.text
        await hand.decide("a")
        assert "No alert is selected" in hand.said
        await hand.press("j")
        await hand.press("a", apart=0.1)
        assert "Too soon" in hand.said


async def test_history_is_read_page_by_page_and_grows_on_top() -> None:
    async with console() as hand:
        await hand.press("5")
        await hand.workers()
        await hand.press("tab", "tab", "end")
        await hand.workers()
        await hand.press("end")
        await hand.workers()
        befores = [call["before"] for call in hand.desk.named("alert_history")]
        assert befores[0] is None
        assert befores[-1] == hand.desk.history[50].id
        assert "HISTORY  150," in hand.text
        hand.desk.history.append(
            structs.replace(hand.desk.history[0], id=999, time=hand.clock.now(), text="the newest")
        )
        hand.desk.changed(alerts=hand.desk.snapshot().alerts[1:])
        await hand.look()
        await hand.workers()
        assert "HISTORY  151," in hand.text


def test_the_end_of_a_silence_is_read_as_people_write_it() -> None:
    for text, minutes in (
        ("12:30", 30), ("11:59", 1439), ("12:00", 1440), ("2h", 120), ("3d", 4320), ("45 min", 45),
        ("2026-03-01 13:00", 60), ("2026-03-01T13:00:01+00:00", 61),
    ):  # fmt: skip
        assert minutes_until(text, NOON) == minutes, text
    for text in ("", "soon", "0m", "2026-02-28", "31d", "99999d", "25:00"):
        with pytest.raises(BadEnd):
            minutes_until(text, NOON)


# Trends.


async def test_trends_plot_what_the_cursor_is_on() -> None:
    async with console(size=(120, 40)) as hand:
        await hand.press("6")
        await hand.workers()
        assert "GATE" in hand.text
        assert "─ p99" in hand.text
        await hand.press("j")
        await hand.workers()
        assert hand.desk.named("trend")[-1]["operation"] == "firewall"
        assert "FIREWALL  2026-03-01 11:00" in hand.text


async def test_keys_zoom_pan_and_go_back_to_the_newest() -> None:
    async with console(size=(120, 40)) as hand:
        await hand.press("6", "minus", "minus")
        await hand.workers()
        last = hand.desk.named("trend")[-1]
        assert last["until"] - last["since"] == 86_400 * S
        assert "24 h, newest" in hand.text
        await hand.press("left")
        await hand.workers()
        moved = hand.desk.named("trend")[-1]
        assert moved["until"] == pytest.approx(last["until"] - 43_200 * S, abs=900 * S)
        assert "newest" not in hand.lines[1]
        await hand.press("l")
        assert "log" in hand.lines[1]
        await hand.press("home")
        await hand.workers()
        assert hand.desk.named("trend")[-1]["until"] == last["until"]
        await hand.press("plus", "equals_sign", "plus", "plus")
        await hand.workers()
        assert "10 min, newest" in hand.text


async def test_the_newest_end_is_followed_and_the_past_stands_still() -> None:
    async with console() as hand:
        await hand.press("6")
        await hand.workers()
        before = len(hand.desk.named("trend"))
        await hand.look(0.5)
        await hand.look(2.5)
        await hand.workers()
        assert len(hand.desk.named("trend")) == before + 1
        await hand.press("left")
        await hand.workers()
        before = len(hand.desk.named("trend"))
        await hand.look(30)
        await hand.workers()
        assert len(hand.desk.named("trend")) == before


async def test_one_query_runs_at_a_time_and_the_newest_wins() -> None:
    async with console() as hand:
        running, most, go = [0], [0], threading.Event()
        whole = hand.desk.trend

        def slow(operation: str, since: int, until: int, points: int) -> TrendView:
            running[0] += 1
            most[0] = max(most[0], running[0])
            go.wait(10)
            running[0] -= 1
            return whole(operation, since, until, points)

        hand.desk.trend = slow  # type: ignore[method-assign]
        await hand.press("6", "j", "j", "j")
        go.set()
        await hand.workers()
        await hand.workers()
        assert most == [1]
        assert "HITL  2026" in hand.text


async def test_a_desk_that_cannot_tell_is_quoted_and_asked_again_later() -> None:
    async with console() as hand:
        calls = []

        def fails(*given: object) -> TrendView:
            calls.append(given)
            raise DeskError("the history cannot be read")

        hand.desk.trend = fails  # type: ignore[method-assign]
        await hand.press("6")
        await hand.workers()
        await hand.look(0.2)
        assert "cannot be read" in hand.said
        assert len(calls) == 1
        await hand.look(5)
        await hand.workers()
        assert len(calls) == 2


async def test_a_trend_is_exported_and_a_baseline_set(tmp_path: Path) -> None:
    async with console() as hand:
        await hand.press("6")
        await hand.workers()
        await hand.press("x")
        await enter(hand, str(tmp_path / "gate.csv"))
        assert (tmp_path / "gate.csv").read_text().count("\n") > 50
        assert "gate.csv" in hand.said
        await hand.press("b")
        await enter(hand, "two words")
        assert "letters" in hand.said
        await hand.press("b")
        await enter(hand, "spring")
        assert hand.desk.named("set_baseline")[-1] == {"baseline": "spring", "minutes": 60}
        assert "spring is compared with" in hand.said


async def test_a_plot_that_did_not_change_is_not_painted_again() -> None:
    async with console() as hand:
        await hand.press("6")
        await hand.workers()
        await hand.frame()
        plot = hand.app.screen.query_one("#plot")
        painted: list[int] = []
        strip = plot._strip  # type: ignore[attr-defined]
        plot._strip = lambda *given: painted.append(1) or strip(*given)  # type: ignore[attr-defined]
        await hand.look(3)
        await hand.workers()
        await hand.frame()
        assert not painted


def test_ranges_stand_on_whole_steps_and_never_pass_the_newest() -> None:
    now = NOON + 17 * S
    first = Range()
    since, until = first.bounds(now, 120)
    assert until - since == 3600 * S
    assert until % (30 * S) == 0
    assert now <= until < now + 30 * S
    assert first.panned(0.5, now) == first
    back = first.panned(-0.5, now)
    assert back.until == now - 1800 * S
    assert back.panned(0.5, now) == first
    assert back.zoomed(1, now).span.name == "6 h"
    assert back.zoomed(1, now).until == 0
    far = Range(6).panned(-0.5, now)
    assert far.zoomed(-1, now).until == far.until - 31 * 86_400 * S
    assert Range(0).zoomed(-1, now) == Range(0)
    assert Range(len(SPANS) - 1).zoomed(1, now).place == len(SPANS) - 1
    assert Range(1, 2 * 3600 * S).panned(-9, now).until == 3600 * S


# Reports.


async def test_reports_are_chosen_and_a_recommendation_accepted_after_a_look() -> None:
    async with console() as hand:
        await hand.press("7")
        await hand.workers()
        assert "REPORT  daily" in hand.text
        await hand.press("m")
        await hand.workers()
        await hand.press("right")
        await hand.workers()
        assert [call["cadence"] for call in hand.desk.named("report")][-2:] == [
            "monthly",
            "quarterly",
        ]
        assert "REPORT  quarterly" in hand.text
        await hand.press("enter", "space")
        await hand.decide("y")
        assert not hand.desk.named("accept_recommendation")
        await hand.decide("enter", "y")
        await hand.workers()
        assert hand.desk.named("accept_recommendation") == [{"id": "r-1"}]
        await hand.press("tab", "j")
        await hand.decide("y")
        assert "changes no setting" in hand.said


async def test_a_recommendation_is_dismissed_with_a_word_why_and_leaves_the_list() -> None:
    async with console() as hand:
        await hand.press("7")
        await hand.workers()
        await hand.press("tab", "j")
        await hand.decide("n")
        assert "Move the store" in hand.text
        await enter(hand, "it is quick already")
        assert hand.desk.named("dismiss_recommendation") == [
            {"id": "r-2", "why": "it is quick already"}
        ]
        await hand.workers()
        assert "Move the store" not in hand.text
        assert [row.id for row in hand.app.report_screen._list.rows] == ["r-1"]


# The watch screen, and what the terminal is told.


async def test_a_first_baseline_is_offered_where_nothing_is_wrong() -> None:
    async with console(size=(120, 40)) as hand:
        health = structs.replace(hand.desk.snapshot().health, alerts=())
        hand.desk.changed(health=health, baseline_offered=True)
        await hand.look()
        assert "press 6, then b" in hand.said
        await hand.press("4")
        await hand.look(11)
        assert "press 6" not in hand.said


@pytest.mark.parametrize(("width", "there"), [(80, False), (98, False), (100, True), (200, True)])
async def test_the_baseline_column_stands_where_it_fits(width: int, there: bool) -> None:
    async with console(size=(width, 50)) as hand:
        assert ("× base" in hand.text) is there


def test_only_alerts_that_nobody_answered_for_stand() -> None:
    assert [row.id for row in standing(monitor_scenes.alerts(), NOON)] == ["slow/1", "slow/2"]


def test_what_stood_before_is_not_announced_and_what_is_new_is_once() -> None:
    rows = monitor_scenes.alerts()
    said, told = announced("bell", Told(), rows, NOON)
    assert said == ""
    said, told = announced("bell", told, (*rows, monitor_scenes.alert(9)), NOON)
    assert said == "\x07"
    said, told = announced("bell", told, (*rows, monitor_scenes.alert(9)), NOON)
    assert said == ""
    said, told = announced("bell", told, rows, NOON)
    said, told = announced("bell", told, (*rows, monitor_scenes.alert(9)), NOON)
    assert said == "\x07"


@pytest.mark.parametrize("how", ["off", "title"])
def test_nothing_is_written_where_it_is_not_wanted(how: str) -> None:
    told = Told(frozenset(), begun=True)
    assert announced(how, told, (monitor_scenes.alert(),), NOON)[0] == ""  # type: ignore[arg-type]
    assert title("off", 3, 2) == ""
    assert title("title", 3, 2) == "\x1b]2;(3) !2 Assent\x07"
    assert title("bell", 0, 0) == "\x1b]2;Assent\x07"


@pytest.mark.parametrize("term", ["xterm-256color", "foot", "rxvt-unicode"])
def test_a_notification_holds_a_rule_and_a_severity_only(term: str) -> None:
    told = Told(frozenset(), begun=True)
    hostile = structs.replace(
        monitor_scenes.alert(7, severity="critical", text=RAW), rule=RAW, series=RAW, value=RAW
    )
    said, _ = announced("desktop", told, (hostile, monitor_scenes.alert(8)), NOON, term)
    start = "\x1b]9;" if term.startswith("xterm") else "\x1b]777;notify;"
    assert said.startswith(start)
    assert said.endswith(" and 1 more\x07")
    inner = said.removeprefix(start).removesuffix("\x07")
    assert inner.isascii()
    assert inner.isprintable()
    assert len(inner) < 100
    odd = structs.replace(hostile, severity=RAW)
    assert "Assent: alert " in announced("desktop", told, (odd,), NOON)[0]
