"""An agent that speaks the protocol by hand, also wrongly; and a node that is bridged."""

import contextlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from app.bridge.bridge import Bridge
from app.bridge.cosigning import Pace
from app.intake.client import new_request_id
from app.intake.mqtt import CONTENT_TYPE, KEEP_ALIVE_S, Target
from components.canonical import digest
from tests.broker import Mosquitto
from tests.support import RunningNode, running_node, until


class BridgedNode:
    """A running node with its bridge."""

    def __init__(self, running: RunningNode, bridge: Bridge) -> None:
        self.running = running
        self.bridge = bridge
        self.name = running.node.identity.node

    def conditions(self) -> dict[str, str]:
        """The node's conditions by name."""
        return {one.name: one.text for one in self.running.node.engine.conditions.active()}

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """The audit entries of a kind."""
        with contextlib.closing(self.running.node.store.reader()) as reader:
            rows = reader.execute("SELECT leaf FROM audit_entries WHERE kind=?", (kind,))
            return [json.loads(row[0]) for row in rows]


@contextlib.contextmanager
def bridged_node(home: Path, broker: Mosquitto, **more: Any) -> Iterator[BridgedNode]:
    """A node at a broker without TLS, connected; with `connected=False` it is not waited for."""
    connected = more.pop("connected", True)
    keep_alive_s, pace = more.pop("keep_alive_s", KEEP_ALIVE_S), more.pop("pace", Pace())
    with running_node(home, **more) as running:
        name = running.node.identity.node
        target = Target(
            host="127.0.0.1", port=broker.port, client_id=f"assent-{name}", username=name
        )
        bridge = Bridge(running.node, target, keep_alive_s=keep_alive_s, pace=pace)
        bridge.start()
        try:
            until(lambda: bridge.connected or not connected, "the bridge")
            yield BridgedNode(running, bridge)
        finally:
            bridge.stop()


class Peer:
    """One MQTT 5 client. What it hears is kept, by topic and by request."""

    def __init__(self, broker: Mosquitto, node: str, agent: str = "tester", **more: Any) -> None:
        self.node, self.agent = node, agent
        self.heard: list[tuple[str, bytes, mqtt.MQTTMessage]] = []
        self.connected = threading.Event()
        self.disconnected: list[Any] = []
        self._filters = [f"assent/1/{node}/res/{agent}"]
        client_id = more.pop("client_id", f"agent-{agent}")
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5
        )
        self.client.username_pw_set(agent, more.pop("password", None))
        self.client.on_connect = self._on_connect
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: self.connected.set()
        self.client.on_disconnect = lambda *told: self.disconnected.append(told[3])
        self.client.on_socket_open = _undelayed
        self.client.reconnect_delay_set(1, 1)
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600
        self.client.connect("127.0.0.1", broker.port, clean_start=False, properties=session)
        self.client.loop_start()
        assert self.connected.wait(30)

    def listen(self, *filters: str) -> None:
        """Hear more topics."""
        self.connected.clear()
        self._filters += filters
        self._subscribe()
        assert self.connected.wait(30)

    def close(self) -> None:
        """Hang up."""
        self.client.disconnect()
        self.client.loop_stop()

    def body(self, tool: str, arguments: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """A submission as it should be, but for what is changed."""
        now = time.time_ns() // 1000
        found = {
            "v": 1, "kind": "submit", "node": self.node, "agent": self.agent,
            "request_id": new_request_id(now), "attempt": 1, "nonce": secrets.token_hex(16),
            "issued_at": now, "expires_at": now + 60_000_000,
            "action": {"tool": tool, "arguments": arguments},
            "action_digest": digest(self.node, self.agent, tool, arguments),
            "request": "as asked", "context": [], "narrative": "",
        }  # fmt: skip
        return found | changed

    def submit(self, tool: str = "get_weather", **changed: Any) -> str:
        """Propose an action; its request id."""
        arguments = changed.pop("arguments", {"city": "Oslo"})
        return self.send(self.body(tool, arguments, **changed))

    def send(self, body: dict[str, Any] | bytes, request_id: str = "", **changed: Any) -> str:
        """Publish a body with the properties that it should have, but for what is changed."""
        if isinstance(body, dict):
            request_id = request_id or body["request_id"]
            body = json.dumps(body).encode()
        found = {
            "ContentType": CONTENT_TYPE, "CorrelationData": request_id.encode(),
            "MessageExpiryInterval": 60,
        } | changed.pop("properties", {})  # fmt: skip
        topic = changed.pop("topic", f"assent/1/{self.node}/req/{self.agent}")
        properties = Properties(PacketTypes.PUBLISH)
        for name, value in found.items():
            if value is not None:
                setattr(properties, name, value)
        self.client.publish(topic, body, **({"qos": 1} | changed), properties=properties)
        return request_id

    def replies(self, request_id: str) -> list[dict[str, Any]]:
        """What came about a request, oldest first."""
        return [
            json.loads(payload)
            for topic, payload, _ in tuple(self.heard)
            if topic.startswith(f"assent/1/{self.node}/res/")
            and json.loads(payload).get("request_id") == request_id
        ]

    def reply(self, request_id: str, *kinds: str) -> dict[str, Any]:
        """The first reply to a request of one of some kinds (default: any)."""
        return until(
            lambda: next(
                (one for one in self.replies(request_id) if not kinds or one["kind"] in kinds), None
            ),
            f"a reply {kinds}",
        )

    def error(self, request_id: str = "") -> tuple[int, str]:
        """The code and reason of the error that a request got."""
        found = self.reply(request_id, "error") if request_id else self._nameless()
        return found["code"], found["reason"]

    def on(self, topic: str) -> list[dict[str, Any]]:
        """The JSON bodies that came on a topic of the node's."""
        return [
            json.loads(payload)
            for found, payload, _ in tuple(self.heard)
            if found == f"assent/1/{self.node}/{topic}"
        ]

    def _nameless(self) -> dict[str, Any]:
        return until(
            lambda: next((one for one in map(json.loads, self._payloads())
                          if one["kind"] == "error" and not one.get("request_id")), None),
            "an error",
        )  # fmt: skip

    def _payloads(self) -> list[bytes]:
        return [payload for topic, payload, _ in tuple(self.heard) if "/res/" in topic]

    def _on_connect(self, *_: Any) -> None:
        self._subscribe()

    def _subscribe(self) -> None:
        self.client.subscribe([(one, mqtt.SubscribeOptions(qos=1)) for one in self._filters])

    def _on_message(self, _: Any, __: Any, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, message.payload, message))


def _undelayed(_: Any, __: Any, sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
