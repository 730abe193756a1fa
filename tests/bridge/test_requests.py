"""Agents' requests over a real broker: each judged once, and every wrong one told why."""

import base64
import json
import time
from typing import Any

import pytest

from components.canonical import MAX_BYTES
from tests.bridge.peer import BridgedNode, Peer
from tests.broker import Mosquitto
from tests.support import until

QUESTION: dict[str, Any] = {"tool": "query", "arguments": {"sql": "DROP TABLE customers"}}


def verdict(reply: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(reply["envelope"]["payload"]))
    return found


def verdicts(peer: Peer, request_id: str) -> list[dict[str, Any]]:
    return [one for one in peer.replies(request_id) if one["kind"] == "verdict"]


def test_an_action_is_judged(peer: Peer) -> None:
    found = verdict(peer.reply(peer.submit()))
    assert (found["verdict"], found["agent"], found["node"]) == ("allow", "tester", peer.node)


def test_a_reply_has_the_properties_of_the_protocol(peer: Peer) -> None:
    request_id = peer.submit()
    peer.reply(request_id)
    message = peer.heard[-1][2]
    properties = message.properties
    assert properties.ContentType == "application/vnd.assent.v1+json"
    assert properties.PayloadFormatIndicator == 1
    assert properties.CorrelationData == request_id.encode()
    assert 0 < properties.MessageExpiryInterval <= 180
    assert (message.qos, message.retain) == (1, False)


def test_a_person_is_asked_and_the_verdict_follows(node: BridgedNode, peer: Peer) -> None:
    request_id = peer.submit(**QUESTION)
    assert peer.reply(request_id)["kind"] == "pending"
    node.running.answer(node.running.waiting("query"), "approve")
    found = verdict(peer.reply(request_id, "verdict"))
    assert found["verdict"] == "allow"
    assert found["decision"]["answer"] == "approve"


@pytest.mark.fault(34)
def test_a_duplicate_is_one_decision_and_the_same_bytes(node: BridgedNode, peer: Peer) -> None:
    body = peer.body("get_weather", {"city": "Oslo"})
    for _ in range(5):
        peer.send(body)
    request_id = body["request_id"]
    until(lambda: len(verdicts(peer, request_id)) >= 5, "all answers")
    assert len({json.dumps(one) for one in verdicts(peer, request_id)}) == 1
    assert len(node.entries("verdict")) == 1


@pytest.mark.fault(34)
def test_a_duplicate_of_what_waits_is_one_question(node: BridgedNode, peer: Peer) -> None:
    body = peer.body(QUESTION["tool"], QUESTION["arguments"])
    for attempt in range(1, 4):
        peer.send(body | {"attempt": attempt})
    until(lambda: len(peer.replies(body["request_id"])) >= 3, "all answers")
    assert len({one["decision_id"] for one in peer.replies(body["request_id"])}) == 1
    assert len(node.entries("asked")) == 1


@pytest.mark.fault(35)
def test_the_same_id_with_another_action_is_refused(node: BridgedNode, peer: Peer) -> None:
    request_id = peer.submit()
    peer.reply(request_id)
    peer.submit(arguments={"city": "Bergen"}, request_id=request_id, attempt=2)
    assert peer.error(request_id)[0] == 409
    until(lambda: "id-conflict" in node.conditions(), "the alert's condition")


@pytest.mark.fault(40)
def test_a_planted_retained_request_is_ignored(
    broker: Mosquitto, node: BridgedNode, peer: Peer
) -> None:
    body = peer.body("get_weather", {"city": "Oslo"})
    peer.send(body, retain=True)
    peer.reply(peer.submit())  # it came after, so the first was seen
    assert peer.replies(body["request_id"]) == []
    assert node.bridge.ignored == 1
    broker.restart()
    until(lambda: node.bridge.connected, "the bridge")
    peer.reply(peer.submit())
    assert peer.replies(body["request_id"]) == []


