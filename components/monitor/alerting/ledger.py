"""Alerts in the store: how they stand, for a restart; what happened, for people and reports."""

import sqlite3
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct, structs

from components.monitor.alerting.alert import Transition
from components.monitor.alerting.rules import Severity
from storage.tx import Tx

MOST_HISTORY = 100_000
"""Changes that are kept at most, whatever their age."""


class AlertSpan(Struct, frozen=True):
    """A span in which an alert fired, in µs since 1970.

    `until` is None while it still fires, `acknowledged_at` where nobody acknowledged it.
    """

    rule: str
    series: str
    severity: Severity
    text: str
    since: int
    until: int | None
    acknowledged_at: int | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Transition).decode


def save(tx: Tx, rows: Mapping[str, bytes], transitions: Iterable[Transition]) -> None:
    """Store what `AlertBook.dump` gave in place of what was there, and add what happened."""
    tx.execute("DELETE FROM alert_states")
    for key, body in rows.items():
        tx.insert("alert_states", (key, body))
    for one in transitions:
        state = one.after if one.kind == "phase" else one.kind
        tx.insert("alert_history", (None, one.time, one.rule, one.series, state, _encode(one)))


def load(reader: sqlite3.Connection) -> dict[str, bytes]:
    """What was saved last, for `AlertBook.restore`."""
    return dict(reader.execute("SELECT id, body FROM alert_states").fetchall())


def history(
    reader: sqlite3.Connection, before: int | None = None, limit: int = 200, since: int = 0
) -> list[Transition]:
    """What happened since a time and before another (µs; None for now), the latest first."""
    rows = reader.execute(
        "SELECT body FROM alert_history WHERE time >= ? AND time < ? "
        "ORDER BY time DESC, id DESC LIMIT ?",
        (since, _END if before is None else before, limit),
    )
    return [_decode(body) for (body,) in rows]


def page(
    reader: sqlite3.Connection, before: int | None, limit: int
) -> list[tuple[int, Transition]]:
    """What happened, numbered as it was recorded, below a number (None: from the newest)."""
    rows = reader.execute(
        "SELECT id, body FROM alert_history WHERE id < ? ORDER BY id DESC LIMIT ?",
        (_END if before is None else before, limit),
    )
    return [(number, _decode(body)) for number, body in rows]


def spans(reader: sqlite3.Connection, since: int, until: int) -> list[AlertSpan]:
    """The alerts that fired at any moment from `since` until `until`, the earliest first.

    Where the beginning of one was pruned, what its end says of it counts.
    """
    rows = reader.execute(
        "SELECT body FROM alert_history WHERE state IN ('firing', 'resolved', 'acknowledged') "
        "ORDER BY id"
    )
    begun: dict[str, AlertSpan] = {}
    found: list[AlertSpan] = []
    for (body,) in rows:
        one = _decode(body)
        span = begun.pop(one.id, None)
        if one.kind != "phase":
            if one.after == "firing":
                begun[one.id] = _acknowledged(span or _span(one, one.since), one.time)
        elif one.after == "firing":
            begun[one.id] = _span(one, one.time)
        else:
            span = span or _span(one, one.since)
            found.append(structs.replace(span, until=max(span.since, one.time)))
    found.extend(begun.values())
    found = [one for one in found if one.since < until and not _over(one, since)]
    return sorted(found, key=lambda one: (one.since, one.rule, one.series))


def prune(tx: Tx, before: int) -> None:
    """Forget what happened before a time, and whatever is too much.

    The beginning of an alert that still fires stays.
    """
    tx.execute(
        "DELETE FROM alert_history WHERE (time < ? OR id <= "
        "(SELECT max(id) FROM alert_history) - ?) AND id NOT IN (SELECT max(id) FROM "
        "alert_history WHERE state IN ('firing', 'resolved') GROUP BY rule, series "
        "HAVING state = 'firing')",
        (before, MOST_HISTORY),
    )


_END = 2**63 - 1


def _span(one: Transition, since: int) -> AlertSpan:
    return AlertSpan(one.rule, one.series, one.severity, one.text, since, None)


def _acknowledged(span: AlertSpan, time: int) -> AlertSpan:
    return span if span.acknowledged_at else structs.replace(span, acknowledged_at=time)


def _over(span: AlertSpan, since: int) -> bool:
    return span.until is not None and span.until < since
