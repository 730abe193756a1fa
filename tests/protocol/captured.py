"""A conversation that has every message of an agent in it, as it went over the broker."""

import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt

from tests.bridge.peer import BridgedNode, Peer, bridged_node
from tests.bridge.test_requests import QUESTION, verdict
from tests.broker import mosquitto
from tests.protocol.reading import message_of
from tests.support import until


class Heard(NamedTuple):
    """One message: which of the document's it is, and how it came."""

    name: str
    topic: str
    body: Any
    raw: mqtt.MQTTMessage


class Captured(NamedTuple):
    """All that was heard, and what the broker kept, by topic."""

    node: str
    heard: list[Heard]
    kept: list[Heard]

    def of(self, name: str) -> list[Heard]:
        """The messages of a name."""
        return [one for one in self.heard if one.name == name]


def capture(folder: Path) -> Captured:
    """Have the conversation, to the node's end."""
    with mosquitto(folder / "broker") as broker:
        with bridged_node(folder / "home", broker) as node:
            peer = Peer(broker, node.name)
            peer.listen(f"assent/1/{node.name}/#")
            converse(node, peer)
            late = Peer(broker, node.name, "late")
            late.listen(f"assent/1/{node.name}/#")
            until(lambda: kept(late, "checkpoint"), "what is kept")
        until(lambda: {"v": 1, "state": "offline"} in peer.on("status"), "the end")
        peer.close()
        late.close()
    return Captured(node.name, read(peer), [one for one in read(late) if one.raw.retain])


def converse(node: BridgedNode, peer: Peer) -> None:
    """Everything that an agent may say, and everything that it may hear."""
    asked = peer.submit(**QUESTION)
    peer.reply(asked, "pending")
    node.running.answer(node.running.waiting("query"), "approve")
    digest = verdict(peer.reply(asked, "verdict"))["action_digest"]
    about = {"v": 1, "agent": peer.agent, "request_id": asked}
    peer.send(about | {"kind": "consume", "action_digest": digest})
    peer.reply(asked, "consumed")
    peer.send(about | {"kind": "outcome", "status": "ok", "duration_us": 5, "detail": "done"})
    peer.reply(asked, "recorded")
    peer.send(about | {"kind": "query"})

    changed = peer.submit(**QUESTION)
    peer.reply(changed, "pending")
    view = node.running.waiting("query")
    node.running.answer(view, "modify", arguments={"sql": "SELECT 1"})
    peer.reply(changed, "verdict")

    withdrawn = peer.submit(**QUESTION)
    peer.reply(withdrawn, "pending")
    peer.send({"v": 1, "kind": "cancel", "agent": peer.agent, "request_id": withdrawn})
    peer.reply(withdrawn, "verdict")

    late = peer.submit(**QUESTION, expires_at=time.time_ns() // 1000 + 2_000_000)
    peer.reply(late, "verdict")

    judged = peer.submit()
    peer.reply(judged, "verdict")
    peer.submit(arguments={"city": "Bergen"}, request_id=judged, attempt=2)
    peer.error(judged)
    for component in ("gate", "hitl", "evolution_core"):
        until(lambda component=component: peer.on(f"events/{component}"), f"events of {component}")
    until(lambda: peer.on("metrics/gate"), "figures")
    until(lambda: peer.on("checkpoint"), "a checkpoint")
    until(lambda: [topic for topic, _, _ in peer.heard if "/alerts/" in topic], "an alert")


def kept(peer: Peer, topic: str) -> bool:
    """Whether a message came because the broker keeps it."""
    return any(raw.retain and name.endswith(topic) for name, _, raw in tuple(peer.heard))


def read(peer: Peer) -> list[Heard]:
    """What a peer heard, each message found in the document."""
    found = []
    for topic, payload, raw in tuple(peer.heard):
        body = json.loads(payload)
        found.append(Heard(message_of(topic, body), topic, body, raw))
    return found
