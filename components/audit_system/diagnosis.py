"""Says which entry is wrong, and how, once the quick look has found that something is."""

import sqlite3
from collections.abc import Callable, Sequence

from components.audit_system.errors import AuditProblem
from components.audit_system.leaf import LogEntry, decode_leaf
from components.audit_system.merkle import leaf_hash
from storage import UNREADABLE

Row = tuple[int, bytes, bytes]
"""A stored entry: sequence number, leaf, leaf hash."""

ROWS = "SELECT seq, leaf, leaf_hash FROM audit_entries WHERE seq >= ? ORDER BY seq"


class Broken(AuditProblem):
    """The log is not as it was signed; `first_bad` is the entry to blame, if one is."""

    def __init__(self, first_bad: int | None, why: str) -> None:
        super().__init__(why)
        self.first_bad = first_bad


def examine(
    rows: Sequence[Row],
    start: int,
    prev: str,
    following: Callable[[int], Row | None],
    signed: Callable[[list[bytes]], bool],
) -> list[bytes]:
    """The leaf hashes of rows that ought to begin at `start`, each looked at closely.

    `prev` is the hash of the leaf before them, `following(seq)` gives the row after `seq`, and
    `signed(hashes)` says whether these leaves from `start` on complete the log as it was signed.
    Raises `Broken` for the first row that is wrong.
    """
    hashes: list[bytes] = []
    for expected, row in enumerate(rows, start):
        entry = _read(row, expected)
        if entry.prev != prev:
            after = following(expected)
            if after is not None:
                sound = _names(after, row[2])
            else:
                sound = signed([*hashes[:-1], bytes.fromhex(entry.prev), row[2]])
            raise _unchained(expected, sound)
        prev = entry.leaf_hash
        hashes.append(row[2])
    return hashes


def _read(row: Row, expected: int) -> LogEntry:
    seq, leaf, stored = row
    if seq != expected:
        raise Broken(expected, f"entry {expected} is missing: after it comes {seq}")
    if not isinstance(leaf, bytes) or leaf_hash(leaf) != stored:
        raise Broken(seq, f"entry {seq} was altered: its content does not give its stored hash")
    try:
        entry = decode_leaf(leaf, stored.hex())
    except AuditProblem as problem:
        raise Broken(seq, f"entry {seq} was altered: {problem}") from None
    if entry.seq != seq:
        raise Broken(seq, f"in the place of entry {seq} stands entry {entry.seq}")
    return entry


def _unchained(seq: int, sound: bool) -> Broken:
    """Whom to blame where an entry does not name the hash of the one before it.

    If the entry itself is sound (the next one names its hash, or it was signed with the leaf that
    it names) then the one before it is not.
    """
    if seq and sound:
        return Broken(seq - 1, f"entry {seq - 1} was altered: entry {seq} followed another")
    return Broken(seq, f"entry {seq} was altered: it does not follow from the one before it")


def _names(row: Row, digest: bytes) -> bool:
    try:
        return decode_leaf(row[1], "").prev == digest.hex()
    except AuditProblem:
        return False


def unreadable(reader: sqlite3.Connection, start: int, error: Exception) -> Broken:
    """The first entry from `start` on that SQLite cannot read."""
    seq = start
    try:
        for row in reader.execute(ROWS, (start,)):
            seq = int(row[0]) + 1
    except UNREADABLE:
        pass
    return Broken(seq, f"the store cannot be read from entry {seq} on ({error})")
