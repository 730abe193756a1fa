"""The bridge of a node: one connection to a broker, on a thread of its own.

A broker that is slow, away or broken holds up nothing here: local work goes on, and what is for
elsewhere waits in the store or is told anew when the connection is back.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

import msgspec

from app.bridge.consoles import ConsolesAtBroker
from app.bridge.cosigning import Cosigning, Pace
from app.bridge.feed import AlertFeed, EventFeed, metrics_bodies
from app.bridge.requests import MAX_IN_FLIGHT, Requests
from app.bridge.topics import Topics
from app.bridge.twin import Twin
from app.bridge.witnesses import Witnesses
from app.broker.witnesses import witness_keys, witnessed_logs
from app.intake import wire
from app.intake.mqtt import (
    KEEP_ALIVE_S,
    TAKEN_OVER,
    BrokerLink,
    Packet,
    Subscription,
    Target,
    ended,
)
from app.node.node import Node
from components.gate import Event, Judged

CONDITION = "bridge"
TAKEOVER = "bridge-takeover"
DOWN = "bridge.down"

_EVENTS_S, _SECOND_S = 0.05, 1.0
_STOP_S = 5.0
_TAKEOVER_US = 600 * 1_000_000
_OFFLINE = b'{"v":1,"state":"offline"}'
_encode = msgspec.json.Encoder().encode


class Bridge:
    """Joins a running node to a broker. `start` it when the node runs, `stop` it before.

    Raises `BadWitness` where a key of `[mqtt] witnesses` or `witness_of` cannot be used.
    """

    def __init__(
        self,
        node: Node,
        target: Target,
        *,
        keep_alive_s: int = KEEP_ALIVE_S,
        pace: Pace = Pace(),  # noqa: B008 - frozen
    ) -> None:
        self._node = node
        self._engine = node.engine
        self._target = target
        self._keep_alive_s = keep_alive_s
        self._clock = node.clock
        self._topics = Topics(node.identity.node)
        self._events = EventFeed(node.identity.node)
        self._alerts = AlertFeed(node.identity.node)
        self._told_state = ""
        self._taken_over_at = 0
        self._twin = Twin(node, self._step_down)
        mqtt, home = node.settings.mqtt, node.home
        self._witnesses = Witnesses(node, witness_keys(mqtt, home), self._send, pace)
        self._cosigning = Cosigning(node, witnessed_logs(mqtt, home), self._send, pace)
        self._early: deque[Packet] = deque(maxlen=MAX_IN_FLIGHT)
        self._thread = threading.Thread(target=self._work, name="bridge", daemon=True)
        self._started: Future[None] = Future()
        self._stopping: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop
        self._link: BrokerLink
        self._requests: Requests
        self._consoles: ConsolesAtBroker

    def start(self) -> None:
        """Begin to connect; whether it succeeds is told by the node's conditions."""
        self._thread.start()
        self._started.result()
        self._engine.listen(self._hear_event)

    def stop(self) -> None:
        """Say that the node is offline, and hang up."""
        if self._stopping is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(_STOP_S)
        self._engine.conditions.report(CONDITION, "")

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        return self._link.connected

    @property
    def ignored(self) -> int:
        """How many messages were no requests, since they were kept by the broker, or could not be
        read as what a log or its witness says.
        """
        return self._requests.ignored + self._witnesses.ignored + self._cosigning.ignored

    @property
    def waiting(self) -> int:
        """How many verdicts are sent again from time to time."""
        return len(self._requests.outbox)

    def _work(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            if self._started.done():
                self._engine.conditions.report(CONDITION, f"the bridge failed: {error!r}")
                self._engine.monitor.gauge(DOWN, 1.0)
            else:
                self._started.set_exception(error)

    async def _main(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._link = BrokerLink(
            self._target,
            (
                *self._twin.subscriptions,  # first: it is heard before anything is answered
                Subscription(self._topics.requests),
                Subscription(self._topics.answers),
                *self._witnesses.subscriptions,
                *self._cosigning.subscriptions,
            ),
            self._hear,
            self._tell,
            will=Packet(topic=self._topics.status, payload=_OFFLINE, retain=True),
            keep_alive_s=self._keep_alive_s,
        )
        with contextlib.closing(self._node.store.steady_reader()) as reader:
            self._requests = Requests(
                self._topics,
                self._engine.answering,
                self._node.call,
                self._link.publish,
                reader,
                self._clock,
            )
            self._requests.resume()
            self._consoles = ConsolesAtBroker(self._node, self._topics, self._link.publish)
            self._started.set_result(None)
            await self._until_stopped(self._stopping)

    async def _until_stopped(self, stopping: asyncio.Event) -> None:
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(self._link.run()),
            asyncio.create_task(self._consoles.run()),
            asyncio.create_task(self._every(_EVENTS_S, self._tell_events)),
            asyncio.create_task(self._every(_SECOND_S, self._tell_figures)),
            asyncio.create_task(self._every(_SECOND_S, self._requests.resend)),
            asyncio.create_task(self._every(_SECOND_S, self._witnesses.step)),
            asyncio.create_task(self._every(_SECOND_S, self._cosigning.step)),
            asyncio.create_task(self._every(self._status_s(), self._tell_status)),
        ]
        stop: asyncio.Task[Any] = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait((*tasks, stop), return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
            await self._requests.stop()
            if not self._twin.is_there:  # else the status is the twin's
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await self._publish(self._topics.status, _OFFLINE, retain=True)
        finally:
            await ended(*tasks, stop)

    def _status_s(self) -> float:
        """Often enough that a broker that takes nothing is noticed in 1.5 keep-alive times."""
        return 0.6 * self._keep_alive_s

    # What comes from the broker.

    def _hear(self, packet: Packet) -> None:
        """What was kept for the node comes before its subscriptions hold: a twin's, perhaps."""
        if self._twin.hear(packet):
            return
        if self._link.connected:
            self._take(packet)
        else:
            self._early.append(packet)

    def _take(self, packet: Packet) -> None:
        if self._witnesses.hear(packet) or self._cosigning.hear(packet):
            return
        origin = self._topics.origin(packet.topic)
        if origin is not None and origin.kind == "req":
            self._requests.hear(packet, origin)
        elif origin is not None:
            self._consoles.hear(packet, origin)

    def _step_down(self) -> None:
        """The place at the broker is the twin's: that is no fault of the broker's."""
        for name in (CONDITION, TAKEOVER):
            self._engine.conditions.report(name, "")
        self._engine.monitor.gauge(DOWN, 0.0)
        assert self._stopping is not None
        self._stopping.set()

    def _tell(self, connected: bool, why: str) -> None:
        if self._twin.is_there:
            return
        conditions = self._engine.conditions
        self._engine.monitor.gauge(DOWN, 0.0 if connected else 1.0)
        where = f"{self._target.host}:{self._target.port}"
        cut_off = f"agents and consoles elsewhere are cut off: the broker at {where}: {why}"
        conditions.report(CONDITION, "" if connected else cut_off)
        if why == TAKEN_OVER:
            self._taken_over_at = self._clock.now()
            conditions.report(
                TAKEOVER, f"another client takes the node's place at {where}: find out who"
            )
        if connected:
            self._alerts.forget()
            self._witnesses.forget()
            while self._early:
                self._take(self._early.popleft())
            self._requests.start(self._tell_status())
            self._requests.start(self._requests.resend_all())

    # What comes from the node.

    def _hear_event(self, event: Event) -> None:
        """On the gate's thread."""
        self._events.add(event, self._clock.now())
        if isinstance(event, Judged) and event.decision is not None:
            with contextlib.suppress(RuntimeError):  # the bridge has ended; the store remembers
                self._loop.call_soon_threadsafe(
                    self._requests.decided, event.verdict.agent, event.verdict.request_id
                )

    async def _every(self, seconds: float, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            if self._link.connected:
                await step()

    async def _tell_events(self) -> None:
        for component, body in self._events.take():
            await self._publish(self._topics.events(component), body, qos=0)

    async def _tell_figures(self) -> None:
        if self._engine.state() != self._told_state:
            await self._tell_status()
        node, now = self._node.identity.node, self._clock.now()
        for component, body in metrics_bodies(node, now, self._engine.monitor.figures("10s")):
            await self._publish(self._topics.metrics(component), body, qos=0, retain=True)
        active, _ = self._engine.monitoring.alarms.shown()
        for name, body in self._alerts.changes(now, active):
            await self._publish(self._topics.alert(name), body, retain=True)

    async def _tell_status(self) -> None:
        identity, status = self._node.identity, self._engine.status()
        sealed = identity.seal(wire.STATUS_TYPE, _encode(status))
        if await self._publish(self._topics.status, sealed, retain=True):
            self._told_state = status.state
        if self._clock.now() - self._taken_over_at > _TAKEOVER_US:
            self._engine.conditions.report(TAKEOVER, "")

    async def _publish(
        self, topic: str, body: bytes, *, qos: int = 1, retain: bool = False
    ) -> bool:
        return await self._send(Packet(topic=topic, payload=body, qos=qos, retain=retain))

    async def _send(self, packet: Packet) -> bool:
        return await self._link.publish(packet)
