"""A connection to an MQTT 5 broker that mends itself; the only room that knows the MQTT client.

The client acknowledges a message before anybody has seen it, so what comes is handed over at once,
in the client's own callback: no queue stands between that could be lost with a connection.
"""

import asyncio
import logging
import math
import random
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, cast

import aiomqtt
from msgspec import Struct
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from app.intake.pulse import Pulse

CONTENT_TYPE = "application/vnd.assent.v1+json"
KEEP_ALIVE_S = 15
LARGEST_PACKET = 576 * 1024
"""Room for the longest reply, and for a request that is too long to be told so."""

SESSION_S = 86_400
_AT_ONCE = 16
_SILENCE = 0.6
_OUTGOING = 256
"""Messages on their way out at once; more wait for their turn."""
_NODELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Without it a round trip at QoS 1 takes 40 ms and more."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 4.0
TAKEN_OVER = "another client took this one's place"
_TAKEN_OVER = 0x8E
_SHORT_S, _CUTS, _TAKEN_PAUSE_S = 30.0, 3, 15.0
_CANCEL_AGAIN_S = 1.0
_WILL_DELAY_S = 1
"""Who takes a session over at once finds what was said there last, not that nobody is left."""
_chance = random.SystemRandom()

_log = logging.getLogger("assent.mqtt")
_log.addHandler(logging.NullHandler())
_log.propagate = False  # what matters is told to `tell`; the terminal is the console's


class Target(Struct, frozen=True, kw_only=True):
    """A broker and who we are there.

    `tls` makes the context for a connection, each time anew, since certificates are renewed; it may
    raise `OSError`, and gives None for a broker without TLS. `session_s` is for how many seconds
    the broker keeps what is for us while we are away.
    """

    host: str
    port: int
    client_id: str
    username: str = ""
    password: str = ""
    tls: Callable[[], ssl.SSLContext | None] = lambda: None
    session_s: int = SESSION_S


class Packet(Struct, frozen=True, kw_only=True):
    """A message with the properties that the protocol uses; None for one that is not there."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    content_type: str | None = CONTENT_TYPE
    correlation: bytes | None = None
    response_topic: str | None = None
    expiry_s: int | None = None
    user_properties: int = 0


class Subscription(Struct, frozen=True):
    """A filter and its quality of service. `retained` asks for what is kept there already, `own`
    for what goes out under the client's own id as well.
    """

    filter: str
    qos: int = 1
    retained: bool = False
    own: bool = False


class _Client(aiomqtt.Client):
    """Tells of what the broker acknowledges, and what of it is refused."""

    refused: Callable[[str], None]
    heard: Callable[[], None]

    def _on_publish(
        self, client: Any, userdata: Any, mid: int, reason_code: Any, properties: Any
    ) -> None:
        self.heard()
        if reason_code.is_failure:
            self.refused(str(reason_code))
        super()._on_publish(client, userdata, mid, reason_code, properties)


class BrokerLink:
    """Connects, subscribes, and connects again, until it is cancelled. Of one event loop.

    `hear` gets every message, on the loop; it must not wait. `tell` hears of every change: True
    when connected and subscribed, False with why when not; `TAKEN_OVER` is another client under
    the same id. Some brokers say so; of others it shows by their cutting off, again and again, a
    connection that they take at once. `refused` hears of what the broker would not take, and why.
    """

    def __init__(
        self,
        target: Target,
        subscriptions: Sequence[Subscription],
        hear: Callable[[Packet], None],
        tell: Callable[[bool, str], None],
        *,
        will: Packet | None = None,
        keep_alive_s: int = KEEP_ALIVE_S,
        refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._target = target
        self._subscriptions = tuple(subscriptions)
        self._hear = hear
        self._tell = tell
        self._will = will
        self._refused = refused
        self._keep_alive_s = keep_alive_s
        self._client: aiomqtt.Client | None = None
        self._pulse = Pulse(keep_alive_s * _SILENCE)
        self._room = asyncio.Semaphore(_OUTGOING)

    @property
    def connected(self) -> bool:
        """Whether messages go out and come in now."""
        return self._client is not None

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pause, cuts = _FIRST_PAUSE_S, 0
        while True:
            since = asyncio.get_running_loop().time()
            try:
                await self._session()
            except _Lost as lost:
                lasted = asyncio.get_running_loop().time() - since
                cuts = cuts + 1 if lost.cut_off and lasted < _SHORT_S else int(lost.cut_off)
                taken = lost.taken_over or cuts >= _CUTS
                # Who answers a takeover at once takes over in turn, and so on for ever.
                pause = _TAKEN_PAUSE_S if taken else _FIRST_PAUSE_S if lost.connected else pause
                self._tell(False, TAKEN_OVER if taken else str(lost))
            await asyncio.sleep(pause * _chance.uniform(0.5, 1.0))
            pause = min(_LONGEST_PAUSE_S, 2 * pause)

    async def publish(self, packet: Packet) -> bool:
        """Send; at QoS 1 True once the broker has acknowledged it. False where it did not go."""
        async with self._room:
            client = self._client
            if client is None:
                return False
            try:
                async with self._pulse.owing():
                    await client.publish(
                        packet.topic,
                        packet.payload,
                        packet.qos,
                        packet.retain,
                        cast("Properties", _Encoded(packet)),
                        timeout=math.inf,
                    )
            except (TimeoutError, aiomqtt.MqttError, ValueError):
                return False
            return True

    async def _session(self) -> None:
        connected = False
        try:
            async with self._made() as client:
                for wanted in self._subscriptions:
                    codes = await client.subscribe(wanted.filter, options=_options(wanted))
                    if any(getattr(code, "is_failure", False) for code in codes):
                        raise aiomqtt.MqttError(f"the broker refuses {wanted.filter}: {codes[0]}")
                connected, self._client = True, client
                self._tell(True, "")
                await self._ended(client)
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            raise _Lost(error, connected=connected) from error
        finally:
            self._client = None
            self._pulse.give_up()

    async def _ended(self, client: aiomqtt.Client) -> None:
        """Raises when the connection ends. The client itself would be twice as long in noticing
        that the broker is silent.
        """
        messages = asyncio.ensure_future(anext(aiter(client.messages)))  # none ever comes
        silent = asyncio.ensure_future(self._pulse.stopped())
        try:
            await asyncio.wait((messages, silent), return_when=asyncio.FIRST_COMPLETED)
            if messages.done():
                messages.result()
            raise _Silent("the broker is silent")
        finally:
            messages.cancel()
            silent.cancel()
            await asyncio.gather(messages, silent, return_exceptions=True)

    def _made(self) -> aiomqtt.Client:
        target = self._target
        client = _Client(
            target.host,
            target.port,
            identifier=target.client_id,
            username=target.username or None,
            password=target.password or None,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=_will(self._will),
            keepalive=self._keep_alive_s,
            clean_start=False,
            properties=_connecting(target.session_s),
            tls_context=target.tls(),
            socket_options=_NODELAY,
            queue_type=self._handover(),
            logger=_log,
        )
        client.pending_calls_threshold = _OUTGOING
        client.refused, client.heard = self._refused, self._pulse.heard
        return client

    def _handover(self) -> Any:
        hear, heard = self._hear, self._pulse.heard

        class Handover(asyncio.Queue[aiomqtt.Message]):
            """Stands where the client puts messages, and keeps none."""

            def put_nowait(self, item: aiomqtt.Message) -> None:
                heard()
                hear(_packet(item))

        return Handover


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks that use a connection, and wait until they have ended.

    Once may not do: a connection that breaks just then hides the cancellation, and so does
    Python 3.11's `wait_for` where what it waits for comes just then.
    """
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_CANCEL_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)


