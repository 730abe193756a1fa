"""Real stores with real logs, and hands that tamper with them."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from nacl.signing import SigningKey

from components.actions import Receipt
from components.audit_system import AuditLog, Entry, Verification, verify
from components.audit_system.checkpoint import seal
from components.audit_system.merkle import Frontier, leaf_hash
from components.canonical import canonical
from components.clock import ManualClock
from components.keys import verifier_key
from storage import STORE_NAME, Store, open_reader, open_store

KEY = SigningKey(b"k" * 32)
OTHER_KEY = SigningKey(b"o" * 32)
ORIGIN = "node-1"
VKEY = verifier_key(ORIGIN, KEY)


def an_entry(number: int) -> Entry:
    """Entries of several kinds, some with details that look like a leaf's own members."""
    detail: dict[str, Any] = {}
    if number % 3 == 0:
        detail = {"a": 1, "prev": "0" * 64, "seq": 7, "time": 1, "text": 'x,"prev":"y" ☃'}
    return Entry(
        kind="request" if number % 2 else "verdict",
        agent=f"agent-{number % 4}",
        request_id=f"request-{number}",
        tool="shell" if number % 5 else "sql",
        digest="d" * 64,
        verdict="" if number % 2 else "allow",
        rules=("r1", "r2") if number % 2 else (),
        safety=number % 1001,
        detail=detail,
    )


class Home:
    """A home with a store that can be opened, filled, closed and tampered with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store = open_store(self.folder)
        return self._store

    def open(self, key: SigningKey = KEY, origin: str = ORIGIN) -> AuditLog:
        return AuditLog.open(self.store, key, origin, self.clock)

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def fill(
        self,
        count: int,
        *,
        batch: int = 50,
        key: SigningKey = KEY,
        origin: str = ORIGIN,
        make: Callable[[int], Entry] = an_entry,
    ) -> list[str]:
        """Append entries, a batch a transaction; the notes of the checkpoints, then closed."""
        log = self.open(key, origin)
        notes = []
        first = log.head.size
        for start in range(first, first + count, batch):
            numbers = range(start, min(start + batch, first + count))
            self.store.writer.run(
                lambda tx, numbers=numbers: [log.append(tx, make(n)) for n in numbers]
            )
            self.clock.advance(1)
            notes.append(log.head.note)
        self.close()
        return notes

    def append(self, log: AuditLog, *entries: Entry) -> list[Receipt]:
        """Append entries in one transaction."""
        return self.store.writer.run(lambda tx: [log.append(tx, entry) for entry in entries])

    @contextmanager
    def _tampering(self) -> Iterator[sqlite3.Connection]:
        self.close()
        connection = sqlite3.connect(self.folder / STORE_NAME)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            with connection:
                yield connection
        finally:
            connection.close()

    def sql(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """What somebody with the file and a shell can do."""
        with self._tampering() as connection:
            return connection.execute(statement, parameters).fetchall()

    def leaves(self, first: int = 0) -> list[bytes]:
        rows = self.sql(
            "SELECT CAST(leaf AS BLOB) FROM audit_entries WHERE seq >= ? ORDER BY seq", (first,)
        )
        return [leaf for (leaf,) in rows]

    def leaf(self, seq: int) -> bytes:
        return self.leaves(seq)[0]

    def rewrite(self, first: int, *leaves: bytes) -> None:
        """Replace leaves and their stored hashes."""
        with self._tampering() as connection:
            connection.executemany(
                "UPDATE audit_entries SET leaf = CAST(? AS TEXT), leaf_hash = ? WHERE seq = ?",
                [(leaf, leaf_hash(leaf), seq) for seq, leaf in enumerate(leaves, first)],
            )

    def forge(self, first: int, **changes: Any) -> None:
        """Change entry `first` and chain all after it anew, as somebody without the key can."""
        forged: list[bytes] = []
        for leaf in self.leaves(first):
            members = msgspec.json.decode(leaf)
            members |= {"prev": leaf_hash(forged[-1]).hex()} if forged else changes
            forged.append(canonical(members))
        self.rewrite(first, *forged)

    def reseal(self, key: SigningKey = KEY, origin: str = ORIGIN) -> None:
        """Replace tiles and checkpoints, as the holder of a key can."""
        frontier, tiles = Frontier(), []
        for leaf in self.leaves():
            tiles += frontier.add(leaf_hash(leaf))
        note = seal(origin, frontier.size, frontier.root(), key).note
        with self._tampering() as connection:
            connection.execute("DELETE FROM merkle_tiles")
            connection.executemany(
                "INSERT INTO merkle_tiles VALUES (?, ?, ?)",
                [(tile.level, tile.position, tile.hash) for tile in tiles],
            )
            connection.execute("DELETE FROM checkpoints")
            connection.execute("INSERT INTO checkpoints VALUES (?, ?)", (frontier.size, note))

    def verify(self, vkey: str | None = VKEY, against: str | None = None) -> Verification:
        reader = open_reader(self.folder)
        try:
            return verify(reader, vkey, against)
        finally:
            reader.close()
