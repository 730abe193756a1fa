"""Another MQTT library, the document and the README: enough for an agent, without our code."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import gmqtt
import pytest

from tests.bridge.peer import BridgedNode
from tests.broker import Mosquitto
from tests.protocol import verifying
from tests.protocol.reading import DOCUMENT, fits, message_of, operations_of
from tests.support import PATIENCE_S

AGENT = "elsewhere"
STATUS_TYPE = "application/vnd.assent.status.v1+json"


class Agent:
    """An agent that is written after the document."""

    def __init__(self, node: str) -> None:
        bound = DOCUMENT["servers"]["broker"]["bindings"]["mqtt"]
        self.node = node
        self.heard: asyncio.Queue[tuple[str, Any, dict[str, Any]]] = asyncio.Queue()
        self._keep_alive = bound["keepAlive"]
        self.client = gmqtt.Client(
            f"agent-{AGENT}",
            clean_session=bound["cleanSession"],
            session_expiry_interval=bound["sessionExpiryInterval"],
            maximum_packet_size=bound["maximumPacketSize"],
            receive_maximum=DOCUMENT["servers"]["broker"]["x-mqtt5"]["receiveMaximum"],
        )
        self.client.set_auth_credentials(AGENT)
        self.client.on_message = self._on_message
        self._subscribed = asyncio.Event()
        self.client.on_subscribe = lambda *_: self._subscribed.set()

    async def start(self, port: int) -> None:
        """Connect, and hear of the node and of one's own requests."""
        await self.client.connect("127.0.0.1", port, keepalive=self._keep_alive)
        self.client.subscribe(
            [gmqtt.Subscription(self.topic(name), qos=1) for name in ("status", "replies")]
        )
        async with asyncio.timeout(PATIENCE_S):
            await self._subscribed.wait()

    def topic(self, channel: str) -> str:
        """The topic of a channel, for this agent."""
        address: str = DOCUMENT["channels"][channel]["address"]
        return address.replace("{node}", self.node).replace("{agent}", AGENT)

    def ask(self, tool: str, arguments: dict[str, Any], **properties: Any) -> dict[str, Any]:
        """Submit an action with the properties that the document asks for, or others."""
        (example,) = DOCUMENT["components"]["messages"]["submit"]["examples"]
        now, action = time.time_ns() // 1000, {"tool": tool, "arguments": arguments}
        asked = example["payload"] | {
            "node": self.node, "agent": AGENT, "request_id": new_id(), "action": action,
            "issued_at": now, "expires_at": now + 60_000_000,
            "action_digest": verifying.digest(self.node, AGENT, action),
        }  # fmt: skip
        assert fits("submit", asked)
        bound = DOCUMENT["components"]["messages"]["submit"]["bindings"]["mqtt"]
        (operation,) = operations_of("submit")
        given = {
            "content_type": bound["contentType"],
            "payload_format_id": bound["payloadFormatIndicator"],
            "correlation_data": asked["request_id"].encode(),
            "message_expiry_interval": 60,
        }
        qos = operation["bindings"]["mqtt"]["qos"]
        body = json.dumps(asked)
        self.client.publish(self.topic("requests"), body, qos=qos, **(given | properties))
        return asked

    async def reply(self, request_id: str) -> tuple[str, Any, dict[str, Any]]:
        """The next answer to a request: which message it is, its body and its properties."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                topic, body, properties = await self.heard.get()
                if topic == self.topic("replies") and body.get("request_id") == request_id:
                    return message_of(topic, body), body, properties

    async def status(self) -> dict[str, Any]:
        """The node's status, in its envelope."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                topic, body, _ = await self.heard.get()
                if topic == self.topic("status"):
                    found: dict[str, Any] = body
                    return found

    def _on_message(
        self, _: Any, topic: str, payload: bytes, __: int, properties: dict[str, Any]
    ) -> int:
        self.heard.put_nowait((topic, json.loads(payload), properties))
        return 0


def new_id() -> str:
    """A UUIDv7, by RFC 9562: milliseconds, and chance."""
    chance = uuid.uuid4().int
    bits = (time.time_ns() // 1_000_000) << 80 | chance & ((1 << 80) - 1)
    bits = bits & ~(0xF << 76) | 0x7 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=bits))


@asynccontextmanager
async def agent_of(broker: Mosquitto, node: BridgedNode) -> AsyncIterator[Agent]:
    agent = Agent(node.name)
    await agent.start(broker.port)
    try:
        yield agent
    finally:
        await agent.client.disconnect()


def pinned(node: BridgedNode) -> bytes:
    return verifying.public_key((node.running.home / "node.pub").read_text())


async def test_the_node_is_there(broker: Mosquitto, node: BridgedNode) -> None:
    async with agent_of(broker, node) as agent:
        status = verifying.opened(await agent.status(), STATUS_TYPE, pinned(node))
    assert (status["node"], status["state"]) == (node.name, "open")
    assert time.time_ns() // 1000 < status["valid_until"]


async def test_a_verdict_comes_and_can_be_verified(broker: Mosquitto, node: BridgedNode) -> None:
    async with agent_of(broker, node) as agent:
        asked = agent.ask("get_weather", {"city": "Tromsø", "days": 1.50})
        name, body, properties = await agent.reply(asked["request_id"])
    assert name == "verdict"
    assert properties["content_type"] == [DOCUMENT["defaultContentType"]]
    assert properties["correlation_data"] == [asked["request_id"].encode()]
    now = time.time_ns() // 1000
    verdict = verifying.permitted(body["envelope"], asked, pinned(node), now)
    assert verdict == ("allow", asked["action"]["arguments"])
    other = asked | {"action": {"tool": "get_weather", "arguments": {"city": "Bergen"}}}
    with pytest.raises(verifying.Wrong, match="digest"):
        verifying.permitted(body["envelope"], other, pinned(node), now)


async def test_what_a_person_changed_can_be_verified(broker: Mosquitto, node: BridgedNode) -> None:
    safer = {"sql": "SELECT 1"}
    async with agent_of(broker, node) as agent:
        asked = agent.ask("query", {"sql": "DROP TABLE customers"})
        name, _, _ = await agent.reply(asked["request_id"])
        assert name == "pending"
        view = await asyncio.to_thread(node.running.waiting, "query")
        await asyncio.to_thread(node.running.answer, view, "modify", arguments=safer)
        name, body, _ = await agent.reply(asked["request_id"])
    assert name == "verdict"
    now = time.time_ns() // 1000
    assert verifying.permitted(body["envelope"], asked, pinned(node), now) == ("allow", safer)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"content_type": "application/json"}, 415), ({"response_topic": "somewhere/else"}, 400)],
)
async def test_a_wrong_property_is_told(
    broker: Mosquitto, node: BridgedNode, wrong: dict[str, Any], code: int
) -> None:
    async with agent_of(broker, node) as agent:
        asked = agent.ask("get_weather", {"city": "Oslo"}, **wrong)
        name, body, _ = await agent.reply(asked["request_id"])
    assert (name, body["code"], body.get("retryable", False)) == ("error", code, False)