class _Silent(aiomqtt.MqttError):
    """Nothing comes from a broker that owes something."""


class _Lost(Exception):  # noqa: N818 - what happened
    """A connection ended, or was never made."""

    def __init__(self, error: Exception, *, connected: bool) -> None:
        cause = error.__cause__ or error
        code = getattr(getattr(cause, "rc", None), "value", getattr(cause, "rc", None))
        self.taken_over = code == _TAKEN_OVER
        self.connected = connected
        self.cut_off = connected and not isinstance(error, _Silent)
        super().__init__(str(cause) or type(cause).__name__)


def _packet(message: aiomqtt.Message) -> Packet:
    found = message.properties
    payload = message.payload
    return Packet(
        topic=str(message.topic),
        payload=payload if isinstance(payload, bytes) else b"",
        qos=message.qos,
        retain=message.retain,
        content_type=getattr(found, "ContentType", None),
        correlation=getattr(found, "CorrelationData", None),
        response_topic=getattr(found, "ResponseTopic", None),
        expiry_s=getattr(found, "MessageExpiryInterval", None),
        user_properties=len(getattr(found, "UserProperty", ())),
    )


class _Encoded:
    """The properties of a message that goes out, as the client wants them: packed.

    The library's own class takes as long to fill as all the rest of sending.
    """

    __slots__ = ("_packed",)

    def __init__(self, packet: Packet) -> None:
        fields = [b"\x01\x01"]  # the payload is UTF-8
        if packet.expiry_s is not None:
            fields.append(b"\x02" + packet.expiry_s.to_bytes(4))
        for identifier, text in ((3, packet.content_type), (8, packet.response_topic)):
            if text is not None:
                fields.append(_field(identifier, text.encode()))
        if packet.correlation is not None:
            fields.append(_field(9, packet.correlation))
        body = b"".join(fields)
        self._packed = _variable(len(body)) + body

    def pack(self) -> bytes:
        """The properties with their length before them (MQTT 5, 2.2.2)."""
        return self._packed


def _field(identifier: int, value: bytes) -> bytes:
    return bytes((identifier,)) + len(value).to_bytes(2) + value


def _variable(number: int) -> bytes:
    """A variable byte integer (MQTT 5, 1.5.5)."""
    found = bytearray()
    while True:
        number, digit = number >> 7, number & 0x7F
        found.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(found)


def _filled(kind: int, **given: Any) -> Properties:
    found = Properties(kind)  # type: ignore[no-untyped-call]
    for name, value in given.items():
        if value is not None:
            setattr(found, name, value)
    return found


def _connecting(session_s: int) -> Properties:
    return _filled(
        PacketTypes.CONNECT,
        SessionExpiryInterval=session_s,
        ReceiveMaximum=_AT_ONCE,
        MaximumPacketSize=LARGEST_PACKET,
    )


def _will(packet: Packet | None) -> aiomqtt.Will | None:
    if packet is None:
        return None
    found = _filled(
        PacketTypes.WILLMESSAGE,
        PayloadFormatIndicator=1,
        ContentType=packet.content_type,
        WillDelayInterval=_WILL_DELAY_S,
    )
    return aiomqtt.Will(packet.topic, packet.payload, packet.qos, packet.retain, found)


def _options(wanted: Subscription) -> SubscribeOptions:
    return SubscribeOptions(
        qos=wanted.qos,
        noLocal=not wanted.own,
        retainAsPublished=True,
        retainHandling=(
            SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE
            if wanted.retained
            else SubscribeOptions.RETAIN_DO_NOT_SEND
        ),
    )
