"""Figures in words: short, with their unit, the same in every form of a report."""

from datetime import UTC, datetime

NONE = "–"


def plural(count: int, one: str, many: str = "") -> str:
    """A number and its noun: `1 call`, `2,000 calls`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def number(value: float | None) -> str:
    """Three significant digits, thousands marked."""
    if value is None:
        return NONE
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def latency(us: float | None) -> str:
    """A duration in its best unit, three digits: `87.5 µs`, `1.2 ms`, `4 min`."""
    if us is None:
        return NONE
    if us < 999.5:
        return f"{us:.3g} µs"
    if us < 999_500:
        return f"{us / 1e3:.3g} ms"
    return span(us / 1e6)


def span(seconds: float) -> str:
    """A stretch of time: `45 s`, `12 min`, `3.5 h`, `2 days`."""
    if seconds < 119.5:
        return f"{seconds:.3g} s"
    if seconds < 7170:
        return f"{seconds / 60:.3g} min"
    if seconds < 172_500:
        return f"{seconds / 3600:.3g} h"
    return f"{seconds / 86_400:.3g} days"


def share(value: float | None) -> str:
    """A share of 0–1 in percent: three decimals where it is small."""
    if value is None:
        return NONE
    if 0 < value < 0.00001:
        return "< 0.001%"
    if value < 0.01:
        return f"{value:.3%}".replace(".000%", "%")
    return f"{value:.0%}" if value >= 0.9995 or value >= 0.1 else f"{value:.1%}"


def moment(us: int) -> str:
    """A time, in UTC."""
    try:
        return datetime.fromtimestamp(us / 1e6, UTC).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return f"{us} µs"


def listed(names: list[str], most: int = 4) -> str:
    """Names in a row, the rest as a number."""
    shown = names[:most]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else "none"
