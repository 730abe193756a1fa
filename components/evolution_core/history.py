"""Past actions, as the store keeps them: what was asked for, what became of it, and by whom.

Everything blocks for a query, and pages, so that no transaction stays open: not for the gate's
thread.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from components.actions import Action, Verdict, VerdictKind

PAGE = 500

By = Literal["person", "grant", "rule", "time", ""]
"""Who decided: a person, a person in advance, a rule, the end of its time; nobody yet."""

_action = msgspec.json.Decoder(Action).decode
_verdict = msgspec.json.Decoder(Verdict).decode


class Past(Struct, frozen=True, kw_only=True):
    """One past action, as it was allowed where a person changed it. `time` is µs since 1970 UTC.

    `operator` and `reason` are of the person who answered.
    """

    time: int
    action: Action
    verdict: VerdictKind | Literal[""] = ""
    by: By = ""
    operator: str = ""
    reason: str = ""

    @property
    def allowed_by_people(self) -> bool:
        """Whether a person allowed it, then or in advance."""
        return self.verdict == "allow" and self.by in {"person", "grant"}

    @property
    def denied_by_people(self) -> bool:
        """Whether a person denied it, then or in advance."""
        return self.verdict == "deny" and self.by in {"person", "grant"}


class Span(Struct, frozen=True):
    """Stored requests by their row numbers, both ends within; `since` is when the first came."""

    first: int = 1
    last: int = 0
    since: int = 0

    def __len__(self) -> int:
        return self.last - self.first + 1


def span(reader: sqlite3.Connection, since: int, most: int) -> Span:
    """The requests from `since` (µs) on, the newest `most` of them."""
    # Each by itself is the end of the table; both in one query would be a walk through all of it.
    ends = reader.execute(
        "SELECT (SELECT min(id) FROM requests), (SELECT max(id) FROM requests)"
    ).fetchone()
    if ends[1] is None:
        return Span()
    low, high = max(ends[0], ends[1] - most + 1), ends[1] + 1
    while low < high:  # rows come in the order of their times
        middle = (low + high) // 2
        found = _from(reader, middle)
        if found is not None and found[1] < since:
            low = found[0] + 1
        else:
            high = middle
    first = _from(reader, low)
    return Span(first[0], ends[1], first[1]) if first else Span()


def _from(reader: sqlite3.Connection, row_id: int) -> tuple[int, int] | None:
    sql = "SELECT id, received_at FROM requests WHERE id >= ? ORDER BY id LIMIT 1"
    row = reader.execute(sql, (row_id,)).fetchone()
    return None if row is None else (row[0], row[1] or 0)


def pages(
    reader: sqlite3.Connection, within: Span, tool: str = "", page: int = PAGE
) -> Iterator[tuple[int, list[Past]]]:
    """The past actions of a span, the newest first, in pages of so many rows.

    With `tool` only its actions are read, and a page may hold fewer actions than rows.
    """
    wanted = "AND json_extract(CAST(action AS TEXT), '$.tool') = :tool" if tool else ""
    sql = (
        "SELECT received_at, action, verdict FROM requests "  # noqa: S608 - of fixed strings
        f"WHERE id BETWEEN :low AND :high {wanted} ORDER BY id DESC"
    )
    for high in range(within.last, within.first - 1, -page):
        low = max(high - page + 1, within.first)
        rows = reader.execute(sql, {"low": low, "high": high, "tool": tool}).fetchall()
        yield high - low + 1, [_past(*row) for row in rows]


def answered(reader: sqlite3.Connection, shape: str, verdict: VerdictKind, most: int) -> list[Past]:
    """The newest actions of a shape (see `components.shape`) to which a person said so."""
    sql = (
        "SELECT r.received_at, r.action, r.verdict FROM experiences e JOIN requests r "
        "ON r.agent = e.agent AND r.request_id = e.request_id "
        "WHERE e.shape = ? AND e.verdict = ? AND e.decided_by = 'operator' "
        "ORDER BY e.id DESC LIMIT ?"
    )
    return [_past(*row) for row in reader.execute(sql, (shape, verdict, most))]


def tiers(reader: sqlite3.Connection, actions: Iterable[Action]) -> list[int]:
    """At which tiers some answered actions were decided, as the audit log has it."""
    # The plus keeps the agent's index from being taken: it would lead through all it ever did.
    sql = (
        "SELECT json_extract(leaf, '$.detail.tier') FROM audit_entries "
        "WHERE request_id = ? AND +agent = ? AND kind = 'verdict'"
    )
    rows = (reader.execute(sql, (action.id, action.agent)).fetchone() for action in actions)
    return [row[0] for row in rows if row and isinstance(row[0], int)]


def _past(time: int | None, action: bytes, verdict: bytes) -> Past:
    past = Past(time=time or 0, action=_action(action))
    if not verdict:
        return past
    found = _verdict(verdict)
    done = past.action
    if found.arguments is not None:
        done = replace(done, arguments=found.arguments)
    answer = found.decision or {}
    return replace(
        past,
        action=done,
        verdict=found.verdict,
        by=_by(found),
        operator=str(answer.get("operator", "")),
        reason=str(answer.get("reason", "")),
    )


def _by(verdict: Verdict) -> By:
    if verdict.rule.startswith("grant."):
        return "grant"
    if verdict.rule == "hitl.operator" and verdict.decision:
        return "person"
    return "time" if verdict.rule.startswith("hitl.") else "rule"
