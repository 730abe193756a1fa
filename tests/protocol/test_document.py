"""The committed document: made by the code as it is now, valid, whole, and true."""

import json
import re
import warnings
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft7Validator

from app.bridge.topics import Topics
from app.intake import mqtt, wire
from scripts.asyncapi import FOLDER, RECEIVE_MAXIMUM, document, written
from scripts.protocol.schemas import DEEDS
from tests.protocol.reading import (
    DOCUMENT,
    SCHEMAS,
    channel_of,
    fits,
    payload,
    pointed,
    references,
    validator,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # a field of it has a name that pydantic had before
    from asyncapi3 import AsyncAPI3

HOUSE = FOLDER.parent
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
OF_AGENTS = tuple(
    reference["$ref"].rpartition("/")[2]
    for operation in DOCUMENT["operations"].values()
    if operation["action"] == "receive" and operation["channel"]["$ref"] == "#/channels/local"
    for reference in operation["messages"]
)
EXAMPLES = [
    (name, example["payload"]) for name, one in MESSAGES.items() for example in one["examples"]
]


def test_what_lies_there_is_what_the_code_makes() -> None:
    found = {name: (FOLDER / name).read_text("utf-8") for name in written()}
    assert found == written(), "run python -m scripts.asyncapi"


def test_it_is_an_asyncapi_document() -> None:
    model = AsyncAPI3.model_validate(DOCUMENT)
    assert model.asyncapi == "3.0.0"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("channels/requests/topic", "x"),
        ("operations/submit/action", "publish"),
        ("operations/submit/bindings/mqtt/qos", 3),
        ("servers/broker/bindings/mqtt/keep", 1),
        ("components/securitySchemes/password/type", "none"),
    ],
)
def test_the_validator_sees_what_is_wrong(path: str, value: Any) -> None:
    broken = deepcopy(DOCUMENT)
    *way, last = path.split("/")
    node = broken
    for name in way:
        node = node[name]
    node[last] = value
    with pytest.raises(ValueError, match="validation error"):
        AsyncAPI3.model_validate(broken)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    for reference in found:
        assert pointed(reference) is not None
    used = {name.rpartition("/")[2] for name in found if name.startswith("#/components/schemas/")}
    apart = {deed.__name__ for deed in DEEDS.values()}
    assert set(SCHEMAS) - used - apart == set()


def test_every_schema_is_one() -> None:
    for name, schema in SCHEMAS.items():
        assert re.fullmatch(r"[A-Za-z]+", name)
        Draft7Validator.check_schema(schema)
        assert schema["description"], name
    assert "\\Z" not in json.dumps(SCHEMAS)
    assert "prefixItems" not in json.dumps(SCHEMAS)


def test_every_channel_has_an_address_messages_and_its_parameters() -> None:
    for name, channel in DOCUMENT["channels"].items():
        assert channel["address"], name
        assert channel["messages"], name
        named = set(re.findall(r"\{(\w+)\}", channel["address"]))
        assert named == set(channel.get("parameters", {})), name
    used = {message for channel in DOCUMENT["channels"].values() for message in channel["messages"]}
    assert used == set(MESSAGES)


def test_every_operation_is_on_a_channel_and_of_its_messages() -> None:
    at_work = set()
    for name, operation in DOCUMENT["operations"].items():
        for part in (operation, operation.get("reply")):
            if part:
                channel = part["channel"]["$ref"]
                at_work.add(channel)
                assert pointed(channel), name
                for message in part["messages"]:
                    assert message["$ref"].startswith(f"{channel}/messages/"), name
    assert at_work == {f"#/channels/{name}" for name in DOCUMENT["channels"]}


def test_every_topic_of_the_bridge_is_a_channel() -> None:
    topics = Topics("n1")
    given = {
        topics.request("a1"): "requests", topics.response("a1"): "replies",
        topics.item("o1"): "items", topics.answers.replace("+", "o1"): "commands",
        topics.result("o1"): "results", topics.events("gate"): "events",
        topics.metrics("gate"): "metrics", topics.alert("slow"): "alerts",
        topics.status: "status", topics.checkpoint: "checkpoint",
        topics.cosign("n2"): "cosignatures",
    }  # fmt: skip
    assert {topic: channel_of(topic)[0] for topic in given} == given
    assert {*given.values(), "local"} == set(DOCUMENT["channels"])


