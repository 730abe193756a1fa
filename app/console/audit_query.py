"""The audit screen's filter line: `agent:coder verdict:deny since:2h rm`. Pure."""

from msgspec import structs

from app.cli.timespan import BadMoment, moment
from app.desk import AuditFilter

FIELDS = ("kind", "agent", "tool", "verdict", "operator", "since", "until")


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
    try:
        return moment(value, now)
    except BadMoment as error:
        raise BadQuery(str(error)) from None
