"""Pictures as inline SVG: bars against targets, lines over time, columns. Pure.

Every picture has a title and a description for those who do not see it. Colours are classes, so
that a page decides them. All text is escaped here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import count, groupby
from math import ceil, floor, log10

from msgspec import Struct

from components.advisor import words

WIDTH = 760
_LEFT, _RIGHT, _TOP, _FOOT = 70, 14, 24, 24
_LABELS = 232  # room for the names of operations
_JUDGED = 136  # room for how they stand
_BAR = 20

_Said = Callable[[float], str]


class Line(Struct, frozen=True):
    """A line: its name, its class, and (time, value) points; None breaks it."""

    name: str
    style: str
    points: tuple[tuple[float, float | None], ...]


class Bar(Struct, frozen=True):
    """A P95 against its target and its acceptable threshold, µs; `style` says how it stands."""

    name: str
    value: float
    target: float
    acceptable: float
    style: str
    label: str


class Area(Struct, frozen=True):
    """A stretch of time that is marked: an alert."""

    since: float
    until: float
    name: str
    style: str


class Scale(Struct, frozen=True):
    """Maps values from `low` to `high` onto `start` to `end`, evenly or by their logarithm."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The place of a value; what lies outside is put at the edge."""
        value = min(max(value, self.low), self.high)
        if self.log:
            part = log10(value / self.low) / log10(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """Round values to be labelled."""
        if self.log:
            powers = range(ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9) + 1)
            return [10.0**power for power in powers]
        step = _nice((self.high - self.low) / 4)
        first = ceil(self.low / step - 1e-9)
        return [step * at for at in range(first, floor(self.high / step + 1e-9) + 1)]


def log_scale(values: Iterable[float], start: float, end: float) -> Scale:
    """Whole powers of ten around all positive values."""
    positive = [value for value in values if value > 0] or [1.0]
    low, high = floor(log10(min(positive))), ceil(log10(max(positive)))
    return Scale(10.0**low, 10.0 ** max(high, low + 1), start, end, log=True)


def even_scale(values: Iterable[float], start: float, end: float) -> Scale:
    """From zero (or the least, below it) to a round value over the most."""
    known = list(values)
    low, high = min([0.0, *known]), max([0.0, *known])
    if high - low < 1e-12:
        high = low + 1.0
    step = _nice((high - low) / 4)
    return Scale(floor(low / step) * step, ceil(high / step - 1e-9) * step, start, end)


def bars(key: str, title: str, desc: str, rows: Sequence[Bar]) -> str:
    """P95 bars on a logarithmic scale, each with its target (full) and threshold (dashed)."""
    height = _TOP + len(rows) * _BAR + _FOOT
    reach = [value for row in rows for value in (row.value, row.target, row.acceptable)]
    scale = log_scale(reach, _LABELS, WIDTH - _JUDGED - 6)
    parts = [_gridline(scale.at(tick), height, words.latency(tick)) for tick in scale.ticks()]
    for index, row in enumerate(rows):
        y = _TOP + index * _BAR
        parts.append(
            f'<text x="{_LABELS - 6}" y="{y + 14}" text-anchor="end">{escape(row.name)}</text>'
            f'<rect class="fill {row.style}" x="{_LABELS}" y="{y + 4}" height="12" '
            f'width="{max(scale.at(row.value) - _LABELS, 1):.1f}"/>'
            f'<path class="target" d="M{scale.at(row.target)} {y + 1}v18"/>'
            f'<path class="limit" d="M{scale.at(row.acceptable)} {y + 1}v18"/>'
            f'<text x="{WIDTH - _JUDGED}" y="{y + 14}">{escape(row.label)}</text>'
        )
    return _picture(key, title, desc, height, parts)


def lines(
    key: str,
    title: str,
    desc: str,
    drawn: Sequence[Line],
    since: float,
    until: float,
    said: _Said,
    *,
    log: bool = False,
    areas: Sequence[Area] = (),
    height: int = 170,
) -> str:
    """Lines over time (µs), with marked stretches behind them; a legend where there are several."""
    values = [value for line in drawn for _, value in line.points if value is not None]
    bottom = height - _FOOT
    scale = (log_scale if log else even_scale)(values, bottom, _TOP)
    across = Scale(since, max(until, since + 1), _LEFT, WIDTH - _RIGHT)
    parts = [_area(area, across, bottom) for area in areas]
    parts += [_level(scale.at(tick), said(tick)) for tick in scale.ticks()]
    parts += _times(across, height)
    parts += [_line(line, across, scale) for line in drawn]
    if len(drawn) > 1:
        parts += _legend([(line.name, line.style) for line in drawn])
    return _picture(key, title, desc, height, parts)


