"""The verifier: reads every leaf, and names the first entry that is not as it was signed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from components.audit_system.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from components.audit_system.diagnosis import Broken
from components.audit_system.errors import AuditProblem
from components.audit_system.stored import size_of
from components.audit_system.walk import Mark, Progress, Walk
from components.keys import VerifierKey, parse_verifier_key
from storage import UNREADABLE


class Verification(Struct, frozen=True, kw_only=True):
    """What came of verifying a log. `root` is hex, `checkpoint` the newest note.

    Where it does not hold, `why` is a sentence and `first_bad` the first sequence number that
    is wrong or no longer vouched for; None when no entry is to blame.
    """

    ok: bool
    entries: int = 0
    root: str = ""
    checkpoint: str = ""
    first_bad: int | None = None
    why: str = ""


def verify(
    reader: sqlite3.Connection,
    vkey: str | None,
    against: str | bytes | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Verify a whole log: every leaf, the chain, the tiles, every stored checkpoint.

    `vkey` is the verifier key that must have signed; with None signatures are not looked at.
    `against` is the note of a checkpoint kept elsewhere, which the log must extend. Reads one
    moment of the store, so that a node may go on writing. Raises `Stopped` when `progress` says
    so, and `KeyProblem` for a bad `vkey`; all else is told in the result.
    """
    known = None if vkey is None else parse_verifier_key(vkey)
    entries = 0
    try:
        with _one_moment(reader):
            entries = size_of(reader)
            stored = _stored_marks(reader, known)
            kept = [] if against is None else [_kept_mark(against, known)]
            root = Walk(reader, entries, [*stored, *kept]).run(progress)
        note = stored[-1].checkpoint.note if stored else ""
        return Verification(ok=True, entries=entries, root=root.hex(), checkpoint=note)
    except Broken as broken:
        return Verification(ok=False, entries=entries, first_bad=broken.first_bad, why=str(broken))
    except UNREADABLE as error:
        return Verification(ok=False, entries=entries, why=f"the store cannot be read ({error})")


@contextmanager
def _one_moment(reader: sqlite3.Connection) -> Iterator[None]:
    """One state of the store, texts as bytes: hashing needs no decoding, damage allows none."""
    factory = reader.text_factory
    reader.text_factory = bytes
    try:
        reader.execute("BEGIN")
        yield
    finally:
        reader.text_factory = factory
        if reader.in_transaction:
            reader.execute("ROLLBACK")


def _open(note: str | bytes, known: VerifierKey | None) -> Checkpoint:
    return open_checkpoint(note, known) if known else read_checkpoint(note)


def _stored_marks(reader: sqlite3.Connection, known: VerifierKey | None) -> list[Mark]:
    marks = []
    for size, note in reader.execute("SELECT size, note FROM checkpoints ORDER BY size"):
        try:
            checkpoint = _open(note if isinstance(note, bytes) else "", known)
        except AuditProblem as problem:
            raise Broken(None, f"the stored checkpoint of size {size}: {problem}") from None
        if checkpoint.size != size:
            raise Broken(None, f"the checkpoint of size {checkpoint.size} is stored as of {size}")
        marks.append(Mark(checkpoint, stored=True))
    return marks


def _kept_mark(note: str | bytes, known: VerifierKey | None) -> Mark:
    try:
        return Mark(_open(note, known), stored=False)
    except AuditProblem as problem:
        raise Broken(None, f"the checkpoint kept elsewhere: {problem}") from None
