"""Snapshots on their way to the consoles: when something changed, and as a sign of life."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

from msgspec.structs import replace

from app.node.node import Node
from app.remote.attached import Attached
from app.remote.sealing import Sealer
from app.remote.wire import Shot, encode
from components.views import Snapshot

Kind = Literal["item", "res"]
Publish = Callable[[str, Kind, bytes], None]

SHOT_NS = 500_000_000
SIGN_OF_LIFE_NS = 5_000_000_000


class Showing:
    """Sends the newest snapshot to each operator, not more often than every `SHOT_NS`.

    While what was published before is still `behind` none is made: the next will be newer.
    """

    def __init__(
        self, node: Node, sealer: Sealer, publish: Publish, behind: Callable[[], bool]
    ) -> None:
        self._engine = node.engine
        self._clock = node.clock
        self._sealer = sealer
        self._publish = publish
        self._behind = behind
        self._changed: Snapshot | None = None

    async def show(self, attached: Mapping[str, Attached]) -> None:
        """Send it to whom it is due; one call at a time."""
        now = self._clock.monotonic()
        ready = {name: one for name, one in attached.items() if now - one.shown_at >= SHOT_NS}
        if not ready or self._behind():
            return
        self._engine.refresh()
        snapshot = self._engine.snapshot
        if self._changed is None or _essence(self._changed) != _essence(snapshot):
            self._changed = snapshot
        due = [
            name
            for name, one in ready.items()
            if one.shown is not self._changed or now - one.shown_at >= SIGN_OF_LIFE_NS
        ]
        if not due:
            return
        # Beside the gate: it is as much work as some hundred verdicts.
        for name, envelopes in (await asyncio.to_thread(self._sealed, due, snapshot)).items():
            ready[name].shown, ready[name].shown_at = self._changed, now
            for envelope in envelopes:
                self._publish(name, "res", envelope)

    def _sealed(self, names: list[str], snapshot: Snapshot) -> dict[str, list[bytes]]:
        text = encode(Shot(snapshot)).decode()
        return {name: self._sealer.seal_text(name, "snapshot", text) for name in names}


def _essence(snapshot: Snapshot) -> Snapshot:
    """A snapshot without what changes at every look."""
    health = replace(snapshot.health, uptime_s=0.0, loop_lag_us=0.0)
    return replace(snapshot, seq=0, time=0, health=health)
