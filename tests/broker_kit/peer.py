"""A client of the broker as anybody may write one, on the plain paho library."""

import queue
import ssl
from pathlib import Path
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from app.broker.knock import knock
from app.broker.settings import MqttSettings, parsed, password
from app.broker.tls import client_context
from tests.support import PATIENCE_S

_NOWHERE = Path("/")
"""Paths in the settings that tests make are absolute."""


class Refused(Exception):  # noqa: N818 - what happened
    """The broker did not let us in."""


class Peer:
    """A connection; a context manager. Raises `Refused`."""

    def __init__(self, settings: MqttSettings) -> None:
        self.received: queue.Queue[MQTTMessage] = queue.Queue()
        self._told: queue.Queue[ReasonCode] = queue.Queue()
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        self._client.on_connect = self._tell
        self._client.on_publish = self._tell
        self._client.on_disconnect = self._tell
        self._client.on_message = lambda _client, _data, message: self.received.put(message)
        self._client.on_subscribe = lambda *words: self._told.put(words[3][0])
        if settings.username:
            self._client.username_pw_set(settings.username, password(settings, _NOWHERE))
        self._address = parsed(settings.url)
        if self._address.tls:
            context = ssl.create_default_context(cafile=settings.ca or None)
            if settings.cert:
                context.load_cert_chain(settings.cert, settings.key)
            self._client.tls_set_context(context)

    def __enter__(self) -> Self:
        self._client.connect_timeout = PATIENCE_S
        try:
            self._client.connect(self._address.host, self._address.port)
            self._client.loop_start()
            reason = self._told.get(timeout=PATIENCE_S)
        except OSError as error:
            raise Refused(str(error)) from error
        if reason.is_failure:
            self._leave()
            raise Refused(str(reason))
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def publish(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> str:
        """Publish at QoS 1; what the broker acknowledges it with."""
        self._client.publish(topic, payload, qos=1, retain=retain)
        return str(self._told.get(timeout=PATIENCE_S))

    def subscribe(self, topic: str) -> None:
        self._client.subscribe(topic, qos=1)
        self._told.get(timeout=PATIENCE_S)

    def next(self) -> tuple[str, bytes]:
        message = self.received.get(timeout=PATIENCE_S)
        return message.topic, message.payload

    def _tell(self, *words: Any) -> None:
        self._told.put(next(word for word in words if isinstance(word, ReasonCode)))

    def _leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def enters(settings: MqttSettings) -> bool:
    """Whether the broker lets in who has these settings."""
    try:
        with Peer(settings):
            return True
    except Refused:
        return False


def mistrusts(settings: MqttSettings) -> bool:
    """Whether a client with these settings takes the broker for an impostor.

    Without paho, which leaves the socket of a handshake that failed open.
    """
    problem = knock(parsed(settings.url), client_context(settings, _NOWHERE))
    return "its certificate does not hold" in problem
