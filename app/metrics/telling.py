"""A node's figures as text, for whoever asks at the socket: made beside the gate's thread."""

import asyncio
from collections.abc import Callable

from prometheus_client.openmetrics.exposition import generate_latest

from app.metrics.exposition import Exposed, Told
from components.clock import Clock

FRESH_NS = 1_000_000_000
"""For so long a text is handed out again: figures are digested once a second, too."""


class Telling:
    """The text of what a source exposes. Used on one event loop."""

    def __init__(self, source: Callable[[], Exposed], clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._making = asyncio.Lock()
        self._text = ""
        self._made: int | None = None

    async def text(self) -> str:
        """The figures in the format of OpenMetrics, at most a second old.

        However many ask, one text is made at a time; it takes as long as some hundred actions.
        """
        async with self._making:
            if self._made is None or self._clock.monotonic() - self._made >= FRESH_NS:
                self._text = await asyncio.to_thread(self._make)
                self._made = self._clock.monotonic()
            return self._text

    def _make(self) -> str:
        text: str = generate_latest(Told(self._source())).decode()  # type: ignore[no-untyped-call]
        return text