@pytest.mark.fault(42)
def test_what_expired_is_never_allowed(peer: Peer) -> None:
    now = time.time_ns() // 1000
    request_id = peer.submit(issued_at=now - 2_000_000, expires_at=now - 1)
    assert peer.error(request_id)[0] == 408
    asked = peer.submit(**QUESTION, expires_at=time.time_ns() // 1000 + 1_500_000)
    assert verdict(peer.reply(asked, "verdict"))["verdict"] == "expired"


@pytest.mark.fault(44)
def test_an_agent_on_anothers_topic_is_refused(node: BridgedNode, peer: Peer) -> None:
    body = peer.body("get_weather", {"city": "Oslo"}, agent="other")
    peer.send(body)
    assert peer.error(body["request_id"])[0] == 403
    assert node.entries("verdict") == []


@pytest.mark.fault(45)
def test_a_hostile_response_topic_is_refused_and_not_used(peer: Peer) -> None:
    peer.listen("victim/#")
    body = peer.body("get_weather", {"city": "Oslo"})
    peer.send(body, properties={"ResponseTopic": "victim/topic"})
    assert peer.error(body["request_id"])[0] == 400
    assert [topic for topic, _, _ in peer.heard if topic.startswith("victim")] == []


def test_the_computed_response_topic_may_be_said(peer: Peer) -> None:
    body = peer.body("get_weather", {"city": "Oslo"})
    peer.send(body, properties={"ResponseTopic": f"assent/1/{peer.node}/res/tester"})
    assert peer.reply(body["request_id"])["kind"] == "verdict"


@pytest.mark.fault(46)
@pytest.mark.parametrize("missing", ["CorrelationData", "MessageExpiryInterval"])
def test_a_request_without_a_property_is_refused(peer: Peer, missing: str) -> None:
    body = peer.body("get_weather", {"city": "Oslo"})
    peer.send(body, properties={missing: None})
    code, reason = peer.error("" if missing == "CorrelationData" else body["request_id"])
    assert code == 400
    assert ("correlation" in reason) or ("expiry" in reason)


@pytest.mark.parametrize(
    ("properties", "code"),
    [({"ContentType": None}, 415), ({"ContentType": "text/plain"}, 415),
     ({"CorrelationData": b"another"}, 400)],
)  # fmt: skip
def test_wrong_properties_are_refused(peer: Peer, properties: dict[str, Any], code: int) -> None:
    body = peer.body("get_weather", {"city": "Oslo"})
    peer.send(body, properties=properties)
    named = "" if "CorrelationData" in properties else body["request_id"]
    assert peer.error(named)[0] == code


def test_correlation_with_another_request_is_refused(peer: Peer) -> None:
    one, two = (peer.body("get_weather", {"city": city}) for city in ("Oslo", "Bergen"))
    peer.send(one, two["request_id"])
    until(lambda: [one for one in map(json.loads, (p for _, p, _ in peer.heard))
                   if one.get("code") == 400], "the refusal")  # fmt: skip


@pytest.mark.fault(47)
def test_ten_thousand_user_properties_are_bounded(node: BridgedNode, peer: Peer) -> None:
    body = peer.body("get_weather", {"city": "Oslo"})
    peer.send(body, properties={"UserProperty": [("k", "v")] * 10_000})
    assert peer.error(body["request_id"]) == (400, "more than 32 user properties")
    assert peer.reply(peer.submit())["kind"] == "verdict"


@pytest.mark.fault(48)
def test_one_byte_over_the_size_is_told(peer: Peer) -> None:
    body = peer.body("write_file", {"path": "a", "content": ""})
    bare = len(json.dumps(body).encode())
    body["action"]["arguments"]["content"] = "x" * (MAX_BYTES - bare + 1)
    assert len(json.dumps(body).encode()) == MAX_BYTES + 1
    peer.send(body)
    assert peer.error(body["request_id"])[0] == 413


@pytest.mark.fault(49)
@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"v":1,"kind":"submit","agent":"\xc3\x28"}'])
def test_invalid_utf8_is_refused(peer: Peer, body: bytes) -> None:
    request_id = peer.body("a", {})["request_id"]
    peer.send(body, request_id)
    assert peer.error(request_id)[0] == 400


@pytest.mark.fault(50)
@pytest.mark.parametrize("name", ["a/b", "a+b", "a#b", "$a", "a\0b", "", "x" * 65])
@pytest.mark.parametrize("field", ["agent", "node"])
def test_an_id_with_other_characters_is_refused(peer: Peer, field: str, name: str) -> None:
    body = peer.body("get_weather", {"city": "Oslo"}, **{field: name})
    peer.send(body)
    assert peer.error(body["request_id"])[0] == 400


@pytest.mark.fault(50)
def test_a_topic_that_names_no_agent_is_refused(peer: Peer) -> None:
    peer.listen(f"assent/1/{peer.node}/res/+")
    body = peer.body("get_weather", {"city": "Oslo"})
    peer.send(body, topic=f"assent/1/{peer.node}/req/$a")
    assert peer.error(body["request_id"])[0] == 400