def test_the_bindings_are_those_of_the_nodes_connection() -> None:
    broker = DOCUMENT["servers"]["broker"]
    connect = mqtt._connecting(mqtt.SESSION_S)
    bound = broker["bindings"]["mqtt"]
    assert bound["sessionExpiryInterval"] == connect.SessionExpiryInterval
    assert bound["maximumPacketSize"] == connect.MaximumPacketSize
    assert broker["x-mqtt5"]["receiveMaximum"] == connect.ReceiveMaximum == RECEIVE_MAXIMUM
    assert bound["keepAlive"] == mqtt.KEEP_ALIVE_S
    assert bound["cleanSession"] is False


@pytest.mark.parametrize(("name", "body"), EXAMPLES)
def test_every_example_is_valid(name: str, body: Any) -> None:
    assert fits(name, body)
    channels = [one for one in DOCUMENT["channels"].values() if name in one["messages"]]
    for channel in channels:
        assert [one for one in channel["messages"] if fits(one, body)] == [name]


def test_every_message_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == set(MESSAGES)


def test_every_code_that_the_house_gives_is_told() -> None:
    told = set(SCHEMAS["ErrorCode"]["enum"])
    call = re.compile(
        r"(?:Refusal|Refused|refuse|BadMessage|Turned|DeskError|Failed|Malformed)\("
        r"[^()]*?(?:\([^()]*\)[^()]*?)*?\b([45][0-9]{2})\b(?!\s*(?:bytes|_))"
    )
    given = {
        int(code)
        for folder in ("app/intake", "app/bridge", "app/remote", "app/node", "components")
        for path in (HOUSE / folder).rglob("*.py")
        for code in call.findall(path.read_text("utf-8"))
    }
    assert {400, 401, 403, 404, 408, 409, 410, 413, 415, 422, 423, 426, 429, 500} <= given
    assert given <= told


def mutations(body: dict[str, Any], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Bodies that are each wrong in one place, or may be."""
    found = [(f"{path}+", body | {"surplus": 1})]
    for name, value in body.items():
        found.append((f"{path}-{name}", {key: one for key, one in body.items() if key != name}))
        found += [
            (f"{path}{name}={other!r:.20}", body | {name: other})
            for other in (None, -1, "", "ä b", [], {}, 1.5, True, "x" * 5000)
        ]
        if isinstance(value, dict) and name == "action":
            found += [
                (where, body | {name: inside}) for where, inside in mutations(value, f"{name}.")
            ]
    return found


@pytest.mark.parametrize("name", OF_AGENTS)
def test_the_document_and_the_node_refuse_the_same(name: str) -> None:
    """Each message of an agent, wrong in one place after the other."""
    body = next(body for example, body in EXAMPLES if example == name)
    assert accepted(body)
    differ = [
        where
        for where, other in mutations(body)
        if accepted(other) != validator(payload(name)).is_valid(other)
    ]
    assert not accepted(body | {"surplus": 1})
    assert [where for where in differ if not where.startswith("envelope")] == []


def accepted(body: dict[str, Any]) -> bool:
    try:
        wire.decode(json.dumps(body).encode())
    except wire.BadMessage:
        return False
    return True


@pytest.mark.parametrize(("name", "body"), EXAMPLES)
def test_without_a_required_field_it_is_invalid(name: str, body: dict[str, Any]) -> None:
    required = pointed(payload(name))["required"]
    assert required or name == "statusQuery"
    for field in required:
        assert not fits(name, {key: value for key, value in body.items() if key != field}), field


def test_it_is_written_alike_every_time() -> None:
    assert document() == document() == DOCUMENT


def test_the_folder_explains_itself() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    for name in ("asyncapi.json", "vectors.json", "python -m scripts.asyncapi"):
        assert name in text
