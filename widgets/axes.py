"""Scales and ticks: round numbers of time along one side, round figures along the other. Pure."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from widgets.cells import cell_len

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_TIME_STEPS = (
    10, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE,
    _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR,
    _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY,
)  # fmt: skip
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONDAY = 4 * _DAY
"""1970-01-05 was a Monday: steps of weeks begin on one."""


class Scale(NamedTuple):
    """From `low` to `high`; logarithmic where `log` is set, then `low` is above 0."""

    low: float
    high: float
    log: bool

    def place(self, value: float, steps: int) -> int:
        """Where `value` is among `steps` places from the bottom, those at the ends included."""
        if self.log:
            part = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return round(min(max(part, 0.0), 1.0) * (steps - 1))


def scale_for(values: Sequence[float], *, log: bool) -> Scale:
    """The scale that holds all of these values, between round figures."""
    known = [value for value in values if value > 0 and math.isfinite(value)]
    top = max(known, default=1.0)
    if not log:
        return Scale(0.0, _round_up(top * 1.02), log=False)
    low = _round_down(min(known, default=0.1))
    return Scale(low, max(_round_up(top), low * 10), log=True)


def ticks(scale: Scale, most: int) -> list[float]:
    """At most `most` round figures (1, 2 or 5 times a power of ten) on the scale, rising."""
    most = max(most, 2)
    if not scale.log:
        step = next(one for one in _steps(scale.high / most) if scale.high / one <= most - 1 + 1e-9)
        return [step * count for count in range(int(scale.high / step + 1e-9) + 1)]
    for each in ((1, 2, 5), (1, 3), (1,)):
        found = list(_decades(scale, each, 1))
        if len(found) <= most:
            return found
    decades = math.log10(scale.high / scale.low)
    return list(_decades(scale, (1,), math.ceil(decades / (most - 1))))


def _steps(above: float) -> Iterator[float]:
    power = math.floor(math.log10(above))
    while True:
        for each in (1, 2, 5):
            yield float(f"{each}e{power}")
        power += 1


def _decades(scale: Scale, each: tuple[int, ...], apart: int) -> Iterator[float]:
    low = math.log10(scale.low)
    first = math.floor(low + 1e-9) if apart == 1 else math.ceil(low - 1e-9)
    last = math.ceil(math.log10(scale.high) - 1e-9)
    for power in range(first, last + 1, apart):
        for one in each:
            if scale.low * 0.999 <= (value := float(f"{one}e{power}")) <= scale.high * 1.001:
                yield value


def _round_up(value: float) -> float:
    power = math.floor(math.log10(value))
    fine = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10)
    return next(round_ for one in fine if (round_ := float(f"{one}e{power}")) >= value * (1 - 1e-9))


def _round_down(value: float) -> float:
    power = math.floor(math.log10(value))
    return next(
        round_ for one in (5, 2, 1, 0.5) if (round_ := float(f"{one}e{power}")) <= value * 1.000001
    )


def duration_tick(microseconds: float) -> str:
    """A round duration without needless figures: `0`, `200 µs`, `1.5 ms`, `20 s`."""
    if microseconds <= 0:
        return "0"
    if microseconds < 1e3:
        return f"{microseconds:g} µs"
    if microseconds < 1e6:
        return f"{microseconds / 1e3:g} ms"
    return f"{microseconds / 1e6:g} s" if microseconds < 6e9 else f"{microseconds / 3.6e9:.2g} h"


def time_step(seconds: float, cells: int, apart: int = 11) -> int:
    """The least round step, in seconds, whose labels stand `apart` cells from each other."""
    wanted = math.ceil(seconds * apart / max(cells, 1))
    longest = _TIME_STEPS[-1]
    return next((step for step in _TIME_STEPS if step >= wanted), -(-wanted // longest) * longest)


def time_ticks(since: int, until: int, cells: int) -> list[tuple[int, str]]:
    """(cell, label) of round times in UTC between two times in µs, from the left.

    A time of day is `14:00`; midnight, and whatever is further apart than a day, is a date.
    """
    span = max(until - since, 1)
    step = time_step(span / 1e6, cells)
    offset = _MONDAY if step % (7 * _DAY) == 0 else 0
    at = -(-(since // 1_000_000 - offset) // step) * step + offset
    found: list[tuple[int, str]] = []
    while at * 1_000_000 < until:
        cell = (at * 1_000_000 - since) * cells // span
        if 0 <= cell < cells:
            found.append((cell, _time_label(at, step)))
        at += step
    return found


def _time_label(seconds: int, step: int) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    if seconds % _DAY == 0:
        return f"{_MONTHS[moment.month - 1]} {moment.day}"
    return f"{moment:%H:%M:%S}" if step < _MINUTE else f"{moment:%H:%M}"


def placed(labels: Sequence[tuple[int, str]], width: int) -> str:
    """Labels in one line, each centred on its cell and whole, those without room left out."""
    line = [" "] * width
    free = 0
    for cell, label in labels:
        size = cell_len(label)
        start = min(max(cell - size // 2, 0), width - size)
        if start < free or size > width:
            continue
        line[start : start + size] = label
        free = start + size + 1
    return "".join(line)
