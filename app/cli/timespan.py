"""Times as people write them: `90s`, `15m`, `2h`, `3d`, `1w` ago, or a date."""

import argparse
import re
from datetime import UTC, datetime

_SPAN = re.compile(r"([0-9]{1,6})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class BadMoment(ValueError):  # noqa: N818 - what somebody typed
    """The text says no time; the message says what would."""


def moment(text: str, now: int) -> int:
    """The time that a text means, in µs since 1970.

    A time ago (`30m`, `2h`, `7d`) counts back from `now` (µs). A date or date and time is ISO
    8601, in UTC unless it has an offset. Raises `BadMoment`.
    """
    if ago := _SPAN.fullmatch(text):
        return max(now - int(ago[1]) * _SECONDS[ago[2]] * 1_000_000, 0)
    try:
        found = datetime.fromisoformat(text)
        return round(found.replace(tzinfo=found.tzinfo or UTC).timestamp() * 1e6)
    except (ValueError, OverflowError):
        raise BadMoment(f"{text}: a date such as 2026-03-01, or a time ago such as 2h") from None


def moment_argument(text: str) -> int:
    """`moment`, for a command line: as a `type` of `argparse`, counting back from this second."""
    from components.clock import SystemClock

    try:
        return moment(text, SystemClock().now())
    except BadMoment as error:
        raise argparse.ArgumentTypeError(str(error)) from None
