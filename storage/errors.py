"""What can go wrong with the store, and which of SQLite's errors means what.

Every error has a `code` (the wire protocol's, where it has one) and a sentence that says what to
do. Whatever the code, an error means that nothing was stored: deny.
"""

import sqlite3


class StoreError(Exception):
    """The store did not do what was asked; the message says why and what to do."""

    code = 500


class StoreFrozen(StoreError):  # noqa: N818 - the names say the state that the store is in
    """Writing is refused until the store has been verified: see `Writer.thaw`."""

    code = 423


class StoreFull(StoreError):  # noqa: N818
    """There is no room on the disk. Nothing was stored; writing works again when there is."""

    code = 507


class StoreBusy(StoreError):  # noqa: N818
    """Another process held the database for longer than the busy timeout."""

    code = 503


class StoreClosed(StoreError):  # noqa: N818
    """The writer has been closed: it came too late."""

    code = 503


class StoreLocked(StoreError):  # noqa: N818
    """Another process has opened this store for writing."""


class StoreForeign(StoreError):  # noqa: N818
    """The file is not a store of this program, or one of a newer version. It was left untouched."""


class StoreReadOnly(StoreError):  # noqa: N818
    """The file or its folder cannot be written."""


class StoreMissing(StoreError):  # noqa: N818
    """There is no store in this folder."""


UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged store raises; Python cannot always decode SQLite's own message of it."""

FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
BROKEN = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_INTERNAL,
    }
)
"""Primary result codes after which nobody knows what is on the disk."""


def classify(error: BaseException) -> StoreError | None:
    """The store's own error for one of SQLite's, or None when a statement is to blame.

    The extended code's low byte is the primary code. A wal-index that cannot grow for lack of
    room (`SQLITE_IOERR_SHMSIZE`) counts as a full disk: that file holds nothing durable.
    """
    extended = getattr(error, "sqlite_errorcode", None)
    if not isinstance(error, sqlite3.Error) or extended is None:
        return None
    primary, name = extended & 0xFF, error.sqlite_errorname
    if extended in FULL or primary in FULL:
        return StoreFull(f"The disk is full ({name}). Nothing was stored: make room, then retry.")
    if primary in BUSY:
        return StoreBusy(
            f"Another process holds the database ({name}). Nothing was stored: end that process, "
            "then retry."
        )
    if primary in BROKEN:
        return StoreFrozen(
            f"The disk failed or the file is damaged ({name}: {error}). Nothing more is written: "
            "check the disk, then verify the store and thaw it."
        )
    return None
