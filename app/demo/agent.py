"""One agent at work: plan, ask, act only on a leave that holds, report what truly came of it."""

import asyncio
from collections.abc import Mapping
from random import Random

from app.demo.planning import Mind, Step
from app.demo.sandbox import Sandbox
from app.demo.tools import Done, Tool, carry_out
from app.intake.client import Client, NoNode, Permission

_PAUSE_S = (0.4, 1.4)  # between steps
_PATIENCE_S = 0.6  # then the agent turns to something else while the step goes on
_CALM_FROM = 2  # with that many steps out it begins nothing bad
_MOST_OUT = 4  # with that many it waits
_LONGEST_WAIT_S = 180.0
_NO_NODE_PAUSE_S = 1.5
_TIDY_EVERY = 200
_CLAIMED_FIRST = frozenset({"delete_file", "send_message", "http_post", "record_decision"})


class Worker:
    """An agent with its mind, its tools and its sandbox, at the node of its client."""

    def __init__(
        self, client: Client, mind: Mind, tools: Mapping[str, Tool], sandbox: Sandbox, rng: Random
    ) -> None:
        self._client = client
        self._mind = mind
        self._tools = tools
        self._sandbox = sandbox
        self._rng = rng

    async def run(self, pace: float) -> None:
        """Work until cancelled; what still waits is then withdrawn. `pace` 2 is twice as fast."""
        out: set[asyncio.Task[None]] = set()
        try:
            while True:
                step = self._mind.next(calm=len(out) >= _CALM_FROM)
                task = asyncio.create_task(self._take(step))
                out.add(task)
                await asyncio.wait({task}, timeout=_PATIENCE_S / pace)
                if len(out) >= _MOST_OUT:
                    await asyncio.wait(out, return_when=asyncio.FIRST_COMPLETED)
                for ended in [task for task in out if task.done()]:
                    out.remove(ended)
                    ended.result()
                await asyncio.sleep(self._rng.uniform(*_PAUSE_S) / pace)
        finally:
            for task in out:
                task.cancel()
            await asyncio.gather(*out, return_exceptions=True)
            await self._client.close()

    async def _take(self, step: Step) -> None:
        done = None
        try:
            leave = await self._client.ask(step.action, timeout_s=_LONGEST_WAIT_S)
            if leave.allowed:
                done = await self._act(leave)
        except NoNode:
            await asyncio.sleep(_NO_NODE_PAUSE_S)
        self._mind.learn(step, done)

    async def _act(self, leave: Permission) -> Done:
        if leave.tool in _CLAIMED_FIRST and not await self._client.consume(leave):
            done = Done("skipped", 0, "the leave could not be claimed")
        else:
            done = await asyncio.to_thread(carry_out, self._tools, leave.tool, leave.arguments)
        await self._client.outcome(leave, done.status, done.duration_us, done.detail)
        if self._rng.randrange(_TIDY_EVERY) == 0:
            await asyncio.to_thread(self._sandbox.tidy)
        return done
