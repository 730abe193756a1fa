"""An engine whose timers stand still: what is counted of it is what was asked of it, no more."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from app.node.engine import Engine
from app.node.identity import load_identity
from app.node.serving import RECORDED
from app.settings import Settings
from components.actions import Action, Outcome
from components.audit_system import AuditLog
from components.canonical import digest
from components.clock import ManualClock
from components.gate import Released, Submission
from storage import Store

_FAR = 4_000_000_000_000_000
AGENTS, FILES = 20, 50


class Still:
    """A gate with all that hears of it, over a real store; its clock moves when told to."""

    def __init__(self, store: Store) -> None:
        settings, self.clock = Settings(), ManualClock(1_700_000_000_000_000)
        self.identity = load_identity(store.home, settings, first=True)
        self.audit = AuditLog.open(store, self.identity.key, self.identity.node, self.clock)
        self.store = store
        self.engine = Engine(
            store, self.audit, self.identity, settings, self.clock, RECORDED, None
        )  # fmt: skip
        self._number = 0

    def actions(self, count: int) -> list[Action]:
        """So many new ones, which read some files: nobody is asked, and no rule objects."""
        first = self._number
        self._number += count
        return [
            Action(
                id=f"r-{number}",
                agent=f"agent-{number % AGENTS}",
                tool="read_file",
                arguments={"path": f"reports/{number % FILES}.txt"},
                request="summarise the reports of this week",
            )
            for number in range(first, first + count)
        ]

    async def submit(self, action: Action) -> Released:
        """Put one through the gate."""
        key = digest(self.identity.node, action.agent, action.tool, action.arguments)
        sub = Submission(action=action, digest=key, expires_at=_FAR)
        return await self.engine.gate.submit(sub)

    async def submit_all(self, actions: Sequence[Action]) -> list[Released]:
        """Put them through the gate at once."""
        return await asyncio.gather(*map(self.submit, actions))

    async def live_through(self, count: int, at_once: int = 100) -> None:
        """Actions that are done and reported, second by second, as in a node that works."""
        for start in range(0, count, at_once):
            done = self.actions(min(at_once, count - start))
            await self.submit_all(done)
            await asyncio.gather(*map(self.report, done))
            self.clock.advance(1)
            self.engine.monitor.tick()
            self.engine.refresh()
        await asyncio.to_thread(self.engine.evolution.flush)

    async def report(self, action: Action) -> None:
        """Tell that it succeeded."""
        await self.engine.gate.outcome(
            Outcome(request_id=action.id, agent=action.agent, status="succeeded", duration_us=5)
        )


@asynccontextmanager
async def still(store: Store) -> AsyncIterator[Still]:
    """An engine for the length of a test."""
    made = Still(store)
    try:
        yield made
    finally:
        made.engine._reader.close()
