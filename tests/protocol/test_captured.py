"""What really goes over the broker is what the document says, to the properties of each message."""

from typing import Any

import pytest

from tests.bridge.peer import BridgedNode, Peer
from tests.bridge.test_requests import verdict
from tests.broker import Mosquitto
from tests.protocol.captured import Captured, Heard
from tests.protocol.reading import (
    DOCUMENT,
    channel_of,
    fits,
    opened,
    operations_of,
    payload,
    pointed,
    validator,
)

OF_AGENTS = ("submit", "query", "cancel", "consume", "outcome")
TOLD = ("status", "offline", "checkpoint", "events", "metrics", "alerts")
ANSWERS = ("pending", "verdict", "consumed", "recorded", "error")
STATES = ("status", "offline", "checkpoint", "metrics", "alerts")


@pytest.mark.parametrize("name", [*OF_AGENTS, *ANSWERS, *TOLD])
def test_every_message_of_an_agents_broker_was_heard_and_fits(traffic: Captured, name: str) -> None:
    assert traffic.of(name)  # it was found in the document, as one message of its channel


def test_the_topics_parameters_are_those_of_the_bodies(traffic: Captured) -> None:
    for one in traffic.heard:
        _, parameters = channel_of(one.topic)
        assert parameters["node"] == traffic.node
        if "agent" in parameters and one.name in OF_AGENTS:
            assert one.body["agent"] == parameters["agent"]


def test_every_verdict_is_one_of_each_kind(traffic: Captured) -> None:
    found = [verdict(one.body) for one in traffic.of("verdict")]
    assert {one["verdict"] for one in found} == {"allow", "deny", "expired"}
    assert any(one["arguments"] for one in found)
    assert any(one["decision"] for one in found)


@pytest.mark.parametrize("name", [*OF_AGENTS, *ANSWERS, *TOLD])
def test_the_properties_are_those_of_the_bindings(traffic: Captured, name: str) -> None:
    bound = DOCUMENT["components"]["messages"][name]["bindings"]["mqtt"]
    for one in traffic.of(name):
        properties = vars(one.raw.properties)
        assert properties["ContentType"] == bound["contentType"] == DOCUMENT["defaultContentType"]
        if name not in OF_AGENTS:  # the tests' own agent says no format
            assert properties["PayloadFormatIndicator"] == bound["payloadFormatIndicator"]
        assert correlated(one) == ("correlationData" in bound and one.body["request_id"])


def correlated(one: Heard) -> Any:
    data = getattr(one.raw.properties, "CorrelationData", None)
    return data.decode() if data else False


@pytest.mark.parametrize("name", [*OF_AGENTS, "verdict", *TOLD])
def test_the_quality_of_service_and_expiry_are_those_of_the_bindings(
    traffic: Captured, name: str
) -> None:
    for operation in operations_of(name):
        bound = operation["bindings"]["mqtt"]
        for one in traffic.of(name):
            expiry = getattr(one.raw.properties, "MessageExpiryInterval", None)
            assert one.raw.qos == bound["qos"]
            assert (expiry is not None) == ("messageExpiryInterval" in bound)


def test_what_the_broker_keeps_is_state(traffic: Captured) -> None:
    retained = {
        name
        for name in (*OF_AGENTS, *ANSWERS, *TOLD)
        if any(one["bindings"]["mqtt"]["retain"] for one in operations_of(name))
    }
    assert retained == set(STATES)
    assert {one.name for one in traffic.kept} == set(STATES) - {"offline"}


def test_the_will_is_the_last_word(traffic: Captured) -> None:
    will = DOCUMENT["servers"]["broker"]["bindings"]["mqtt"]["lastWill"]
    (last,) = traffic.of("offline")
    assert last.raw.payload.decode() == will["message"]
    assert last.topic == will["topic"].replace("{node}", traffic.node)


@pytest.mark.parametrize("name", [*OF_AGENTS, *ANSWERS, *TOLD])
def test_a_captured_message_without_a_required_field_is_invalid(
    traffic: Captured, name: str
) -> None:
    required = pointed(payload(name))["required"]
    assert required
    body = traffic.of(name)[0].body
    for field in required:
        assert not fits(name, {key: value for key, value in body.items() if key != field})


@pytest.mark.parametrize("name", ["verdict", "status"])
def test_what_is_signed_is_invalid_without_a_required_field(traffic: Captured, name: str) -> None:
    ((reference, inside),) = opened(traffic.of(name)[0].body)
    for field in pointed(reference)["required"]:
        rest = {key: value for key, value in inside.items() if key != field}
        assert not validator(reference).is_valid(rest), field


@pytest.mark.parametrize("name", OF_AGENTS)
def test_an_unknown_field_is_invalid(traffic: Captured, name: str) -> None:
    assert not fits(name, traffic.of(name)[0].body | {"surplus": 1})


def test_an_unknown_field_is_refused_by_the_node(broker: Mosquitto, node: BridgedNode) -> None:
    peer = Peer(broker, node.name)
    about = {"v": 1, "agent": peer.agent, "surplus": 1}
    try:
        for body in (
            {"kind": "query"}, {"kind": "cancel"}, {"kind": "outcome", "status": "ok"},
            {"kind": "consume", "action_digest": "0" * 64}, peer.body("get_weather", {}),
        ):  # fmt: skip
            request_id = peer.body("get_weather", {})["request_id"]
            peer.send(body | about | {"request_id": request_id})
            assert peer.error(request_id)[0] == 422
    finally:
        peer.close()
