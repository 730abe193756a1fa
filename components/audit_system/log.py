"""The audit log's writing end: it takes part in every transaction of the store."""

import sqlite3

from msgspec import Struct
from nacl.signing import SigningKey

from components.actions import Receipt
from components.audit_system.checkpoint import Checkpoint, open_checkpoint, seal
from components.audit_system.errors import AuditProblem, readable
from components.audit_system.leaf import NO_LEAF, Entry, decode_leaf, encode_leaf
from components.audit_system.merkle import EMPTY_ROOT, Frontier, leaf_hash
from components.audit_system.stored import StoredTree, leaf_of, newest_checkpoint, size_of
from components.audit_system.verifier import verify
from components.clock import Clock
from components.keys import VerifierKey, parse_verifier_key, verifier_key
from components.monitor.footprint import Held, deep_size
from components.monitor.timer import Recorder, Recorders, Timed, Timer, untimed
from storage import Store, Tx

SPAN = 4096
"""Of the checkpoints in each span of that many entries the last is kept for good."""

_THIN_OUT = (
    "DELETE FROM checkpoints WHERE size / ?1 = ?2 / ?1 AND size = "
    "(SELECT size FROM checkpoints WHERE size < ?2 ORDER BY size DESC LIMIT 1)"
)


class _Tip(Struct, frozen=True):
    """Where the log ends: the frontier, the last leaf's hash (hex) and its time."""

    frontier: Frontier
    prev: str
    time: int


