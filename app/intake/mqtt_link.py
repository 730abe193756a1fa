"""An agent's way to a node over a broker: sent until it is answered, by the node and no other."""

import asyncio
import contextlib

from app.bridge.topics import Topics
from app.intake.link import ANSWER_S, Check, Link, NoNode, Request
from app.intake.mqtt import BrokerLink, Packet, Subscription, Target, ended
from app.intake.verdicts import Pin
from app.intake.wire import (
    STATUS_TYPE,
    BadMessage,
    ErrorReply,
    StatusReply,
    Submit,
    decode_reply,
    encode,
)
from components.clock import Clock
from components.keys import Unauthorised, open_dsse

_SHORT_S = 60
"""For how long a broker keeps what is no submission."""


class MqttLink(Link):
    """A connection to the broker of a node. The node's own word is its signed status.

    `check` judges that status; it raises `NoNode`. A status that has run out, or a will, means that
    no node is there.
    """

    def __init__(self, target: Target, pin: Pin, agent: str, check: Check, clock: Clock) -> None:
        super().__init__()
        self._pin = pin
        self._check = check
        self._clock = clock
        self._topics = Topics(pin.node)
        self._agent = agent
        self._response = self._topics.response(agent)
        self._where = f"{target.host}:{target.port}"
        self._broker = BrokerLink(
            target,
            (
                Subscription(self._topics.status, retained=True),
                Subscription(self._response),
            ),
            self._hear,
            self._tell,
            refused=self._refused,
        )
        self._running: asyncio.Task[None] | None = None
        self._status: StatusReply | None = None
        self._why = "no broker answers"
        self._told = asyncio.Event()

    async def connect(self) -> None:
        """Have a connection to a node that is there; `NoNode` if there is none."""
        if self._running is None:
            self._running = asyncio.create_task(self._broker.run())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                while not self._is_there():
                    self._told.clear()
                    await self._told.wait()
        if not self._is_there():
            raise NoNode(f"{self._pin.node} is not at {self._where}: {self._why}")

    async def close(self) -> None:
        """Hang up."""
        if self._running is not None:
            await ended(self._running)
            self._running = None

    async def _send(self, message: Request) -> None:
        await self.connect()
        packet = Packet(
            topic=self._topics.request(self._agent),
            payload=encode(message).removesuffix(b"\n"),
            correlation=message.request_id.encode(),
            expiry_s=self._expiry_s(message),
        )
        if not await self._broker.publish(packet):
            raise OSError("the broker did not take it")

    def _expiry_s(self, message: Request) -> int:
        if not isinstance(message, Submit):
            return _SHORT_S
        return max(1, (message.expires_at - self._clock.now()) // 1_000_000)

    def _is_there(self) -> bool:
        status = self._status
        return (
            self._broker.connected and status is not None and status.valid_until > self._clock.now()
        )

    def _tell(self, connected: bool, why: str) -> None:
        self._why = "it tells no status" if connected else why
        if not connected:
            self._status = None
            self._broken()
        self._told.set()

    def _refused(self, reason: str) -> None:
        """What the broker does not let through now, it will not let through in a moment."""
        self._fail(
            ErrorReply(code=403, reason=f"the broker refuses what {self._agent} sends: {reason}")
        )

    def _hear(self, packet: Packet) -> None:
        if packet.topic == self._topics.status:
            self._hear_status(packet.payload)
        elif packet.topic == self._response and not packet.retain:
            with contextlib.suppress(BadMessage):  # a reply that cannot be read is none
                self._deliver(decode_reply(packet.payload))

    def _hear_status(self, payload: bytes) -> None:
        self._told.set()
        before, self._status = self._status, None
        try:
            told = decode_reply(open_dsse(payload, STATUS_TYPE, self._pin.keys, self._clock.now()))
            if not isinstance(told, StatusReply):
                raise NoNode("it tells no status")
            self._check(told)
        except (Unauthorised, BadMessage):
            self._why = "it is offline"
        except NoNode as error:
            self._why = str(error)
        else:
            self._status = told
        if before is not None and self._status is None:
            self._broken()
