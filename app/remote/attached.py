"""One operator who is attached: by which key, until when, and what their consoles hold."""

from app.remote.offers import Offers
from components.keys import TrustedKey
from components.views import Snapshot


class Attached:
    """A lease (`until`, ns, monotonic) and what goes with it. `since` is µs since 1970 UTC.

    `shown` is the last snapshot that was sent, at `shown_at` (ns, monotonic).
    """

    def __init__(
        self, key: TrustedKey, observer: bool, offers: Offers, since: int, until: int
    ) -> None:
        self.key = key
        self.observer = observer
        self.offers = offers
        self.since = since
        self.until = until
        self.under_way = 0
        self.shown: Snapshot | None = None
        self.shown_at = 0
        self.here = True

    def renew(self, until: int) -> None:
        """The console was heard."""
        self.until = until

    def leave(self) -> None:
        """It is gone; read by threads that work for it."""
        self.here = False