class AuditLog:
    """An append-only log of entries: chained, in a Merkle tree, each batch signed.

    `append` runs inside a job of the store's writer. All state advances on the writer thread and
    goes back exactly when the transaction fails; `head` may be read from any thread.
    """

    def __init__(self, store: Store, key: SigningKey, origin: str, clock: Clock) -> None:
        self.vkey = verifier_key(origin, key)
        self._vkey = parse_verifier_key(self.vkey)
        self._store = store
        self._key = key
        self._clock = clock
        self._head = self._seal(0, EMPTY_ROOT)
        self._sealed = self._before = self._head
        self._frontier = Frontier()
        self._prev = NO_LEAF
        self._time = 0
        self._undo = _Tip(Frontier(), NO_LEAF, 0)
        self._meters: tuple[Recorder, Recorder] | None = None
        self._verifying: Timed = untimed
        self._appended: list[int] = []  # ns, of the transaction under way
        self._signed: list[int] = []

    @classmethod
    def open(cls, store: Store, key: SigningKey, origin: str, clock: Clock) -> "AuditLog":
        """Take up the log of a store where it ended, and join the store's writer.

        `origin` names the log and its key. Raises `AuditProblem` where what is stored does not
        agree with the newest checkpoint: a log that was tampered with must not be extended.
        """
        log = cls(store, key, origin, clock)
        reader = store.reader()
        try:
            log._take_up(reader)
        finally:
            reader.close()
        store.writer.join(log)
        return log

    def measure(self, meter: Recorders) -> None:
        """Record what appending, sealing and verifying take from now on.

        An entry and a checkpoint count once they are durable, however often a transaction ran.
        """
        self._verifying = Timer(meter("audit_system.verify_chain"), self._clock)
        self._meters = (meter("audit_system.log_action"), meter("audit_system.merkle_root"))

    @property
    def head(self) -> Checkpoint:
        """The newest committed checkpoint; it never goes back. For an empty log: of size 0."""
        return self._head

    def footprint(self) -> Held:
        """The roots of the frontier, and of the one to go back to; no entry stays in memory."""
        held = deep_size(self._frontier, self._undo, self._head, self._sealed, self._before)
        return Held(len(self._frontier.nodes) + len(self._undo.frontier.nodes), held)

    def append(self, tx: Tx, entry: Entry) -> Receipt:
        """Record an entry in the job's transaction; call it on the writer thread only.

        The receipt holds once the transaction is committed. Raises `Malformed` for an entry that
        has no canonical form.
        """
        started = self._clock.monotonic()
        now = self._clock.now()
        seq = self._frontier.size
        leaf = encode_leaf(entry, seq, now, self._prev, now < self._time)
        digest = leaf_hash(leaf)
        tx.insert("audit_entries", (seq, leaf.decode(), digest))
        for tile in self._frontier.add(digest):
            tx.insert("merkle_tiles", (tile.level, tile.position, tile.hash))
        self._prev = digest.hex()
        self._time = now
        self._appended.append(self._clock.monotonic() - started)
        return Receipt(seq, self._prev)

    def reload(self) -> None:
        """Verify the whole stored log and take it up again; the check for thawing the store.

        Raises `AuditProblem` where it does not hold, or lacks what was committed.
        """
        reader = self._store.reader()
        try:
            trusted = self._head.note if self._head.size else None
            result = self._verifying(verify, reader, self.vkey, trusted)
            if not result.ok:
                raise AuditProblem(result.why)
            self._take_up(reader)
        finally:
            reader.close()

    # -- the store's participant -----------------------------------------------------------

    def begin(self) -> None:
        """A transaction begins: remember where the log stands."""
        self._before = self._head
        self._undo = _Tip(self._frontier.copy(), self._prev, self._time)
        self._appended.clear()
        self._signed.clear()

    def seal(self, tx: Tx) -> None:
        """Sign the batch's checkpoint into its transaction, if entries were appended."""
        size = self._frontier.size
        if size == self._undo.frontier.size:
            return
        started = self._clock.monotonic()
        sealed = self._seal(size, self._frontier.root())
        self._signed.append(self._clock.monotonic() - started)
        if self._before.size:
            tx.execute(_THIN_OUT, (SPAN, self._before.size))
        tx.insert("checkpoints", (size, sealed.note))
        self._sealed = sealed

    def committed(self) -> None:
        """The transaction is durable: the new checkpoint is the head."""
        self._head = self._sealed
        if self._meters is not None:
            for recorder, durations in zip(
                self._meters, (self._appended, self._signed), strict=True
            ):
                for duration in durations:
                    recorder.record(duration)

    def rolled_back(self) -> None:
        """The transaction did not take place: stand where the log stood before."""
        self._sealed = self._before
        self._start(self._undo)

    # -- inner -----------------------------------------------------------------------------

    def _start(self, tip: _Tip) -> None:
        self._undo = tip
        self._frontier = tip.frontier.copy()
        self._prev = tip.prev
        self._time = tip.time

    def _seal(self, size: int, root: bytes) -> Checkpoint:
        return seal(self._vkey.name, size, root, self._key)

    def _take_up(self, reader: sqlite3.Connection) -> None:
        reader.execute("BEGIN")  # one moment of the store, whatever is written meanwhile
        try:
            with readable():
                checkpoint, tip = _read_tip(reader, self._vkey)
        finally:
            reader.execute("ROLLBACK")
        if checkpoint is not None:
            self._head = self._sealed = self._before = checkpoint
        self._start(tip)


def _read_tip(reader: sqlite3.Connection, vkey: VerifierKey) -> tuple[Checkpoint | None, _Tip]:
    """Where the stored log ends, checked against its newest checkpoint."""
    size = size_of(reader)
    stored = newest_checkpoint(reader)
    if stored is None:
        if size:
            raise AuditProblem(f"the log has {size} entries but no checkpoint{_ADVICE}")
        return None, _Tip(Frontier(), NO_LEAF, 0)
    checkpoint = open_checkpoint(stored.note, vkey)
    if checkpoint.size != size:
        raise AuditProblem(
            f"the log has {size} entries, its newest checkpoint {checkpoint.size}{_ADVICE}"
        )
    frontier = StoredTree(reader).frontier(size)
    if frontier.root().hex() != checkpoint.root:
        raise AuditProblem(f"the log's entries are not those that were signed{_ADVICE}")
    last = leaf_of(reader, size - 1)
    digest = leaf_hash(last).hex()
    return checkpoint, _Tip(frontier, digest, decode_leaf(last, digest).time)


_ADVICE = ": run `assent audit verify`, and restore the store from a backup"
