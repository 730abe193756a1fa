"""A console's way to a node over a broker."""

import asyncio
import contextlib
import threading
from collections.abc import Callable

from app.bridge.topics import Topics
from app.intake.mqtt import BrokerLink, Packet, Subscription, Target, ended

_CLOSE_S = 2.0


class MqttConsoleLink:
    """Implements `app.remote.link.ConsoleLink`, on a thread of its own."""

    def __init__(self, target: Target, node: str, operator: str) -> None:
        topics = Topics(node)
        self._target = target
        self._answers = topics.answer(operator)
        self._subscriptions = (
            Subscription(topics.item(operator)),
            Subscription(topics.result(operator)),
        )
        self._heard: Callable[[bytes], None] = lambda _: None
        self._going: asyncio.Queue[bytes]
        self._loop: asyncio.AbstractEventLoop
        self._broker: BrokerLink
        self._work: asyncio.Task[None]
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"link-{node}", daemon=True)
        self._thread.start()
        self._ready.wait()

    @property
    def connected(self) -> bool:
        """Whether messages can be sent now."""
        return self._broker.connected

    def listen(self, heard: Callable[[bytes], None]) -> None:
        """Have every message from the node handed over, on the link's thread."""
        self._heard = heard

    def send(self, payload: bytes) -> None:
        """Send; returns at once. Raises `OSError` while there is no broker."""
        if not self.connected:
            raise OSError("the broker is not there")
        self._loop.call_soon_threadsafe(self._going.put_nowait, payload)

    def close(self) -> None:
        """Send what is left, for a moment, and hang up."""
        with contextlib.suppress(RuntimeError):
            asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        self._thread.join(2 * _CLOSE_S)

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._going = asyncio.get_running_loop(), asyncio.Queue()
        self._broker = BrokerLink(self._target, self._subscriptions, self._hear, lambda *_: None)
        self._work = asyncio.create_task(self._send_all())
        running = asyncio.create_task(self._broker.run())
        self._ready.set()
        try:
            await self._work
        finally:
            await ended(running)

    async def _send_all(self) -> None:
        while True:
            payload = await self._going.get()
            await self._broker.publish(Packet(topic=self._answers, payload=payload))
            self._going.task_done()

    async def _end(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await self._going.join()
        self._work.cancel()

    def _hear(self, packet: Packet) -> None:
        if not packet.retain:
            self._heard(packet.payload)
