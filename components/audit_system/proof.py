"""Proofs that need no store: an entry, its place in the tree, and a signed checkpoint.

The text is that of C2SP tlog-proof; the leaf travels as its extra data, so that the proof holds
the entry itself and not just its hash.
"""

import re
import sqlite3
from collections.abc import Sequence

from msgspec import Struct

from components.actions import Receipt
from components.audit_system import merkle
from components.audit_system.checkpoint import Checkpoint, open_checkpoint
from components.audit_system.errors import AuditProblem, BadProof, readable
from components.audit_system.leaf import LogEntry, decode_leaf
from components.audit_system.stored import StoredTree, leaf_of, newest_checkpoint
from components.keys import encoding, parse_verifier_key

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_LONGEST = 4 * 1024 * 1024  # characters


class Proved(Struct, frozen=True):
    """What a proof shows: the entry, and the signed checkpoint of the log that holds it."""

    entry: LogEntry
    checkpoint: Checkpoint


@readable()
def prove(reader: sqlite3.Connection, seq: int) -> str:
    """The proof that entry `seq` is in the log, under its newest checkpoint.

    Raises `AuditProblem` where there is no such entry or the store does not hold together.
    """
    checkpoint = _newest(reader)
    if not 0 <= seq < checkpoint.size:
        raise AuditProblem(f"there is no entry {seq}: the log has {checkpoint.size}")
    leaf = leaf_of(reader, seq)
    hashes = merkle.prove(merkle.inclusion_ranges(seq, checkpoint.size), StoredTree(reader).root)
    root = bytes.fromhex(checkpoint.root)
    if not merkle.verify_inclusion(merkle.leaf_hash(leaf), seq, checkpoint.size, hashes, root):
        raise AuditProblem(
            f"entry {seq} is not what the newest checkpoint was signed for: run `assent audit "
            "verify`"
        )
    lines = [_HEADER, f"extra {encoding.encode(leaf)}", f"index {seq}"]
    lines += map(encoding.encode, hashes)
    return "\n".join(lines) + "\n\n" + checkpoint.note


def check_proof(text: str | bytes, vkey: str, receipt: Receipt | None = None) -> Proved:
    """Check a proof with the log's verifier key alone.

    With the `receipt` of a verdict the proof must be of that very entry. Raises `BadProof`,
    `MalformedNote` or `UnknownSigner` (all `AuditProblem`), or `KeyProblem` for a bad `vkey`.
    """
    known = parse_verifier_key(vkey)
    leaf, index, hashes, note = _parse(text)
    checkpoint = open_checkpoint(note, known)
    digest = merkle.leaf_hash(leaf)
    root = bytes.fromhex(checkpoint.root)
    if not merkle.verify_inclusion(digest, index, checkpoint.size, hashes, root):
        raise BadProof(f"the proof does not show this entry at {index} in the signed log")
    entry = decode_leaf(leaf, digest.hex())
    if entry.seq != index:
        raise BadProof(f"the entry calls itself {entry.seq}, but stands at {index}")
    if receipt is not None and receipt != Receipt(index, digest.hex()):
        raise BadProof(f"the proof is of entry {index}, the receipt of entry {receipt.seq}")
    return Proved(entry, checkpoint)


@readable()
def consistency_proof(reader: sqlite3.Connection, old: int) -> list[bytes]:
    """The hashes showing that the log of `old` entries is the beginning of the newest one."""
    checkpoint = _newest(reader)
    if not 0 <= old <= checkpoint.size:
        raise AuditProblem(f"the log has {checkpoint.size} entries, fewer than {old}")
    ranges = merkle.consistency_ranges(old, checkpoint.size)
    return merkle.prove(ranges, StoredTree(reader).root)


def check_consistency(
    old: str | bytes, new: str | bytes, proof: Sequence[bytes], vkey: str
) -> None:
    """Check that the log of one checkpoint is the beginning of another's; raises `BadProof`.

    Both notes must be signed by `vkey` (`MalformedNote`, `UnknownSigner`).
    """
    known = parse_verifier_key(vkey)
    before, after = open_checkpoint(old, known), open_checkpoint(new, known)
    roots = bytes.fromhex(before.root), bytes.fromhex(after.root)
    if not merkle.verify_consistency(before.size, after.size, *roots, proof):
        raise BadProof(
            f"the log of {after.size} entries does not continue the one of {before.size}"
        )


def _newest(reader: sqlite3.Connection) -> Checkpoint:
    checkpoint = newest_checkpoint(reader)
    if checkpoint is None:
        raise AuditProblem("the log is empty: nothing has been signed yet")
    return checkpoint


def _parse(text: str | bytes) -> tuple[bytes, int, list[bytes], str]:
    """Leaf, index, hashes and checkpoint of a proof; every byte must have its place."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError:
            raise BadProof("the proof is not UTF-8") from None
    if len(text) > _LONGEST:
        raise BadProof(f"the proof is longer than {_LONGEST:,} characters")
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or len(lines) < 3 or lines[0] != _HEADER:
        raise BadProof(f"not a proof: it begins with {_HEADER}, leaf and index")
    keyword, _, leaf = lines[1].partition(" ")
    index = _INDEX.fullmatch(lines[2])
    if keyword != "extra" or index is None:
        raise BadProof("not a proof of an entry: its second line is the leaf, its third the index")
    if len(lines) - 3 > merkle.LONGEST_PROOF:
        raise BadProof(f"{len(lines) - 3} hashes; no log needs over {merkle.LONGEST_PROOF}")
    try:
        return encoding.decode(leaf), int(index[1]), [*map(encoding.decode, lines[3:])], note
    except ValueError as error:
        raise BadProof(f"a line of the proof is {error}") from None
