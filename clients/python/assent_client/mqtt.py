"""The node beyond a broker: MQTT 5, a session that mends itself, and the node's signed status."""

import asyncio
import math
import os
import secrets
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from assent_client.canonical import canonical, parse
from assent_client.link import ANSWER_S, NAME, Link, NoNode, Reply
from assent_client.signed import NodeKey

_CONTENT_TYPE = "application/vnd.assent.v1+json"
_STATUS_TYPE = "application/vnd.assent.status.v1+json"
_KEEP_ALIVE_S, _SESSION_S, _AT_ONCE, _LARGEST_PACKET = 15, 86_400, 16, 384 * 1024
_STOP_S = 2.0
_NO_ENTRY = {"Bad user name or password", "Not authorized", "Client identifier not valid", "Banned"}


class MqttLink(Link):
    """An agent's session at a broker. paho's thread does the talking; all else is on the loop.

    `key` is the file of the node's public key; the other files are PEM.
    """

    def __init__(
        self,
        url: str,
        agent: str,
        *,
        node: str,
        key: str | os.PathLike[str],
        ca: str | None = None,
        cert: str | None = None,
        keyfile: str | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        super().__init__()
        self.node = node
        self._url = urlsplit(url)
        if not self._url.hostname or self._url.port == 0:  # `port` raises for one that is none
            raise ValueError(f"{url!r} names no broker: mqtts://host[:port]")
        if not NAME.fullmatch(node):
            raise ValueError(f"{node!r} cannot name a node: letters, digits, _ . - only")
        self._pin = Path(key)
        self._files = ca, cert, keyfile
        self._login = username or agent, password
        self._agent = agent
        base = f"assent/1/{node}"
        self._asking = f"{base}/req/{agent}"
        self._answers, self._status = f"{base}/res/{agent}", f"{base}/status"
        self._client: Client | None = None
        self._sent: dict[int, str] = {}  # request ids by what the broker acknowledges
        self._loop: asyncio.AbstractEventLoop
        self._news = asyncio.Event()
        self._subscribed = False
        self._refused, self._fault = "", "not connected yet"
        self._epoch = 0
        self._open_until = 0  # µs since 1970 UTC; 0: not open

    async def ready(self) -> None:
        """Wait for broker and node. Raises `NoNode` where the broker lets this agent not in."""
        if self._client is None:
            self._client = self._start()
        while why := self._closed():
            self.trouble = why
            if self._refused:
                raise NoNode(why)
            self._news.clear()
            await self._news.wait()

    async def close(self) -> None:
        """Hang up, and leave no session behind."""
        if client := self._client:
            client.disconnect(properties=_filled(PacketTypes.DISCONNECT, SessionExpiryInterval=0))
            left = asyncio.Event()

            def stop() -> None:
                client.loop_stop()
                self._tell(left.set)

            with suppress(RuntimeError, TimeoutError):  # at the very end no thread begins any more
                # Of our own: when the interpreter ends, its pool takes nothing.
                threading.Thread(target=stop, daemon=True).start()
                await asyncio.wait_for(left.wait(), _STOP_S)
            self._client = None

    async def _send(self, message: dict[str, Any]) -> None:
        await self.ready()
        assert self._client is not None
        until = message.get("expires_at", _now() + round(ANSWER_S * 1e6))
        properties = _filled(
            PacketTypes.PUBLISH,
            ContentType=_CONTENT_TYPE,
            PayloadFormatIndicator=1,
            CorrelationData=message["request_id"].encode(),
            ResponseTopic=self._answers,
            MessageExpiryInterval=max(1, math.ceil((until - _now()) / 1e6)),
        )
        body = canonical(message)
        sent = self._client.publish(self._asking, body, qos=1, properties=properties)
        if sent.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise NoNode(f"the broker cannot be reached: {sent.rc.name}")
        self._sent[sent.mid] = message["request_id"]

    def _closed(self) -> str:
        """Why nothing can be sent now; empty when it can."""
        if self._refused:
            return f"the broker refuses: {self._refused}"
        if not self._subscribed:
            return f"the broker cannot be reached: {self._fault}"
        return "" if _now() < self._open_until else "the node is offline, or this clock is wrong"

    def _start(self) -> Client:
        url, tls = self._url, self._url.scheme == "mqtts"
        self._loop = asyncio.get_running_loop()
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{self._agent}-{secrets.token_hex(4)}",  # an agent may run more than once
            protocol=MQTTProtocolVersion.MQTTv5,
        )
        try:
            self.key = NodeKey.read(self._pin)
            if tls:
                client.tls_set_context(_context(*self._files))
        except (OSError, ValueError) as error:
            raise NoNode(f"a key or certificate cannot be used: {error}") from None
        if self.key.name != self.node:
            raise NoNode(f"{self._pin} is the key of {self.key.name}, not of {self.node}")
        client.username_pw_set(*self._login)
        client.on_socket_open = lambda _, __, sock: _no_delay(sock)
        client.on_connect = self._on_connect
        client.on_connect_fail = lambda *_: self._tell(self._hear_lost, str(sys.exc_info()[1]))
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_publish = lambda _, __, mid, code, ___: self._tell(self._hear_taken, mid, code)
        client.on_message = lambda _, __, message: self._tell(self._hear, message)
        client.reconnect_delay_set(1, 8)
        client.connect_async(
            url.hostname or "",
            url.port or (8883 if tls else 1883),
            keepalive=_KEEP_ALIVE_S,
            clean_start=False,
            properties=_filled(
                PacketTypes.CONNECT,
                SessionExpiryInterval=_SESSION_S,
                ReceiveMaximum=_AT_ONCE,
                MaximumPacketSize=_LARGEST_PACKET,
            ),
        )
        client.loop_start()
        return client

    def _tell(self, what: Callable[..., None], *more: Any) -> None:
        """From paho's thread to the loop."""
        with suppress(RuntimeError):  # it is closed: nobody waits any more
            self._loop.call_soon_threadsafe(what, *more)

    def _on_connect(
        self, client: Client, _: Any, __: ConnectFlags, code: ReasonCode, ___: Any
    ) -> None:
        if code.is_failure:
            self._tell(self._hear_refused, str(code))
            return
        status = SubscribeOptions(qos=1, noLocal=True)
        answers = SubscribeOptions(
            qos=1, noLocal=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND
        )
        client.subscribe([(self._answers, answers), (self._status, status)])

    def _on_subscribe(
        self, _: Client, __: Any, ___: int, codes: list[ReasonCode], ____: Any
    ) -> None:
        failed = [str(code) for code in codes if code.is_failure]
        if failed:
            self._tell(self._hear_refused, failed[0])
        else:
            self._tell(self._hear_subscribed)

    def _on_disconnect(
        self, _: Client, __: Any, ___: DisconnectFlags, code: ReasonCode, ____: Any
    ) -> None:
        self._tell(self._hear_lost, str(code))

    def _hear_refused(self, reason: str) -> None:
        self._refused = reason if reason in _NO_ENTRY else ""
        self._hear_lost(reason)

    def _hear_taken(self, mid: int, code: ReasonCode) -> None:
        """What the broker does not let through now, it will not let through in a moment."""
        request_id = self._sent.pop(mid, "")
        if code.is_failure:
            reason = f"the broker refuses what {self._agent} sends: {code}"
            self._deliver(Reply("error", request_id, {"code": 403, "reason": reason}))

    def _hear_subscribed(self) -> None:
        self._subscribed, self._refused = True, ""
        self._news.set()

    def _hear_lost(self, reason: str) -> None:
        self._subscribed, self._fault = False, reason
        self._lost()
        self._news.set()

    def _hear(self, message: MQTTMessage) -> None:
        with suppress(ValueError):  # not for us to answer: what is no message is no answer
            if message.topic == self._status:
                self._hear_status(parse(bytes(message.payload)))
            elif not message.retain:
                self._hear_reply(message)

    def _hear_reply(self, message: MQTTMessage) -> None:
        reply = Reply.read(bytes(message.payload))
        correlation = getattr(message.properties, "CorrelationData", b"").decode()
        if reply.request_id in {"", correlation}:
            self._deliver(Reply(reply.kind, correlation, reply.body))

    def _hear_status(self, status: Any) -> None:
        """The node's signed word; one without a signature can close, and never open."""
        if isinstance(status, dict) and status.get("state") == "offline":
            self._open_until = 0
            self._lost()
            return
        said = self.key.open(status, _STATUS_TYPE)
        own = (said.get("v"), said.get("node"), said.get("key")) == (1, self.node, self.key.text)
        epoch, until = said.get("epoch"), said.get("valid_until")
        if not own or type(epoch) is not int or type(until) is not int or epoch < self._epoch:
            return
        known, self._epoch = self._epoch, epoch
        self._open_until = 0 if said.get("state") == "offline" else until
        if known != epoch or not self._open_until:
            self._lost()
        self._news.set()


def _context(ca: str | None, cert: str | None, keyfile: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    if cert:
        context.load_cert_chain(cert, keyfile)
    return context


def _no_delay(sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _filled(kind: int, **given: Any) -> Properties:
    found = Properties(kind)  # type: ignore[no-untyped-call]
    for name, value in given.items():
        setattr(found, name, value)
    return found


def _now() -> int:
    return time.time_ns() // 1000