def spread(
    key: str,
    title: str,
    desc: str,
    points: Sequence[tuple[float, float, float, float]],
    since: float,
    until: float,
    said: _Said,
    height: int = 110,
) -> str:
    """A mean over time, with the stretch from least to most: (time, low, mean, high)."""
    bottom = height - _FOOT
    scale = even_scale((value for _, *three in points for value in three), bottom, _TOP)
    across = Scale(since, max(until, since + 1), _LEFT, WIDTH - _RIGHT)
    parts = [_level(scale.at(tick), said(tick)) for tick in scale.ticks()]
    parts += _times(across, height)
    parts += [
        f'<path class="range" d="M{across.at(time)} {scale.at(low)}V{scale.at(high) - 0.5:.1f}"/>'
        for time, low, _, high in points
    ]
    mean = Line("mean", "p50", tuple((time, middle) for time, _, middle, _ in points))
    parts.append(_line(mean, across, scale))
    return _picture(key, title, desc, height, parts)


def columns(
    key: str,
    title: str,
    desc: str,
    names: Sequence[tuple[str, str]],
    stacks: Sequence[tuple[float, Sequence[float]]],
    step: float,
    since: float,
    until: float,
    height: int = 170,
) -> str:
    """Stacked columns over time, `step` µs wide: `names` are (name, class) of the layers."""
    bottom = height - _FOOT
    scale = even_scale((sum(layers) for _, layers in stacks), bottom, _TOP)
    across = Scale(min(since, *(time for time, _ in stacks)), until, _LEFT, WIDTH - _RIGHT)
    ticks = [tick for tick in scale.ticks() if tick == round(tick)]
    parts = [_level(scale.at(tick), words.number(tick)) for tick in ticks]
    parts += _times(across, height)
    for time, layers in stacks:
        left, right = across.at(time), across.at(time + step)
        below = 0.0
        for (_, style), value in zip(names, layers, strict=True):
            if value:
                top = scale.at(below + value)
                parts.append(
                    f'<rect class="fill {style}" x="{left + 0.5:.1f}" y="{top}" '
                    f'width="{max(right - left - 1, 1):.1f}" height="{scale.at(below) - top:.1f}"/>'
                )
            below += value
    parts += _legend(names)
    return _picture(key, title, desc, height, parts)


def _picture(key: str, title: str, desc: str, height: int, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{key}-t {key}-d">'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(desc)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _gridline(x: float, height: int, label: str) -> str:
    return (
        f'<path class="grid" d="M{x} {_TOP}V{height - _FOOT}"/>'
        f'<text class="tick" x="{x}" y="{height - 8}" text-anchor="middle">{escape(label)}</text>'
    )


def _level(y: float, label: str) -> str:
    return (
        f'<path class="grid" d="M{_LEFT} {y}H{WIDTH - _RIGHT}"/>'
        f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
        f"{escape(label)}</text>"
    )


def _times(across: Scale, height: int) -> Iterator[str]:
    """Five times under the picture: with the date where the period is longer than two days."""
    span = across.high - across.low
    for part in range(5):
        time = across.low + span * part / 4
        anchor = ("start", "middle", "middle", "middle", "end")[part]
        text = words.moment(round(time))
        label = text[5:10] if span > 4 * 86_400e6 else text[5:] if part in {0, 4} else text[11:]
        yield (
            f'<text class="tick" x="{across.at(time)}" y="{height - 8}" '
            f'text-anchor="{anchor}">{escape(label)}</text>'
        )


def _line(line: Line, across: Scale, scale: Scale) -> str:
    path = []
    for known, run in groupby(line.points, key=lambda point: point[1] is not None):
        if known:
            places = [f"{across.at(time)} {scale.at(value or 0.0)}" for time, value in run]
            path.append("M" + "L".join(places) + ("h1" if len(places) == 1 else ""))
    return f'<path class="line {line.style}" d="{"".join(path)}"/>' if path else ""


def _area(area: Area, across: Scale, bottom: float) -> str:
    left = across.at(area.since)
    width = max(across.at(area.until) - left, 2.0)
    return (
        f'<rect class="area {area.style}" x="{left}" y="{_TOP}" width="{width:.1f}" '
        f'height="{bottom - _TOP:.1f}"><title>{escape(area.name)}</title></rect>'
    )


def _legend(names: Sequence[tuple[str, str]]) -> Iterator[str]:
    for (name, style), index in zip(names, count(), strict=False):
        x = _LEFT + 8 + index * 110
        yield (
            f'<path class="line {style} key" d="M{x} 8h18"/>'
            f'<text x="{x + 23}" y="12">{escape(name)}</text>'
        )


def _nice(step: float) -> float:
    power = 10.0 ** floor(log10(step))
    return next(power * at for at in (1, 2, 5, 10) if step <= power * at * (1 + 1e-9))
