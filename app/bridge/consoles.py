"""Consoles elsewhere, joined to the broker: what they send goes to the gate, in order, and back."""

import asyncio
import contextlib
from concurrent.futures import Future
from typing import Literal

from app.bridge.requests import Publish
from app.bridge.topics import Origin, Topics
from app.intake.mqtt import Packet
from app.node.node import Node
from app.remote.consoles import TICK_S, Consoles

CONDITION = "consoles"

BEHIND = 64
"""While so many messages wait to be sent, no newer snapshots are added to them."""


class ConsolesAtBroker:
    """The consoles of one node. Of the bridge's loop; `Consoles` itself is on the gate's."""

    def __init__(self, node: Node, topics: Topics, publish: Publish) -> None:
        self._node = node
        self._topics = topics
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._going: asyncio.Queue[Packet] = asyncio.Queue()
        self._consoles: Consoles | None = None
        self._ticking: Future[None] | None = None

    async def run(self) -> None:
        """Send what is to be sent, one after the other, until cancelled."""
        self._ticking = self._node.call(self._tick())
        try:
            while True:
                # What cannot go is dropped: a console that is back says what it has.
                await self._publish(await self._going.get())
        finally:
            self._ticking.cancel()

    def hear(self, packet: Packet, origin: Origin) -> None:
        """Take a message of an operator's. What was planted to be kept is none."""
        if self._consoles is not None and origin.named and packet.qos and not packet.retain:
            self._node.call(self._consoles.hear(origin.principal, packet.payload))

    async def _tick(self) -> None:
        """On the gate's loop, for as long as it runs."""
        consoles = self._consoles = Consoles(self._node, self._take, self._behind)
        self._node.engine.listen(consoles.hear_event)
        try:
            while True:
                await asyncio.sleep(TICK_S)
                await self._look(consoles)
        finally:
            consoles.close()

    def _behind(self) -> bool:
        return self._going.qsize() > BEHIND

    async def _look(self, consoles: Consoles) -> None:
        report = self._node.engine.conditions.report
        try:
            await consoles.tick()
            report(CONDITION, "")
        except Exception as error:  # of one console or one decision; the others go on
            report(CONDITION, f"consoles elsewhere are told late: {error!r}")

    def _take(self, operator: str, kind: Literal["item", "res"], payload: bytes) -> None:
        """On the gate's loop: hand a message over to be sent."""
        topic = self._topics.item(operator) if kind == "item" else self._topics.result(operator)
        with contextlib.suppress(RuntimeError):  # the bridge has ended
            self._loop.call_soon_threadsafe(
                self._going.put_nowait, Packet(topic=topic, payload=payload)
            )
