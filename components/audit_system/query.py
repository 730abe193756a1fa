"""Reading the log: pages of entries, one entry, and the export."""

import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from components.audit_system.errors import AuditProblem, Stopped, readable
from components.audit_system.leaf import LogEntry, decode_leaf
from components.audit_system.stored import newest_checkpoint, size_of

_ROW = "SELECT seq, CAST(leaf AS BLOB), leaf_hash FROM audit_entries"
_EXACT = ("kind", "agent", "tool", "verdict", "operator", "request_id")
_INDEXED = ("agent", "request_id")
_ESCAPED = str.maketrans({"%": "^%", "_": "^_", "^": "^^"})
_MOST = 2**63  # SQLite's integers end here
_STEP = 1000  # entries between two reports of progress


class Query(Struct, frozen=True, kw_only=True):
    """Which entries are wanted; what is empty matches all.

    `text` is looked for in every string of an entry, ASCII letters of either case. `since` is
    included, `until` is not; both are µs since 1970 UTC.
    """

    kind: str = ""
    agent: str = ""
    tool: str = ""
    verdict: str = ""
    operator: str = ""
    request_id: str = ""
    text: str = ""
    since: int = 0
    until: int = 0


@readable()
def query(
    reader: sqlite3.Connection, wanted: Query, before: int | None = None, limit: int = 100
) -> list[LogEntry]:
    """At most `limit` entries, newest first, below sequence number `before`.

    For the next page pass the last one's `seq`. Raises `AuditProblem` where the log is damaged.
    """
    where, values = _conditions(wanted)
    if before is not None:
        where.append("seq < ?")
        values.append(before)
    rows = _select(reader, where, [*values, limit], "ORDER BY seq DESC LIMIT ?")
    return [_entry(row) for row in rows]


@readable()
def entry(reader: sqlite3.Connection, seq: int) -> LogEntry:
    """One entry; raises `AuditProblem` where there is none or it is damaged."""
    if 0 <= seq < _MOST:
        for row in _select(reader, ["seq = ?"], [seq], ""):
            return _entry(row)
    raise AuditProblem(f"there is no entry {seq}")


@readable()
def export(
    reader: sqlite3.Connection,
    wanted: Query,
    write: Callable[[str], object],
    progress: Callable[[int, int], bool] | None = None,
) -> int:
    """Write entries as JSON Lines, oldest first, then the newest checkpoint; returns their number.

    Each line is the leaf as it was hashed: SHA-256 over a zero byte and the line is its leaf hash.
    The last line is `{"checkpoint": note}`, or null for an empty log.
    """
    where, values = _conditions(wanted)
    count = 0
    reader.execute("BEGIN")
    try:
        total = size_of(reader)
        for row in _select(reader, where, values, "ORDER BY seq"):
            write(_entry(row).leaf + "\n")
            count += 1
            if progress and not count % _STEP and not progress(row[0] + 1, total):
                raise Stopped(f"stopped after {count:,} entries")
        newest = newest_checkpoint(reader)
    finally:
        reader.execute("ROLLBACK")
    write(msgspec.json.encode({"checkpoint": newest and newest.note}).decode() + "\n")
    if progress:
        progress(total, total)
    return count


def _conditions(wanted: Query) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    for name in _EXACT:
        if value := getattr(wanted, name):
            if name not in _INDEXED:  # looking for the bytes is quicker than parsing every leaf
                where.append("instr(leaf, ?)")
                values.append(f'"{name}":{msgspec.json.encode(value).decode()}')
            # A request is found by its own id: its agent's entries may be all there are.
            beside = "+" if name == "agent" and wanted.request_id else ""
            where.append(f"{beside}{name} = ?")
            values.append(value)
    for bound, value in (("time >= ?", wanted.since), ("time < ?", wanted.until)):
        if value:
            where.append(bound)
            values.append(value)
    if wanted.text:
        # The leaf as a whole is looked through first, for that is quick; then its strings alone.
        written = msgspec.json.encode(wanted.text).decode()[1:-1]
        where.append("leaf LIKE ? ESCAPE '^' AND json_valid(leaf)")
        where.append(
            "EXISTS (SELECT 1 FROM json_tree(leaf) AS part "
            "WHERE part.type = 'text' AND part.key IS NOT 'prev' AND part.atom LIKE ? ESCAPE '^')"
        )
        values += [f"%{part.translate(_ESCAPED)}%" for part in (written, wanted.text)]
    return where, values


def _select(
    reader: sqlite3.Connection, where: list[str], values: list[Any], tail: str
) -> sqlite3.Cursor:
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return reader.execute(f"{_ROW}{condition} {tail}", values)


def _entry(row: tuple[int, bytes, bytes]) -> LogEntry:
    seq, leaf, digest = row
    try:
        found = decode_leaf(leaf, digest.hex())
    except (AuditProblem, AttributeError, TypeError) as problem:
        raise AuditProblem(
            f"entry {seq} is damaged ({problem}): run `assent audit verify`"
        ) from None
    if found.seq != seq:
        raise AuditProblem(f"entry {seq} is damaged (it is {found.seq}): run `assent audit verify`")
    return found
