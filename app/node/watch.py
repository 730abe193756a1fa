"""What the node watches of itself, once a second: store, log file, event loop."""

from components.monitor import Alerts
from storage import Store

WAL_LIMIT = 64 * 1024 * 1024
LAG_LIMIT_S = 0.25


class Watch:
    """Raises and clears the node's own alerts."""

    def __init__(self, store: Store, alerts: Alerts) -> None:
        self._store = store
        self._alerts = alerts
        self.lag_us = 0.0

    def tick(self, lag_s: float) -> None:
        """Look once. `lag_s` is by how much the gate's loop was late."""
        self.lag_us = lag_s * 1e6
        frozen = self._store.writer.frozen
        self.report("store-frozen", frozen and f"nothing can be recorded: {frozen}")
        wal = self._store.wal_bytes()
        self.report(
            "wal-large",
            f"the write-ahead log has {wal >> 20} MiB: a reader keeps it open"
            if wal > WAL_LIMIT
            else "",
        )
        self.report(
            "loop-slow", f"the gate was {lag_s * 1000:.0f} ms late" if lag_s > LAG_LIMIT_S else ""
        )

    def report(self, name: str, text: str) -> None:
        """Raise an alert, or clear it with an empty text."""
        if text:
            self._alerts.raise_(name, text)
        else:
            self._alerts.clear(name)
