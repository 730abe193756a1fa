"""SQLite: the schema, the one writer, read-only connections. Rows and bytes in and out.

`open_store` gives a process the store of a home; `Store.writer` makes jobs durable, several in
one synced transaction; `LoopWriter` awaits them on an event loop. `open_reader` reads beside it.
"""

from storage.connect import STORE_NAME, check_writable
from storage.errors import (
    UNREADABLE,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreForeign,
    StoreFrozen,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
)
from storage.health import integrity, wal_reset_range
from storage.loop import LoopWriter
from storage.schema import WAITING
from storage.steady import SteadyReader
from storage.store import Store, open_reader, open_store
from storage.tx import Job, Participant, Tx
from storage.wal import LARGE as WAL_LARGE
from storage.writer import Writer

__all__ = [
    "STORE_NAME",
    "UNREADABLE",
    "WAITING",
    "WAL_LARGE",
    "Job",
    "LoopWriter",
    "Participant",
    "SteadyReader",
    "Store",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "StoreForeign",
    "StoreFrozen",
    "StoreFull",
    "StoreLocked",
    "StoreMissing",
    "StoreReadOnly",
    "Tx",
    "Writer",
    "check_writable",
    "integrity",
    "open_reader",
    "open_store",
    "wal_reset_range",
]
