"""One operation over time, as lines of text: percentiles, rate, errors and alerts. Pure.

The percentiles are lines of braille that differ in stroke as well as in ink, and each is named at
its right end. What was not measured stays blank, so that a gap is seen as one.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from components.views import AlertBand, TrendPoint, TrendView
from widgets import figures
from widgets.axes import Scale, duration_tick, placed, scale_for, ticks, time_ticks
from widgets.braille import ACROSS, DOWN, Canvas, Stroke
from widgets.cells import fit
from widgets.lines import Face

Columns = list[float | None]
_BLOCKS = " ▁▂▃▄▅▆▇█"
_BASE = "┈"
_SHADES = {"critical": "█", "high": "▓", "medium": "▒", "low": "░"}
_LEFT = 9
_BESIDE = 72
"""From this width on the lines are named with their values, below it by name alone."""


_NARROW = 7
"""Cells right of the plot where the lines are named by name alone."""


class Trace(NamedTuple):
    """How one percentile is drawn and named."""

    name: str
    stroke: Stroke
    sample: str
    ink: str
    pick: Callable[[TrendPoint], float | None]


TRACES = (
    Trace("p50", "dotted", "·", "dim", lambda point: point.p50_us),
    Trace("p95", "dashed", "╌", "medium", lambda point: point.p95_us),
    Trace("p99", "solid", "─", "accent", lambda point: point.p99_us),
)


class Layout(NamedTuple):
    """How many cells and lines the parts have."""

    cells: int
    right: int
    rows: int
    rate: int
    errors: int
    alerts: int
    axis: int
    labels: int


def layout(width: int, height: int) -> Layout:
    """What fits: the lines first, then the times, the rate, the alerts and the errors."""
    right = 15 if width >= _BESIDE else _NARROW
    labels, rate = int(height >= 4), (height >= 5) + (height >= 18) + (height >= 30)
    alerts, errors, axis = int(height >= 7), int(height >= 8), int(height >= 9)
    rows = max(height - labels - rate - alerts - errors - axis, 0)
    return Layout(max(width - _LEFT - right, 1), right, rows, rate, errors, alerts, axis, labels)


def dots(width: int) -> int:
    """How many points in time a plot of this width can tell apart."""
    return layout(width, 0).cells * ACROSS


def plot(view: TrendView, width: int, height: int, *, log: bool = False) -> list[Face]:
    """The whole plot in `height` lines of at most `width` cells."""
    parts = layout(width, height)
    return [
        *_percentiles(view, parts, log=log),
        *_axis(view, parts),
        *_rates(view, parts),
        *_errors(view, parts),
        *_alerts(view, parts),
        *_labels(view, parts),
    ][: max(height, 0)]


def spread(
    view: TrendView,
    count: int,
    pick: Callable[[TrendPoint], float | None],
    merge: Callable[[Sequence[float]], float] = max,
) -> Columns:
    """One value for each of `count` columns of equal time; None where nothing was measured.

    A point that lasts for several columns fills all of them; points that share one are merged.
    """
    since, span = view.since, max(view.until - view.since, 1)
    found: list[list[float]] = [[] for _ in range(count)]
    for point in view.points:
        value = pick(point)
        if value is None or not point.calls:
            continue
        first = (point.start - since) * count // span
        last = -((since - point.start - int(point.seconds * 1e6)) * count // span)
        for values in found[max(first, 0) : max(last, first + 1)]:
            values.append(value)
    return [None if not one else one[0] if len(one) == 1 else merge(one) for one in found]


# The lines.


def _percentiles(view: TrendView, parts: Layout, *, log: bool) -> list[Face]:
    canvas = Canvas(parts.cells, parts.rows)
    across, up = canvas.dots
    lines = [(trace, spread(view, across, trace.pick)) for trace in TRACES]
    base = view.baseline.p99_us if view.baseline else None
    every = [value for _, values in lines for value in values if value is not None]
    if not every:
        return _nothing(parts)
    scale = scale_for([*every, *([base] if base else [])], log=log)
    for trace, values in lines:
        heights = [None if value is None else scale.place(value, up) for value in values]
        canvas.line(heights, trace.stroke, trace.ink)
    base_row = _row(scale, base, parts.rows) if base else -1
    behind = _behind(view, parts.cells)
    names = _names(lines, base, scale, parts)
    marks = _tick_labels(scale, parts.rows)
    return [
        (
            (marks.get(row, " " * (_LEFT - 1) + "│"), "dim"),
            *_cells(canvas, row, base_row, behind),
            names.get(row, ("", "text")),
        )
        for row in range(parts.rows)
    ]


def _cells(canvas: Canvas, row: int, base_row: int, behind: dict[int, str]) -> Face:
    """One row of the plot. Most have nothing in them, which need not be looked at cell by cell."""
    if canvas.blank(row) and not behind:
        text, ink = _cell(canvas, row, 0, base_row, behind)
        return ((text * canvas.width, ink),)
    return _merged(_cell(canvas, row, column, base_row, behind) for column in range(canvas.width))


def _cell(
    canvas: Canvas, row: int, column: int, base_row: int, behind: dict[int, str]
) -> tuple[str, str]:
    drawn, ink = canvas.cell(row, column)
    if drawn:
        return drawn, ink
    if column in behind:
        return "╎", behind[column]
    return (_BASE, "ok") if row == base_row else (" ", "text")


def _behind(view: TrendView, cells: int) -> dict[int, str]:
    """Where an alert began or ended: a broken upright line behind the plot."""
    shades = pairwise(["", *_severities(view, cells)])
    return {
        column: after or before for column, (before, after) in enumerate(shades) if before != after
    }


def _nothing(parts: Layout) -> list[Face]:
    lines: list[Face] = [((" " * (_LEFT - 1) + "│", "dim"),)] * parts.rows
    if parts.rows:
        said = fit("  Nothing was measured in this time.", parts.cells)
        lines[parts.rows // 2] = ((" " * (_LEFT - 1) + "│", "dim"), (said, "dim"))
    return lines


def _row(scale: Scale, value: float, rows: int) -> int:
    return rows - 1 - scale.place(value, rows * DOWN) // DOWN


def _tick_labels(scale: Scale, rows: int) -> dict[int, str]:
    marks = ticks(scale, min(rows // 2 + 1, 9)) if rows else []
    return {
        _row(scale, value, rows): fit(duration_tick(value), _LEFT - 2, "right") + " ┤"
        for value in marks
    }


def _names(
    lines: Sequence[tuple[Trace, Columns]], base: float | None, scale: Scale, parts: Layout
) -> dict[int, tuple[str, str]]:
    """What stands at the right end of each line, on rows of their own."""
    wanted: list[tuple[float, str, str, str]] = []
    for trace, values in reversed(lines):
        last = next((value for value in reversed(values) if value is not None), None)
        if last is not None:
            wanted.append((last, trace.sample, trace.name, trace.ink))
    if base:
        wanted.append((base, _BASE, "base", "ok"))
    wanted.sort(key=lambda item: item[0], reverse=True)
    names: dict[int, tuple[str, str]] = {}
    free = 0
    for place, (value, sample, name, ink) in enumerate(wanted):
        row = min(max(_row(scale, value, parts.rows), free), parts.rows - len(wanted) + place)
        free = row + 1
        text = f" {sample} {name}"
        if parts.right > _NARROW:
            text += " " + fit(figures.duration(value), parts.right - len(text) - 1, "right")
        names[row] = (text, ink)
    return names


# What stands below the lines.


def _rates(view: TrendView, parts: Layout) -> list[Face]:
    values = spread(view, parts.cells, lambda point: point.per_s, _mean)
    top = max((value for value in values if value is not None), default=0.0)
    return _strip("ops/s", values, parts.rate, "text", _most(parts) + figures.rate(top))


def _errors(view: TrendView, parts: Layout) -> list[Face]:
    values = spread(view, parts.cells, lambda point: point.errors)
    top = max((value for value in values if value is not None), default=0.0)
    said = _most(parts) + figures.share(top) if top else " none"
    return _strip("errors", values, parts.errors, "bad", said)


def _most(parts: Layout) -> str:
    return " max " if parts.right > _NARROW else " "


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _strip(name: str, values: Columns, rows: int, ink: str, said: str) -> list[Face]:
    """Bars from the bottom: a dot where something ran and the value is 0, blank where nothing."""
    top = max((value for value in values if value is not None), default=0.0)
    levels = [
        None if value is None else max(round(value / top * 8 * rows), 1) if value > 0 else 0
        for value in values
    ]
    faces: list[Face] = []
    for row in reversed(range(rows)):
        cells = (_bar(level, row, ink) for level in levels)
        label = fit(name if row == rows - 1 else "", _LEFT - 2, "right") + " │"
        faces.append(((label, "dim"), *_merged(cells), (said if row == rows - 1 else "", "dim")))
    return faces


def _bar(level: int | None, row: int, ink: str) -> tuple[str, str]:
    if not level:
        return ("·" if level == 0 and row == 0 else " "), "dim"
    return _BLOCKS[min(max(level - 8 * row, 0), 8)], ink


def _alerts(view: TrendView, parts: Layout) -> list[Face]:
    """The periods of alerts, in a shade for each severity."""
    if not parts.alerts:
        return []
    shades = _severities(view, parts.cells)
    cells = ((_SHADES.get(one, " "), one or "text") for one in shades)
    count = len(view.bands)
    said = f" {_counted(count)}" if parts.right > _NARROW or not count else f" {count}"
    return [((fit("alerts", _LEFT - 2, "right") + " │", "dim"), *_merged(cells), (said, "dim"))]


def _counted(count: int) -> str:
    return f"{count} times" if count > 1 else "once" if count else "none"


def _severities(view: TrendView, cells: int) -> list[str]:
    """The worst severity that fired in each cell."""
    order = list(_SHADES)
    span = max(view.until - view.since, 1)
    worst = [""] * cells
    for band in sorted(view.bands, key=lambda one: _rank(one, order), reverse=True):
        if band.severity not in _SHADES:
            continue
        until = band.until or view.until
        first = (band.since - view.since) * cells // span
        last = (until - view.since) * cells // span
        for column in range(max(first, 0), min(last, cells - 1) + 1):
            worst[column] = band.severity
    return worst


def _rank(band: AlertBand, order: list[str]) -> int:
    return order.index(band.severity) if band.severity in order else len(order)


def _axis(view: TrendView, parts: Layout) -> list[Face]:
    if not parts.axis:
        return []
    marks = {cell for cell, _ in time_ticks(view.since, view.until, parts.cells)}
    line = "".join("┬" if cell in marks else "─" for cell in range(parts.cells))
    return [((" " * (_LEFT - 1) + "├" + line, "dim"),)]


def _labels(view: TrendView, parts: Layout) -> list[Face]:
    if not parts.labels:
        return []
    labels = time_ticks(view.since, view.until, parts.cells)
    return [((" " * _LEFT + placed(labels, parts.cells), "dim"), (" UTC", "dim"))]


def _merged(cells: Iterable[tuple[str, str]]) -> Face:
    """Neighbouring cells of one ink as one piece."""
    pieces: list[tuple[str, str]] = []
    texts: list[str] = []
    last = ""
    for text, ink in cells:
        if ink != last and texts:
            pieces.append(("".join(texts), last))
            texts = []
        last = ink
        texts.append(text)
    if texts:
        pieces.append(("".join(texts), last))
    return tuple(pieces)
