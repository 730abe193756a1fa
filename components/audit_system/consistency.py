"""Consistency proofs as text, so that they can be carried to a witness.

The form is that of the head of C2SP tlog-witness's request: `old` and the size, then the hashes.
"""

import re
import sqlite3
from collections.abc import Iterable
from hashlib import sha256

from msgspec import Struct

from components.audit_system import merkle
from components.audit_system.checkpoint import Checkpoint
from components.audit_system.errors import AuditProblem, BadProof, readable
from components.audit_system.proof import consistency_proof
from components.audit_system.stored import newest_checkpoint
from components.keys import encoding

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_LONGEST = 16 * 1024  # bytes; 63 hashes have 2,800


class Consistency(Struct, frozen=True):
    """Shows that the tree of the first `old` entries is the beginning of a larger one."""

    old: int = 0
    hashes: tuple[bytes, ...] = ()

    def __str__(self) -> str:
        lines = f"old {self.old}", *map(encoding.encode, self.hashes)
        return "".join(f"{line}\n" for line in lines)


def parse_consistency(text: str | bytes) -> Consistency:
    """Read a proof in the form that `str` gives it. Raises `BadProof`."""
    if len(text) > _LONGEST:
        raise BadProof(f"the proof is longer than {_LONGEST:,} bytes")
    try:
        lines = (text.decode("ascii") if isinstance(text, bytes) else text).split("\n")
    except UnicodeDecodeError:
        raise BadProof("the proof is not ASCII") from None
    old = _OLD.fullmatch(lines[0])
    if old is None or lines[-1]:
        raise BadProof("not a consistency proof: it begins with `old` and a size")
    if len(lines) - 2 > merkle.LONGEST_PROOF:
        raise BadProof(f"{len(lines) - 2} hashes; no log needs over {merkle.LONGEST_PROOF}")
    try:
        hashes = tuple(map(encoding.decode, lines[1:-1]))
    except ValueError as error:
        raise BadProof(f"a line of the proof is {error}") from None
    if any(len(node) != sha256().digest_size for node in hashes):
        raise BadProof("a line of the proof is no hash")
    return Consistency(int(old[1]), hashes)


def newest_from(reader: sqlite3.Connection, old: int) -> tuple[Checkpoint, Consistency]:
    """The newest checkpoint, and the proof that it continues the log of `old` entries.

    Both of one moment of the store. Raises `AuditProblem`.
    """
    checkpoint, proofs = newest_from_each(reader, (old,))
    if old not in proofs:
        raise AuditProblem(f"the log has {checkpoint.size} entries, fewer than {old}")
    return checkpoint, proofs[old]


def newest_from_each(
    reader: sqlite3.Connection, sizes: Iterable[int]
) -> tuple[Checkpoint, dict[int, Consistency]]:
    """As `newest_from`, with a proof for each of these sizes that the log has reached."""
    with readable():
        reader.execute("BEGIN")
        try:
            checkpoint = newest_checkpoint(reader)
            if checkpoint is None:
                raise AuditProblem("the log is empty: nothing has been signed yet")
            return checkpoint, {
                old: Consistency(old, tuple(consistency_proof(reader, old)))
                for old in sizes
                if old <= checkpoint.size
            }
        finally:
            reader.execute("ROLLBACK")
