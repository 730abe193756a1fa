"""One pass over a log, a tile of 256 leaves at a time.

Each tile is first checked at full speed: hashes, sequence, chain. Only a tile that fails is
examined entry by entry, to say what is wrong and where.

The quick look finds `prev` and `seq` in a leaf's bytes without parsing: among a leaf's members
only `detail` holds objects, and it comes before both, so their last occurrence is the leaf's own.
A leaf made otherwise has another hash than the one that was signed.
"""

import sqlite3
from collections.abc import Callable, Sequence
from hashlib import sha256

from msgspec import Struct

from components.audit_system.checkpoint import Checkpoint
from components.audit_system.diagnosis import ROWS, Broken, Row, examine, unreadable
from components.audit_system.errors import Stopped
from components.audit_system.leaf import NO_LEAF
from components.audit_system.merkle import TILE_BITS, Frontier, complete_root, root_of
from storage import UNREADABLE

Progress = Callable[[int, int], bool]
"""Called with (done, total) entries; returns False to stop the work."""

_TILE = 1 << TILE_BITS
_PREV = b',"prev":"'  # nine characters, then 64 of the hash
_SEQ = b',"seq":%d,"time":|'


class Mark(Struct, frozen=True):
    """A signed root to compare on the way; `stored` or kept elsewhere."""

    checkpoint: Checkpoint
    stored: bool


class Walk:
    """Reads and checks `total` entries and compares the marks among them.

    The reader's texts must come as bytes.
    """

    def __init__(self, reader: sqlite3.Connection, total: int, marks: Sequence[Mark]) -> None:
        self._reader = reader
        self._total = total
        self._marks = sorted(marks, key=lambda mark: -mark.checkpoint.size)  # next one last
        self._newest = max((m.checkpoint.size for m in marks if m.stored), default=0)
        self._frontier = Frontier()
        self._prev = bytes.fromhex(NO_LEAF)
        self._vouched = 0  # size of the largest checkpoint that held so far
        self._odd_tile: Broken | None = None  # told at the end: an entry may be to blame

    def run(self, progress: Progress | None) -> bytes:
        """Check everything and return the root; raises `Broken` for the first thing wrong."""
        rows = self._reader.execute(ROWS, (0,))
        self._pass_marks([])
        while chunk := self._fetch(rows):
            self._tile(chunk)
            done = self._frontier.size
            if progress and not progress(done, self._total):
                raise Stopped(f"stopped after {done:,} of {self._total:,} entries, all well so far")
        self._finish()
        return self._frontier.root()

    def _fetch(self, rows: sqlite3.Cursor) -> list[Row]:
        try:
            return rows.fetchmany(_TILE)
        except UNREADABLE as error:
            raise unreadable(self._reader, self._frontier.size, error) from None

    def _tile(self, chunk: list[Row]) -> None:
        start = self._frontier.size
        hashes = quick_look(chunk, start, self._prev)
        if hashes is None:
            hashes = examine(chunk, start, self._prev.hex(), self._following, self._signed)
        self._pass_marks(hashes)
        self._prev = hashes[-1]
        if len(hashes) < _TILE:
            for leaf in hashes:
                self._frontier.add(leaf)
            return
        root = complete_root(hashes)
        self._compare_tile(TILE_BITS, start >> TILE_BITS, root)
        for tile in self._frontier.add(root, TILE_BITS):
            self._compare_tile(tile.level, tile.position, tile.hash)

    def _following(self, seq: int) -> Row | None:
        row: Row | None = self._reader.execute(ROWS + " LIMIT 1", (seq + 1,)).fetchone()
        return row

    def _signed(self, hashes: list[bytes]) -> bool:
        """Whether these further leaves end the log with the root of its newest checkpoint."""
        size = self._frontier.size + len(hashes)
        root = root_of(hashes, self._frontier).hex()
        newest = self._marks[0].checkpoint if self._marks else None
        return newest is not None and (newest.size, newest.root) == (size, root)

    def _pass_marks(self, hashes: list[bytes]) -> None:
        """Compare the checkpoints that lie within the next leaves."""
        start = self._frontier.size
        while self._marks and self._marks[-1].checkpoint.size <= start + len(hashes):
            mark = self._marks.pop()
            checkpoint = mark.checkpoint
            root = root_of(hashes[: checkpoint.size - start], self._frontier)
            if root.hex() != checkpoint.root:
                raise self._mismatch(mark)
            self._vouched = checkpoint.size

    def _mismatch(self, mark: Mark) -> Broken:
        size = mark.checkpoint.size
        if not mark.stored:
            return Broken(
                0,
                f"the log was rewritten: its first {size} entries are not those that the "
                "checkpoint kept elsewhere was signed for",
            )
        first = self._vouched
        if self._odd_tile and self._odd_tile.first_bad is not None:
            first = max(first, self._odd_tile.first_bad)
        return Broken(
            first,
            f"entries {first} to {size - 1} are not, or not all, those that the checkpoint of "
            f"size {size} was signed for",
        )

    def _compare_tile(self, level: int, position: int, root: bytes) -> None:
        row = self._reader.execute(
            "SELECT hash FROM merkle_tiles WHERE level = ? AND position = ?", (level, position)
        ).fetchone()
        if (row is None or row[0] != root) and self._odd_tile is None:
            first, last = position << level, ((position + 1) << level) - 1
            state = "is missing" if row is None else "is not theirs"
            self._odd_tile = Broken(
                first, f"the stored tree hash of entries {first} to {last} {state}"
            )

    def _finish(self) -> None:
        size = self._frontier.size
        (first,) = self._reader.execute("SELECT min(seq) FROM audit_entries").fetchone()
        if first is not None and first < 0:
            raise Broken(None, f"a row was added before the log's first entry: {first}")
        if self._marks:
            beyond = self._marks[0].checkpoint.size
            raise Broken(
                size,
                f"the log was cut: it ends before entry {size}, but a checkpoint was signed "
                f"for {beyond} entries",
            )
        if self._odd_tile:
            raise self._odd_tile
        if self._newest < size:
            raise Broken(
                self._newest,
                f"no checkpoint was signed for entry {self._newest} and those after it",
            )
        self._count_tiles(size)

    def _count_tiles(self, size: int) -> None:
        expected, span = 0, size >> TILE_BITS
        while span:
            expected, span = expected + span, span >> TILE_BITS
        (found,) = self._reader.execute("SELECT count(*) FROM merkle_tiles").fetchone()
        if found != expected:
            raise Broken(None, f"{found} tree hashes are stored where {expected} belong")


def quick_look(rows: Sequence[Row], start: int, prev: bytes) -> list[bytes] | None:
    """The leaf hashes of rows from `start` on, or None if they need a closer look."""
    seqs, leaves, stored = zip(*rows, strict=True)
    try:
        hashes = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
        places = [leaf.rfind(_PREV) for leaf in leaves]
    except (TypeError, AttributeError):
        return None  # SQLite gave something else than bytes
    named = b"".join([leaf[at + 9 : at + 73] for leaf, at in zip(leaves, places, strict=True)])
    expected = tuple(range(start, start + len(rows)))
    members = (_SEQ * len(expected) % expected).split(b"|")
    sound = (
        stored == tuple(hashes)
        and seqs == expected
        and named == b"".join([prev, *hashes[:-1]]).hex().encode()
        and min(map(bytes.find, leaves, members, places)) >= 0
    )
    return hashes if sound else None
