"""The plot: gaps stay gaps, ticks are round, lines differ without colour, every line fits."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from components.views import AlertBand, TrendPoint, TrendView
from tests.console.monitor_scenes import NOON, S, trend
from widgets.axes import Scale, duration_tick, placed, scale_for, ticks, time_step, time_ticks
from widgets.braille import Canvas
from widgets.cells import cell_len
from widgets.lines import Face
from widgets.plot import dots, layout, plot, spread

HOUR = 3600 * S
SIZES = [(159, 40), (119, 30), (79, 14), (59, 11), (59, 7), (40, 5), (30, 3), (12, 2), (79, 0)]


def text(face: Face) -> str:
    return "".join(part for part, _ in face)


def shown(view: TrendView, width: int = 79, height: int = 16, *, log: bool = False) -> list[str]:
    return [text(face) for face in plot(view, width, height, log=log)]


def view(hours: int = 1, **changes: object) -> TrendView:
    return structs.replace(trend("gate.verdict", NOON - hours * HOUR, NOON, 240), **changes)


def flat(p99: float, count: int = 60, **changes: object) -> TrendView:
    points = tuple(
        TrendPoint(NOON - HOUR + at * 60 * S, 60.0, 10, 0.0, 5.0, p99 / 4, p99 / 2, p99)
        for at in range(count)
    )
    return view(points=points, bands=(), baseline=None, **changes)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("hours", [1, 24, 24 * 7, 24 * 92])
@pytest.mark.parametrize("log", [False, True])
def test_every_line_fits_and_all_are_there(size: tuple[int, int], hours: int, log: bool) -> None:
    lines = shown(view(hours), *size, log=log)
    assert len(lines) == size[1]
    if size[0] >= 30:
        assert all(cell_len(line) <= size[0] for line in lines)


def test_the_parts_are_there_in_a_small_terminal() -> None:
    lines = shown(view(), 79, 16)
    for name in ("ops/s", "errors", "alerts", "─ p99", "╌ p95", "· p50", "┈ base", "UTC", "11:30"):
        assert any(name in line for line in lines), name


def test_lines_differ_without_colour() -> None:
    lines = shown(flat(4000.0), 100, 24)
    width = layout(100, 24).cells
    drawn = [
        [cell != " " for cell in line[9 : 9 + width]]
        for line in lines
        if any("\u2801" <= cell <= "\u28ff" for cell in line)
    ]
    assert [sum(line) / width for line in drawn] == pytest.approx([1.0, 0.67, 0.5], abs=0.05)


def test_what_was_not_measured_stays_blank() -> None:
    whole = flat(4000.0)
    holes = structs.replace(whole, points=whole.points[:20] + whole.points[40:])
    lines = shown(holes, 79, 16)
    cells = layout(79, 16).cells
    first, last = 9 + cells // 3 + 1, 9 + cells * 2 // 3 - 1
    body = [line for line in lines if line[8:9] in {"│", "┤"}]
    assert all(not line[first:last].strip() for line in body)
    assert any("\u2800" < cell <= "\u28ff" for cell in "".join(line[9:first] for line in body))


def test_points_without_calls_are_gaps_and_zero_errors_are_dots() -> None:
    silent = flat(4000.0)
    silent = structs.replace(
        silent, points=tuple(structs.replace(point, calls=0) for point in silent.points)
    )
    assert any("Nothing was measured" in line for line in shown(silent))
    errors = next(line for line in shown(flat(4000.0)) if "errors" in line)
    assert "····" in errors
    assert "none" in errors


def test_alerts_are_drawn_in_a_shade_for_each_severity() -> None:
    bands = tuple(
        AlertBand(NOON - HOUR + at * HOUR // 8, NOON - HOUR + (at + 1) * HOUR // 8, "r", name, "")
        for at, name in enumerate(("critical", "high", "medium", "low", "unheard-of"))
    )
    line = next(line for line in shown(view(bands=bands)) if "alerts" in line)
    assert line.index("█") < line.index("▓") < line.index("▒") < line.index("░")
    assert line.rstrip().endswith("5 times")


def test_the_worst_of_several_alerts_is_shown_and_one_that_goes_on_reaches_the_end() -> None:
    bands = (
        AlertBand(NOON - HOUR, 0, "r", "critical", ""),
        AlertBand(NOON - HOUR, 0, "r", "low", ""),
    )
    line = next(line for line in shown(view(bands=bands)) if "alerts" in line)
    cells = layout(79, 16).cells
    assert line[9 : 9 + cells] == "█" * cells


def test_a_point_that_lasts_fills_its_columns_and_those_that_share_one_are_merged() -> None:
    points = (
        TrendPoint(NOON - HOUR, 1800.0, 1, 0.0, 1.0, 1.0, 1.0, 7.0),
        TrendPoint(NOON - HOUR // 2, 60.0, 1, 0.0, 1.0, 1.0, 1.0, 9.0),
        TrendPoint(NOON - HOUR // 2 + 60 * S, 60.0, 1, 0.0, 1.0, 1.0, 1.0, 8.0),
    )
    columns = spread(view(points=points), 6, lambda point: point.p99_us)
    assert columns == [7.0, 7.0, 7.0, 9.0, None, None]


@given(st.floats(1e-3, 1e12), st.floats(1e-3, 1e12), st.booleans(), st.integers(2, 12))
def test_ticks_are_round_rise_and_lie_on_the_scale(
    one: float, other: float, log: bool, most: int
) -> None:
    scale = scale_for([one, other], log=log)
    found = ticks(scale, most)
    assert scale.low <= min(one, other) * 1.001
    assert scale.high >= max(one, other) * 0.999
    assert found == sorted(set(found))
    assert 1 <= len(found) <= most
    for value in found:
        assert scale.low * 0.99 <= value <= scale.high * 1.01
    if log:
        digits = {round(value / 10 ** math.floor(math.log10(value * 1.0001))) for value in found}
        assert digits <= {1, 2, 3, 5}
    elif len(found) > 1:
        step = found[1]
        assert f"{step:e}"[0] in "125"
        assert found == pytest.approx([step * at for at in range(len(found))])


def test_a_logarithmic_scale_gives_each_decade_the_same_room() -> None:
    scale = Scale(1.0, 1000.0, log=True)
    assert [scale.place(value, 31) for value in (0.1, 1, 10, 100, 1000, 1e6)] == [
        0, 0, 10, 20, 30, 30,
    ]  # fmt: skip
    assert [duration_tick(value) for value in (0, 200, 1500, 5e6, 7.2e9)] == [
        "0", "200 µs", "1.5 ms", "5 s", "2 h",
    ]  # fmt: skip


@pytest.mark.parametrize("seconds", [60, 3600, 21_600, 86_400, 7 * 86_400, 92 * 86_400])
@pytest.mark.parametrize("cells", [10, 44, 60, 140])
def test_times_are_round_and_apart(seconds: int, cells: int) -> None:
    found = time_ticks(NOON - seconds * S, NOON, cells)
    places = [cell for cell, _ in found]
    assert places == sorted(places)
    assert all(after - before >= 10 for before, after in pairwise(places))
    line = placed(found, cells)
    assert cell_len(line) == cells
    assert time_step(seconds, cells) * cells / seconds >= 10


def test_days_are_written_as_dates() -> None:
    labels = [label for _, label in time_ticks(NOON - 86_400 * S, NOON, 60)]
    assert "Mar 1" in labels
    assert "18:00" in labels
    assert {label[:3] for _, label in time_ticks(NOON - 92 * 86_400 * S, NOON, 60)} <= {
        "Dec", "Jan", "Feb",
    }  # fmt: skip


def test_a_canvas_draws_within_its_edges_only() -> None:
    canvas = Canvas(2, 1)
    canvas.line([0, None, 3, 99], "solid", "ok")
    assert canvas.cell(0, 0) == ("⡀", "ok")
    assert canvas.cell(0, 1)[1] == "ok"
    assert Canvas(0, 0).dots == (0, 0)


def test_a_wider_plot_tells_more_points_apart() -> None:
    assert dots(160) > dots(80) > dots(60) >= 60
