"""The Merkle tree as it lies in the store: leaves, and tiles in place of whole subtrees."""

import sqlite3

from components.audit_system.checkpoint import Checkpoint, read_checkpoint
from components.audit_system.errors import AuditProblem
from components.audit_system.merkle import TILE_BITS, Frontier, complete_root, leaf_hash


class StoredTree:
    """Finds the roots of ranges with a few hundred reads at most, however long the log is.

    Leaf hashes are computed from the leaves; tiles are taken as they are, so compare what comes
    out with a signed root.
    """

    def __init__(self, reader: sqlite3.Connection) -> None:
        self._reader = reader

    def frontier(self, size: int) -> Frontier:
        """The frontier of the tree of the first `size` leaves."""
        return self._gather(0, size)

    def root(self, start: int, end: int) -> bytes:
        """The root over the leaves from `start` up to `end`, as ranges of a proof have them."""
        return self._gather(start, end).root()

    def _gather(self, start: int, end: int) -> Frontier:
        frontier = Frontier()
        while start < end:
            level = (end - start).bit_length() - 1
            frontier.add(self._subtree(level, start >> level), level)
            start += 1 << level
        return frontier

    def _subtree(self, level: int, position: int) -> bytes:
        below = level % TILE_BITS
        base = level - below
        first, count = position << below, 1 << below
        hashes = self._tiles(base, first, count) if base else self._leaves(first, count)
        if len(hashes) != count:
            raise AuditProblem(
                f"the tree over entries {position << level} to {((position + 1) << level) - 1} "
                "is not complete in the store"
            )
        return complete_root(hashes)

    def _leaves(self, first: int, count: int) -> list[bytes]:
        rows = self._reader.execute(
            "SELECT CAST(leaf AS BLOB) FROM audit_entries WHERE seq >= ? AND seq < ? ORDER BY seq",
            (first, first + count),
        )
        return [leaf_hash(_bytes(leaf)) for (leaf,) in rows]

    def _tiles(self, level: int, first: int, count: int) -> list[bytes]:
        rows = self._reader.execute(
            "SELECT hash FROM merkle_tiles "
            "WHERE level = ? AND position >= ? AND position < ? ORDER BY position",
            (level, first, first + count),
        )
        return [_bytes(node) for (node,) in rows]


def _bytes(value: object) -> bytes:
    """A damaged page can turn a column into any type."""
    if not isinstance(value, bytes):
        raise AuditProblem("the store is damaged: run `assent audit verify`")
    return value


def leaf_of(reader: sqlite3.Connection, seq: int) -> bytes:
    """The leaf of entry `seq` as it is stored; raises `AuditProblem` where there is none."""
    row = reader.execute(
        "SELECT CAST(leaf AS BLOB) FROM audit_entries WHERE seq = ?", (seq,)
    ).fetchone()
    if row is None:
        raise AuditProblem(f"entry {seq} is missing from the store: run `assent audit verify`")
    return _bytes(row[0])


def size_of(reader: sqlite3.Connection) -> int:
    """The number of entries, as the last one has it."""
    (last,) = reader.execute("SELECT max(seq) FROM audit_entries").fetchone()
    return 0 if last is None else int(last) + 1


def newest_checkpoint(reader: sqlite3.Connection) -> Checkpoint | None:
    """The newest checkpoint, unverified; None while there is none. Raises `AuditProblem`."""
    row = reader.execute("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1").fetchone()
    if row and not isinstance(row[0], str):
        raise AuditProblem("the newest checkpoint is damaged")
    return read_checkpoint(row[0]) if row else None