@pytest.mark.fault(57)
@pytest.mark.parametrize(("minutes", "code"), [(10, 401), (-10, 408)])
def test_an_agents_clock_that_is_wrong_is_told(peer: Peer, minutes: int, code: int) -> None:
    now = time.time_ns() // 1000 + minutes * 60_000_000
    request_id = peer.submit(issued_at=now, expires_at=now + 60_000_000)
    assert peer.error(request_id)[0] == code


@pytest.mark.fault(58)
def test_a_request_at_qos_0_is_refused(node: BridgedNode, peer: Peer) -> None:
    body = peer.body("get_weather", {"city": "Oslo"})
    peer.send(body, qos=0)
    assert peer.error(body["request_id"]) == (400, "requests are sent at QoS 1")
    assert node.entries("verdict") == []


@pytest.mark.fault(59)
def test_of_two_consumes_at_once_one_wins(peer: Peer) -> None:
    request_id = peer.submit()
    consume = {
        "v": 1, "kind": "consume", "agent": "tester", "request_id": request_id,
        "action_digest": verdict(peer.reply(request_id))["action_digest"],
    }  # fmt: skip
    for _ in range(2):
        peer.send(consume)
    until(lambda: len(peer.replies(request_id)) >= 3, "both answers")
    kinds = sorted((one["kind"], one.get("code")) for one in peer.replies(request_id)[1:3])
    assert kinds == [("consumed", None), ("error", 410)]


@pytest.mark.fault(60)
def test_a_lost_consumed_can_be_asked_for(peer: Peer) -> None:
    """The verdict is told again, the use is not: who did not hear it must not act."""
    request_id = peer.submit()
    about = {"v": 1, "agent": "tester", "request_id": request_id}
    digest = verdict(peer.reply(request_id))["action_digest"]
    peer.send(about | {"kind": "consume", "action_digest": digest})
    peer.reply(request_id, "consumed")
    peer.send(about | {"kind": "consume", "action_digest": digest})
    assert peer.error(request_id)[0] == 410
    peer.send(about | {"kind": "query"})
    until(lambda: len(verdicts(peer, request_id)) == 2, "the verdict again")


def test_an_outcome_is_recorded_and_ends_the_sending(node: BridgedNode, peer: Peer) -> None:
    request_id = peer.submit()
    peer.reply(request_id)
    assert node.bridge.waiting == 1
    peer.send(
        {"v": 1, "kind": "outcome", "agent": "tester", "request_id": request_id,
         "status": "ok", "duration_us": 5}
    )  # fmt: skip
    peer.reply(request_id, "recorded")
    until(lambda: node.bridge.waiting == 0, "an empty outbox")
    assert node.entries("outcome")[0]["detail"]["status"] == "ok"


def test_a_request_can_be_withdrawn(node: BridgedNode, peer: Peer) -> None:
    request_id = peer.submit(**QUESTION)
    peer.reply(request_id, "pending")
    peer.send({"v": 1, "kind": "cancel", "agent": "tester", "request_id": request_id})
    peer.reply(request_id, "recorded")
    assert verdict(peer.reply(request_id, "verdict"))["verdict"] == "deny"
    assert node.running.node.engine.queue.pending(1) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"v":1}', b"\x00" * 50, b"{" * 5000])
def test_rubbish_is_refused(peer: Peer, body: bytes) -> None:
    request_id = peer.body("a", {})["request_id"]
    peer.send(body, request_id)
    assert peer.error(request_id)[0] in {400, 422, 426}


@pytest.mark.fault(39)
def test_a_burst_of_ten_thousand_is_all_answered(peer: Peer) -> None:
    """Some are judged, some refused for now; none is without an answer."""
    count = 10_000
    sent = [peer.submit(arguments={"city": f"c{number}"}) for number in range(count)]

    found = all_answers(peer, count)
    kinds = {(one["kind"], one.get("code", 0)) for one in found.values()}
    assert kinds <= {("verdict", 0), ("error", 429)}
    assert ("verdict", 0) in kinds
    assert set(sent) == set(found)


def all_answers(peer: Peer, count: int) -> dict[str, dict[str, Any]]:
    """The answers by request, once there are so many; each step towards that may take its time."""
    while len(found := answers(peer)) < count:
        heard = len(peer.heard)
        until(lambda heard=heard: len(peer.heard) > heard, "one more answer")
        time.sleep(0.3)  # a look takes long enough to hold up what it looks for
    return found


def answers(peer: Peer) -> dict[str, dict[str, Any]]:
    return {one["request_id"]: one for one in (json.loads(p) for _, p, _ in tuple(peer.heard))}
