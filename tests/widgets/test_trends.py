"""Figures of a range, alerts, resources and recommendations as lines: aligned, told apart."""

import pytest
from msgspec import structs

from components.views import AdviceRow, GaugeRow, MemoryRow, TrendPoint
from tests.console import monitor_scenes, scenes
from tests.console.monitor_scenes import NOON, S
from widgets.alerts import alert_row_face, alert_text, history_face
from widgets.cells import cell_len
from widgets.lines import Face
from widgets.operations import operation_face, operations_heading, times_text
from widgets.report import advice_face
from widgets.resources import amount, gauge_face, memory_face
from widgets.trends import choice_face, highest, rates, summary_faces

SIZES = (40, 59, 79, 119, 159)


def text(face: Face) -> str:
    return "".join(part for part, _ in face)


def point(calls: int, p99: float | None, errors: float = 0.0) -> TrendPoint:
    return TrendPoint(NOON, 10.0, calls, errors, calls / 10, 1.0, 2.0, p99)


def test_figures_of_a_range() -> None:
    points = [point(1, 900.0), point(98, 10.0), point(1, None), point(1, 5.0)]
    assert highest(points, lambda one: one.p99_us) == 900.0
    whole = TrendPoint(NOON, 20.0, 40, 0.125, 2.0, 1.0, 2.0, 3.0)
    view = monitor_scenes.trend("gate.verdict", NOON - 3600 * S, NOON, 100)
    assert rates(structs.replace(view, whole=whole)) == (2.0, 0.125)
    assert rates(structs.replace(view, whole=None)) == (0.0, None)


def test_more_than_twice_the_baseline_is_marked_without_colour() -> None:
    assert times_text(None) == ("–", "dim")
    assert times_text(1.96) == ("2.0×", "dim")
    assert times_text(2.4) == ("▲ 2.4×", "warn")
    assert times_text(123_456.0) == ("▲ >9999×", "warn")


def test_the_figures_are_a_table_where_there_is_room() -> None:
    view = monitor_scenes.trend("gate.verdict", NOON - 3600 * S, NOON, 100)
    table = [text(face) for face in summary_faces(view, 79, 20)]
    assert [line.split()[0] for line in table[1:]] == ["range", "highest", "baseline", "×"]
    assert "spring" in table[3]
    narrow = summary_faces(view, 40, 20)
    assert len(narrow) == 1
    assert "p99" in text(narrow[0])
    assert "p50" not in text(narrow[0])
    assert summary_faces(view, 79, 5) == []
    other = structs.replace(view, baseline=structs.replace(view.baseline, other_machine=True))
    assert "another machine" in text(summary_faces(other, 79, 20)[3])
    bare = summary_faces(structs.replace(view, baseline=None), 79, 20)
    assert "b sets one" in text(bare[-1])


@pytest.mark.parametrize("width", [60, 79, 98, 99, 119, 159])
def test_the_baseline_column_is_there_where_it_fits(width: int) -> None:
    lines = [
        operations_heading(width),
        *(operation_face(row, width) for row in scenes.operations()),
    ]
    assert all(cell_len(text(line)) <= max(width, 72) for line in lines)
    assert ("× base" in text(lines[0])) is (width >= 98)
    assert any("▲ 2.4×" in text(line) for line in lines) is (width >= 98)


@pytest.mark.parametrize("width", SIZES)
def test_lines_hold_their_columns(width: int) -> None:
    now = NOON
    lists = (
        [alert_row_face(row, now, width, 30) for row in monitor_scenes.alerts(now)],
        [history_face(row, width) for row in monitor_scenes.history(8)],
        [choice_face(row, width) for row in scenes.operations()],
        [gauge_face(row, width) for row in monitor_scenes.gauges()],
        [memory_face(row, 21_300_000, width) for row in monitor_scenes.memory()],
        [advice_face(row, width) for row in monitor_scenes.report("daily").advice],
    )
    for faces in lists:
        assert len({cell_len(text(face)) for face in faces}) == 1
        assert all(cell_len(text(face)) <= max(width, 58) for face in faces)


@pytest.mark.parametrize("width", SIZES)
def test_what_was_done_about_an_alert_is_told_in_words(width: int) -> None:
    lines = [text(alert_row_face(row, NOON, width)) for row in monitor_scenes.alerts()]
    assert [line[1] for line in lines] == ["▲", "▲", "▲", "▲", "○", "▲"]
    assert lines[0][3:6] == "!!!"
    if width >= 59:
        assert "seen by" in lines[2]
        assert "silent 45:00" in lines[3]
        assert "under disk" in lines[5]


def test_an_alert_in_full_says_everything() -> None:
    row = monitor_scenes.alert(
        acknowledged_by="grace", why="known", silenced_until=NOON + 60 * S,
        inhibited_by="disk-full", resolved_at=NOON - S, state="resolved",
    )  # fmt: skip
    said = "\n".join(line for line, _ in alert_text(row, NOON))
    for part in (
        "✓ resolved, high",
        "grace: known",
        "1:00 left",
        "by disk-full",
        "14 min",
        row.rule,
    ):
        assert part in said
    assert "Choose an alert" in alert_text(None, NOON)[1][0]


def test_amounts_and_empty_shares() -> None:
    assert [amount(count) for count in (0, 812, 4_210_000, 120_000_000, 10**15)] == [
        "0 B", "812 B", "4.2 MB", "120 MB", "1000 TB",
    ]  # fmt: skip
    gauge = GaugeRow("process.threads", "Threads", "12", None, "ok")
    assert "▱" not in text(gauge_face(gauge, 79))
    assert "▰" not in text(memory_face(MemoryRow("x", "X", 0, 0), 0, 79))
    assert "→" in text(advice_face(AdviceRow("r", "x.y", "text", "a: 1 → 2"), 79))[:3]
    assert "→" not in text(advice_face(AdviceRow("r", "x.y", "text", ""), 79))
