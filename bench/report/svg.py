"""Pictures as inline SVG: a distribution beside its reference's, lines over sizes or time. Pure.

Scales, colours and the rest of the style are those of the program's own reports.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import cycle

from app.report.charts import Scale, even_scale, log_scale
from bench.figures import Chart, Figure, Line, percentile, to_meet
from bench.report.said import said
from components.advisor import words

WIDTH = 760
STYLE = """\
.ours { fill: var(--p50); opacity: .55; } .theirs { fill: var(--p95); opacity: .45; }
.c0 { stroke: var(--p50); } .c1 { stroke: var(--p95); } .c2 { stroke: var(--p99); }
.c3 { stroke: var(--good); } .c4 { stroke: var(--poor); }
svg.strip { width: 9rem; } .strip rect { opacity: 1; }
.strip path { stroke: var(--soft); fill: none; } .strip .target { stroke: var(--mark); }
.dash { stroke-dasharray: 5 3; } .dot { fill: var(--ink); }
details { margin: .4rem 0; } summary { cursor: pointer; }
"""
"""What the pictures need besides the style of a page."""

_BINS = 60
_LEFT, _RIGHT, _TOP = 76, 30, 24
_COLOURS = ("c0", "c1", "c2", "c3", "c4")


def distribution(key: str, figure: Figure) -> str:
    """How often which value came, on a logarithmic scale, with P50, P95 and P99; the reference's
    behind it. Empty where there is no sample."""
    if len(figure.sample) < 2:
        return ""
    height, bottom = 120, 96
    values = [value for value in (*figure.sample, *figure.reference_sample) if value > 0]
    across = log_scale(values, 30, WIDTH - 30)
    parts = [_mark(across.at(tick), bottom, said(tick, figure.unit)) for tick in across.ticks()]
    parts += _hills(figure.reference_sample, across, bottom, "theirs")
    parts += _hills(figure.sample, across, bottom, "ours")
    for name, value in (("P50", figure.p50), ("P95", figure.p95), ("P99", figure.p99)):
        if value is not None and value > 0:
            parts.append(_cut(across.at(value), bottom, name))
    desc = f"P50 {said(figure.p50, figure.unit)}, P95 {said(figure.p95, figure.unit)}, P99 " + said(
        figure.p99, figure.unit
    )
    return picture(key, f"How {figure.name} is distributed", desc, height, parts)


def strip(figure: Figure) -> str:
    """A distribution in the height of a line, on a logarithmic scale of its own.

    A line from the least to the greatest value, a box around the middle half, a gap at the median;
    the reference's below, the limit across. Empty where there is no sample. What it shows stands
    in numbers beside it.
    """
    ours = [value for value in figure.sample if value > 0]
    theirs = [value for value in figure.reference_sample if value > 0]
    if len(ours) < 2:
        return ""
    aim = to_meet(figure)
    across = log_scale([*ours, *theirs, *((aim,) if aim else ())], 2, 142)
    parts = [*_box(ours, across, 1, "ours"), *_box(theirs, across, 10, "theirs")]
    if aim:
        parts.append(f'<path class="target" d="M{across.at(aim)} 0V18"/>')
    return f'<svg class="strip" viewBox="0 0 144 18" aria-hidden="true">{"".join(parts)}</svg>'


def _box(ordered: Sequence[float], across: Scale, top: int, style: str) -> Iterator[str]:
    if not ordered:
        return
    least, low, middle, high, greatest = (
        across.at(percentile(ordered, share)) for share in (0, 0.25, 0.5, 0.75, 1)
    )
    yield f'<path d="M{least} {top + 3.5}H{greatest}"/>'
    for start, end in ((low, middle - 0.7), (middle + 0.7, high)):
        wide = max(end - start, 1)
        yield f'<rect class="{style}" x="{start:.1f}" y="{top}" width="{wide:.1f}" height="7"/>'


def chart(key: str, drawn: Chart) -> str:
    """Lines over sizes (logarithmic) or over time, a point for each measurement."""
    height, bottom = 240, 200
    xs = [x for line in drawn.lines for x, _ in line.points] or [0.0]
    ys = [y for line in drawn.lines for _, y in line.points] or [0.0]
    right = WIDTH - _RIGHT
    across = log_scale(xs, _LEFT, right) if drawn.log else _even(xs, _LEFT, right)
    up = (log_scale if drawn.log else even_scale)(ys, bottom, _TOP)
    parts = [
        f'<rect class="area" x="{across.at(mark.since)}" y="{_TOP}" height="{bottom - _TOP}" '
        f'width="{max(across.at(mark.until) - across.at(mark.since), 1):.1f}">'
        f"<title>{escape(mark.name)}</title></rect>"
        for mark in drawn.marks
    ]
    parts += [_level(up.at(tick), words.number(tick)) for tick in up.ticks()]
    parts += [_mark(across.at(tick), bottom, words.number(tick)) for tick in across.ticks()]
    parts.append(
        f'<text class="tick" x="{right}" y="{height - 6}" text-anchor="end">{escape(drawn.x)}'
        f'</text><text class="tick" x="{_LEFT}" y="{height - 6}">{escape(drawn.y)}</text>'
    )
    for line, colour in zip(drawn.lines, cycle(_COLOURS), strict=False):
        parts.append(_line(line, colour, across, up))
    parts += _legend(drawn.lines)
    desc = drawn.note or f"{drawn.y} over {drawn.x}."
    return picture(key, drawn.title, desc, height, parts)


def picture(key: str, title: str, desc: str, height: int, parts: Iterable[str]) -> str:
    """One SVG with a title and a description for those who do not see it."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{key}-t {key}-d">'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(desc)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _even(values: Sequence[float], start: float, end: float) -> Scale:
    low, high = min(values), max(values)
    return Scale(low, high if high > low else low + 1.0, start, end)


