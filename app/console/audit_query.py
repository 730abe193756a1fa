"""The audit screen's filter line: `agent:coder verdict:deny since:2h rm`. Pure."""

import re
from datetime import UTC, datetime

from msgspec import structs

from app.desk import AuditFilter

FIELDS = ("kind", "agent", "tool", "verdict", "operator", "since", "until")
_SPAN = re.compile(r"([0-9]{1,6})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class BadQuery(ValueError):  # noqa: N818 - what the operator typed
    """The filter cannot be read; the text says what is wrong."""


def parse_query(text: str, now: int) -> AuditFilter:
    """The filter that a line means; words without a field are looked for in the text.

    `since` and `until` take a date (`2026-03-01`, UTC), or a time ago (`30m`, `2h`, `7d`) before
    `now` (µs).
    """
    fields: dict[str, str | int] = {}
    words: list[str] = []
    for word in text.split():
        name, colon, value = word.partition(":")
        if not colon or name not in FIELDS:
            words.append(word)
        elif name in {"since", "until"}:
            fields[name] = _when(value, now)
        else:
            fields[name] = value
    return structs.replace(AuditFilter(), text=" ".join(words), **fields)


def _when(value: str, now: int) -> int:
    if ago := _SPAN.fullmatch(value):
        return max(now - int(ago[1]) * _SECONDS[ago[2]] * 1_000_000, 0)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise BadQuery(f"{value}: a date such as 2026-03-01, or a time ago such as 2h") from None
    return round(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1e6)
