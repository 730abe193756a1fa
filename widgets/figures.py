"""Figures for people: durations, rates, shares, countdowns, bars and sparklines. All pure."""

from datetime import UTC, datetime

_BLOCKS = "▁▂▃▄▅▆▇█"
_EMPTY = "·"


def duration(microseconds: float | None) -> str:
    """Three figures and a unit, at most seven cells: `870 µs`, `4.21 ms`, `1.5 s`, `3 min`."""
    if microseconds is None:
        return "–"
    if microseconds < 999.5:
        return f"{_three(microseconds)} µs"
    if microseconds < 999_500:
        return f"{_three(microseconds / 1e3)} ms"
    if microseconds < 99.5e6:
        return f"{_three(microseconds / 1e6)} s"
    return span(microseconds / 1e6)


def _three(value: float) -> str:
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def span(seconds: float) -> str:
    """A coarse length of time: `45 s`, `12 min`, `3 h 20`, `2 d 4 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02}"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def countdown(until_us: int, now_us: int) -> str:
    """Time left as `m:ss` or `h:mm:ss`, rounded up, `now` when it is over."""
    left = -((now_us - until_us) // 1_000_000)
    if left <= 0:
        return "now"
    minutes, seconds = divmod(left, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 100:
        return f"{hours // 24} d"
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def rate(per_second: float) -> str:
    """A rate in at most six cells: `0`, `0.4`, `312`, `12.4k`."""
    if per_second <= 0:
        return "0"
    if per_second < 9.95:
        return f"{per_second:.1f}"
    if per_second < 9_999.5:
        return f"{per_second:.0f}"
    return f"{per_second / 1e3:.1f}k" if per_second < 999_950 else f"{per_second / 1e6:.1f}M"


def share(value: float | None) -> str:
    """A share of one as a percentage: `0`, `0.3%`, `12%`; small ones never round to nothing."""
    if value is None:
        return "–"
    percent = value * 100
    if percent <= 0:
        return "0"
    if percent < 0.1:
        return "<0.1%"
    return f"{percent:.1f}%" if percent < 9.95 else f"{percent:.0f}%"


def clock(microseconds: int) -> str:
    """The time of day in UTC, `14:03:22`."""
    return _utc(microseconds).strftime("%H:%M:%S")


def moment(microseconds: int) -> str:
    """Date and time in UTC, `2026-03-01 14:03:22`."""
    return _utc(microseconds).strftime("%Y-%m-%d %H:%M:%S")


def _utc(microseconds: int) -> datetime:
    return datetime.fromtimestamp(min(max(microseconds, 0), 253_402_300_799_000_000) / 1e6, UTC)


def bar(value: float, width: int) -> str:
    """A score from 0 to 1 as a bar of `width` cells."""
    full = round(min(max(value, 0.0), 1.0) * width)
    return "▰" * full + "▱" * (width - full)


def sparkline(history: tuple[float, ...], width: int) -> str:
    """The newest values, oldest first, in `width` cells; a dot where nothing ran.

    Where there are more values than cells, each cell shows the highest of its share.
    """
    if width <= 0:
        return ""
    values = _squeezed(history, width)
    top = max(values, default=0.0)
    if top <= 0:
        return _EMPTY * width
    marks = "".join(
        _BLOCKS[min(int(value / top * 7.999), 7)] if value > 0 else _EMPTY for value in values
    )
    return " " * (width - len(marks)) + marks


def _squeezed(values: tuple[float, ...], width: int) -> tuple[float, ...]:
    if len(values) <= width:
        return values
    step = -(-len(values) // width)
    first = len(values) % step
    groups = ([values[:first]] if first else []) + [
        values[at : at + step] for at in range(first, len(values), step)
    ]
    return tuple(max(group) for group in groups)