def _hills(sample: Sequence[float], across: Scale, bottom: int, style: str) -> Iterator[str]:
    """Columns of equal width on the scale; the highest has the full height."""
    if not sample:
        return
    width = (across.end - across.start) / _BINS
    counts = [0] * _BINS
    for value in sample:
        if value > 0:
            counts[min(int((across.at(value) - across.start) / width), _BINS - 1)] += 1
    full = max(counts)
    for at, count in enumerate(counts):
        if count:
            tall = max((bottom - _TOP) * count / full, 1)
            yield (
                f'<rect class="{style}" x="{across.start + at * width:.1f}" '
                f'y="{bottom - tall:.1f}" width="{width - 0.5:.1f}" height="{tall:.1f}"/>'
            )


def _cut(x: float, bottom: int, name: str) -> str:
    return (
        f'<path class="target" d="M{x} {_TOP - 4}V{bottom}"/>'
        f'<text class="tick" x="{x}" y="{_TOP - 8}" text-anchor="middle">{name}</text>'
    )


def _mark(x: float, bottom: int, label: str) -> str:
    return (
        f'<path class="grid" d="M{x} {_TOP}V{bottom}"/>'
        f'<text class="tick" x="{x}" y="{bottom + 14}" text-anchor="middle">{escape(label)}</text>'
    )


def _level(y: float, label: str) -> str:
    return (
        f'<path class="grid" d="M{_LEFT} {y}H{WIDTH - _RIGHT}"/><text class="tick" '
        f'x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>'
    )


def _line(line: Line, colour: str, across: Scale, up: Scale) -> str:
    if not line.points:
        return ""
    places = [(across.at(x), up.at(y)) for x, y in line.points]
    path = "L".join(f"{x} {y}" for x, y in places)
    drawn = f'<path class="line {colour}{" dash" if line.dashed else ""}" d="M{path}"/>'
    if not line.dashed and len(places) <= 60:
        drawn += "".join(f'<circle class="dot" cx="{x}" cy="{y}" r="2"/>' for x, y in places)
    return drawn


def _legend(lines: Sequence[Line]) -> Iterator[str]:
    for at, (line, colour) in enumerate(zip(lines, cycle(_COLOURS), strict=False)):
        x = _LEFT + at * (WIDTH - _LEFT - _RIGHT) // max(len(lines), 1)
        dash = " dash" if line.dashed else ""
        yield (
            f'<path class="line {colour}{dash}" d="M{x} 10h18"/>'
            f'<text x="{x + 23}" y="14">{escape(line.name)}</text>'
        )
