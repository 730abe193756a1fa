"""Stops of everything, pauses of agents, and their ends: of what is ordered at once the last holds.

On the gate's thread, as all that operators do.
"""

import asyncio

from components.gate.core import Core
from components.gate.submission import Refusal


class Stops:
    """What operators stop and let go on."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._stopped_by: str | None = None  # who ordered a stop that is not recorded yet
        self._recording = asyncio.Lock()
        self._stops = self._resuming = 0
        self._pausing = asyncio.Lock()

    async def pause_agent(self, agent: str, operator: str, *, pause: bool) -> str:
        """Pause an agent, or resume it; 409 where it is so already. One at a time: the last holds.

        A pause that is asked for while the agent is being resumed comes after that.
        """
        async with self._pausing:
            if (agent in self._core.paused) is pause:
                state = "is paused" if pause else "was resumed"
                raise Refusal(409, f"{agent} {state} already")
            kind = "agent.paused" if pause else "agent.resumed"
            await self._core.commit(self._core.ledger.pause(agent, pause, kind, operator))
            (self._core.paused.add if pause else self._core.paused.discard)(agent)
            self._core.tell(kind, operator, agent)
        return f"{agent} is {'paused' if pause else 'resumed'}"

    async def stop_everything(self, operator: str) -> str:
        """Stop all intake and all approvals: at once, and recorded after. 409 where it is so.

        A resume that is being recorded meanwhile opens nothing any more.
        """
        if self._core.stopped and not self._resuming:
            raise Refusal(409, "everything is stopped already")
        self._stops += 1
        self._core.stopped, self._stopped_by = True, operator
        await self.record_stop()
        return "everything is stopped"

    async def resume_everything(self, operator: str) -> str:
        """Open the intake again: recorded first. 409 where it is open, or stopped meanwhile."""
        stops = self._stops
        self._resuming += 1
        try:
            async with self._recording:
                if not self._core.stopped:
                    raise Refusal(409, "everything is open already")
                if stops == self._stops:
                    await self._record_intake("intake.resumed", operator, paused=False)
                if stops != self._stops:
                    raise Refusal(409, "everything was stopped anew meanwhile")
                self._core.stopped, self._stopped_by = False, None
        finally:
            self._resuming -= 1
        return "intake is open again"

    async def record_stop(self) -> None:
        """Record a stop that is not recorded yet: a restart would open the intake again.

        Call it again and again, for when nothing could be recorded.
        """
        async with self._recording:
            if (operator := self._stopped_by) is not None:
                await self._record_intake("intake.stopped", operator, paused=True)
                self._stopped_by = None

    async def _record_intake(self, kind: str, operator: str, *, paused: bool) -> None:
        await self._core.commit(self._core.ledger.pause("", paused, kind, operator))
        self._core.tell(kind, operator)
