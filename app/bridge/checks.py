"""What a message of an agent must be before anybody reads it: its place, its properties, its size.

Pure. What does not fit raises `BadMessage`, which is the answer to it.
"""

import re

from app.bridge.topics import Origin
from app.intake import wire
from app.intake.mqtt import CONTENT_TYPE, Packet
from app.intake.wire import BadMessage
from components.canonical import MAX_BYTES

MOST_USER_PROPERTIES = 32
"""Nothing is read from them; what has more is no agent of ours."""

AHEAD_US = 60 * 1_000_000
"""How far an agent's clock may be ahead of the node's."""

_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

AgentMessage = wire.Submit | wire.Query | wire.Cancel | wire.Consume | wire.OutcomeReport


def correlated(packet: Packet) -> str:
    """The request that a message is about, as its properties say; empty where they do not."""
    found = packet.correlation or b""
    return found.decode() if _UUID.fullmatch(found) else ""


def read(packet: Packet, origin: Origin, response_topic: str, now: int) -> AgentMessage:
    """The message in a packet of an agent's. `now` is µs since 1970 UTC."""
    request_id = correlated(packet)
    try:
        _check_properties(packet, origin, response_topic)
        message = wire.decode(packet.payload)
        return _fitting(message, origin, request_id, now)
    except BadMessage as bad:
        raise BadMessage(bad.code, bad.reason, bad.field, bad.request_id or request_id) from None


def _fitting(message: wire.AnyMessage, origin: Origin, request_id: str, now: int) -> AgentMessage:
    if not isinstance(message, AgentMessage):
        raise BadMessage(400, "this is asked at the node's socket", "kind")
    if message.agent != origin.principal:
        raise BadMessage(403, "the topic is another agent's", "agent")
    if message.request_id != request_id:
        raise BadMessage(400, "the correlation data is not the request's id", "request_id")
    if isinstance(message, wire.Submit) and message.issued_at > now + AHEAD_US:
        raise BadMessage(401, "issued in the future: set the agent's clock", "issued_at")
    return message


def _check_properties(packet: Packet, origin: Origin, response_topic: str) -> None:
    if not origin.named:
        raise BadMessage(400, "the topic names no agent of the protocol", "agent")
    if packet.qos == 0:
        raise BadMessage(400, "requests are sent at QoS 1")
    if packet.user_properties > MOST_USER_PROPERTIES:
        raise BadMessage(400, f"more than {MOST_USER_PROPERTIES} user properties")
    if packet.content_type != CONTENT_TYPE:
        raise BadMessage(415, f"the content type is not {CONTENT_TYPE}")
    if not correlated(packet):
        raise BadMessage(400, "the correlation data is no request id")
    if packet.expiry_s is None:
        raise BadMessage(400, "there is no message expiry")
    if packet.response_topic not in {None, response_topic}:
        raise BadMessage(400, "the response topic is not this agent's own")
    if len(packet.payload) > MAX_BYTES:
        raise BadMessage(413, f"{len(packet.payload)} bytes; at most {MAX_BYTES} are accepted")
