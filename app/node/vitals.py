"""How the gate's thread is: its lateness, what is in flight, what waits for people."""

import asyncio
from collections.abc import Callable

from app.node.learning import Learning
from components.actions import Decision
from components.clock import Clock
from components.evolution_core import EvolutionCore
from components.gate import Core
from components.hitl import Policies
from storage import Store

BEAT_S = 0.1
_LOOKED_AT = 1_000
"""Waiting decisions that are looked at for the oldest and the overdue; the most urgent first."""


class Vitals:
    """`beat` and `look` run on the gate's thread; `gauges` are read on the monitor's."""

    def __init__(
        self,
        record_lag: Callable[[int], None],
        core: Core,
        evolution: EvolutionCore,
        policies: Policies,
        store: Store,
        clock: Clock,
        learning: Learning,
    ) -> None:
        self._record_lag = record_lag
        self._core, self._evolution, self._policies = core, evolution, policies
        self._store, self._clock, self._learning = store, clock, learning
        self._beat_at = clock.monotonic()
        self._queue: dict[str, float] = {}
        self.lag_us = 0.0

    async def beat(self) -> None:
        """Wake ten times a second, and record by how much each time was too late."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT_S
            await asyncio.sleep(BEAT_S)
            late_s = max(loop.time() - due, 0.0)
            self._record_lag(round(late_s * 1e9))
            self._beat_at, self.lag_us = self._clock.monotonic(), late_s * 1e6

    def look(self) -> None:
        """Count what waits for people."""
        queue, now = self._core.queue, self._clock.now()
        first = queue.pending(_LOOKED_AT)
        oldest = min((decision.created_at for decision in first), default=now)
        self._queue = {
            "hitl.waiting": len(queue),
            "hitl.overdue": sum(self._overdue(decision, now) for decision in first),
            "hitl.oldest_wait_s": max(now - oldest, 0) / 1e6,
        }

    def _overdue(self, decision: Decision, now: int) -> bool:
        """Whether its class's time is over, also where it is held, or went to the next tier."""
        return now > decision.created_at + self._policies.of(decision.priority).wait_us

    def gauges(self) -> dict[str, float]:
        """What is known by now."""
        core, writer = self._core, self._store.writer
        return {
            **self._queue,
            "gate.silent_s": (self._clock.monotonic() - self._beat_at) / 1e9,
            "gate.in_flight": core.in_flight,
            "storage.queued": writer.queued(),
            "store.experiences_buffered": self._evolution.pending(),
            "audit.frozen": float(bool(writer.frozen)),
            **self._learning.gauges(),
        }
