"""The node's side: operators at consoles elsewhere, attached for as long as they renew it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from msgspec import Raw

from app.deeds import Deed
from app.desk import DeskError
from app.node.node import Node
from app.node.service import DeskService, Who
from app.remote.admission import Admission, Turned
from app.remote.attached import Attached
from app.remote.duty import Duty
from app.remote.sealing import Sealer, TooLong
from app.remote.showing import Publish, Showing
from app.remote.wire import (
    MOST_OFFERED,
    Command,
    Failed,
    Message,
    Offered,
    Result,
    Stream,
    Sync,
    Synced,
    Withdrawn,
    Working,
    encode,
)
from components.gate import Event
from components.keys import TrustedKey

TICK_S = 0.25
"""How often `tick` wants to be called."""

MOST_ATTACHED = 64
MOST_UNDER_WAY = 32
"""So much one operator may have asked for at once."""

WORKERS = 4
ITEMS_A_TICK = 16
"""Few, because the gate waits while they are signed."""

_WORKING_NS = 1_000_000_000


class Consoles:
    """All consoles elsewhere of one run of a node. Made and used on the gate's thread.

    `publish(operator, kind, payload)` takes a message for the topic `op/{operator}/{kind}`; it
    returns at once. What it is given is in order, and is to stay so. `behind` tells whether much of
    that still waits to be sent.
    """

    def __init__(
        self, node: Node, publish: Publish, behind: Callable[[], bool] = lambda: False
    ) -> None:
        self._node = node
        self._engine = node.engine
        self._clock = node.clock
        self._publish = publish
        self._service = DeskService(node)
        identity = node.identity
        self.epoch = node.engine.status().epoch
        self._sealer = Sealer(identity.node, identity.key, self.epoch, node.clock)
        self._admission = Admission(identity.node, self.epoch, identity.keyring, node.clock)
        self._duty = Duty(node, self._service)
        # Of their own, so that long work for consoles keeps none of the node's own waiting.
        self._workers = ThreadPoolExecutor(WORKERS, "consoles")
        self._changed: set[str] = set()
        self._showing = Showing(node, self._sealer, publish, behind)

    # What comes.

    async def hear(self, operator: str, payload: bytes) -> None:
        """Take one message from the topic of `operator`, and publish what is to be said to it.

        Returns when the command is carried out; start it as a task, for some take minutes. Commands
        are admitted in the order in which the tasks begin.
        """
        try:
            command, deed, key = self._admission.admit(operator, payload)
        except Turned as turned:
            self._say(operator, "result", Failed(turned.id, turned.code, turned.reason))
            return
        try:
            answer: Message = Result(command.id, Raw(encode(await self._done(command, deed, key))))
            self._say(operator, "result", answer)
        except TooLong as error:
            self._say(operator, "result", Failed(command.id, 413, str(error)))
        except DeskError as error:
            self._say(operator, "result", Failed(command.id, error.code, str(error)))
        except Exception as error:  # the operator must hear of it, whatever it was
            failed = Failed(command.id, 500, f"it failed: {type(error).__name__}")
            self._say(operator, "result", failed)

    async def _done(self, command: Command, deed: Deed, key: TrustedKey) -> Any:
        if isinstance(deed, Sync):
            observer = (await self._duty.sync(deed, key)).observer
            return Synced(key.tier, observer, self._sealer.numbers(key.principal))
        attached = self._duty.attached.get(key.principal)
        if attached is None or attached.key.key_id != key.key_id:
            raise DeskError("this console is not attached; nothing was done, look again")
        if deed.changes and attached.observer:
            raise DeskError(f"{key.principal} only observes here; nothing was done", 403)
        if attached.under_way >= MOST_UNDER_WAY:
            raise DeskError("too much at once; wait for what is under way", 429)
        attached.under_way += 1
        try:
            if deed.blocks:
                return await self._ask(command, deed, attached)
            return await self._service.do(deed, Who(key.principal, key.key_id, key.tier))
        finally:
            attached.under_way -= 1

    async def _ask(self, command: Command, deed: Deed, attached: Attached) -> Any:
        """Work on a thread of its own; the console hears that it goes on, and may be gone."""
        loop, told, operator = asyncio.get_running_loop(), 0, command.operator

        def progress(done: int, total: int) -> bool:
            nonlocal told
            now = self._clock.monotonic()
            if now - told >= _WORKING_NS:
                told = now
                message = Working(command.id, done, total)
                loop.call_soon_threadsafe(self._say, operator, "result", message)
            return attached.here

        work = partial(self._service.ask, deed, progress, thaw=not attached.observer)
        return await loop.run_in_executor(self._workers, work)

    def close(self) -> None:
        """Nobody is attached any more; what works for them stops."""
        self._duty.close()
        self._workers.shutdown(wait=False, cancel_futures=True)

    # What is told.

    def hear_event(self, event: Event) -> None:
        """Take one event of the gate: what waits, or no longer does, is told at once."""
        decision = getattr(event, "decision", None)
        if decision is None or not self._duty.attached:
            return
        if not self._changed:  # not within the gate's own step
            asyncio.get_running_loop().call_soon(self._tell_changed)
        self._changed.add(decision.id)

    def _tell_changed(self) -> None:
        changed, self._changed = self._changed, set()
        for name, one in self._duty.attached.items():
            for decision_id in changed:
                if message := one.offers.one(decision_id, self._engine.policy):
                    self._offer(name, one, message)

    async def tick(self) -> None:
        """Detach who is gone or trusted no more, offer what is missing, show the newest snapshot.

        To be called every `TICK_S`, one call at a time.
        """
        await self._duty.look()
        if not self._duty.attached:
            return
        first, problem = self._engine.queue.pending(MOST_OFFERED), None
        for name, one in tuple(self._duty.attached.items()):
            try:
                for message in one.offers.news(first, self._engine.policy, ITEMS_A_TICK):
                    self._offer(name, one, message)
                    await asyncio.sleep(0)
            except Exception as error:  # of this one; the others are told all the same
                problem = error
        await self._showing.show(self._duty.attached)
        if problem is not None:
            raise problem

    def _offer(self, operator: str, one: Attached, message: Offered | Withdrawn) -> None:
        """Tell of a decision; one that is too long for it is told as just that."""
        try:
            self._say(operator, "item", message)
        except TooLong:
            assert isinstance(message, Offered), "what is withdrawn is short"
            self._say(operator, "item", one.offers.too_long(message.view.id))

    def _say(self, operator: str, stream: Stream, message: Message) -> None:
        for envelope in self._sealer.seal(operator, stream, message):
            self._publish(operator, "item" if stream == "item" else "res", envelope)
