"""The epoch of a node: a number that only grows, so that of two runs the later one is believed.

Every start has a higher one than all before it in the same home. A home restored from a backup
begins years ahead, so that the one it was copied from, started again, stays behind.
"""

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from app.intake.wire import STATUS_TYPE
from components.clock import Clock
from components.keys import Keyring, Unauthorised, open_dsse

if TYPE_CHECKING:  # agents remember epochs, and load no store for it
    from storage import Store, Tx

LEAP_US = 10 * 366 * 86_400 * 1_000_000
"""How far a restored home's epoch is ahead of the clock."""

_KEY = "epoch"


def advance(store: "Store", clock: Clock, ahead_us: int = 0) -> int:
    """The next epoch of a home, which is durable when this returns. Raises `StoreError`."""

    def job(tx: "Tx") -> int:
        row = tx.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
        epoch = max((int(row[0]) if row else 0) + 1, clock.now() + ahead_us)
        tx.execute(
            "INSERT INTO meta (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (_KEY, str(epoch)),
        )
        return epoch

    return store.writer.run(job)


class Epochs:
    """What somebody who talks to nodes remembers: the highest epoch that each has shown."""

    def __init__(self) -> None:
        self._highest: dict[str, int] = {}

    def accept(self, node: str, epoch: int) -> bool:
        """Whether a node of this name and epoch may be believed; a lower one than known may not."""
        if epoch < self._highest.get(node, 0):
            return False
        self._highest[node] = epoch
        return True


class _Told(Struct, frozen=True):
    """What of a status matters here."""

    node: str
    epoch: int


def superseded(node: str, own_epoch: int, seen: bytes, keyring: Keyring, now: int) -> bool:
    """Whether a status shows that this node runs elsewhere with a higher epoch: then step down.

    `keyring` holds the node's own key: what is not signed with it at `now` (µs since 1970 UTC)
    shows nothing.
    """
    try:
        told = msgspec.json.decode(open_dsse(seen, STATUS_TYPE, keyring, now), type=_Told)
    except (Unauthorised, msgspec.DecodeError, UnicodeDecodeError):
        return False
    return told.node == node and told.epoch > own_epoch
