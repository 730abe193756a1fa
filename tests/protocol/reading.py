"""The committed protocol as another language reads it: the document, its schemas, the vectors."""

import base64
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

FOLDER = Path(__file__).parents[2] / "protocol"
DOCUMENT: dict[str, Any] = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
VECTORS: dict[str, Any] = json.loads((FOLDER / "vectors.json").read_text("utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]

_URI = "urn:document"
_REGISTRY: Registry[Any] = Registry().with_resource(_URI, DRAFT7.create_resource(DOCUMENT))


def pointed(reference: str) -> Any:
    """What a reference within the document points to."""
    assert reference.startswith("#/"), reference
    found: Any = DOCUMENT
    for name in reference[2:].split("/"):
        found = found[name]
    return found


def references(node: Any) -> Iterator[str]:
    """Every reference below a node of the document."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)


@cache
def validator(reference: str) -> Draft7Validator:
    """What checks a body against a schema of the document."""
    return Draft7Validator({"$ref": _URI + reference}, registry=_REGISTRY)


def payload(message: str) -> str:
    """The reference to the schema of a message's body."""
    found: str = DOCUMENT["components"]["messages"][message]["payload"]["$ref"]
    return found


def fits(message: str, body: Any) -> bool:
    """Whether a body, and what is in the envelopes in it, are as the document says."""
    return validator(payload(message)).is_valid(body) and all(
        validator(reference).is_valid(inside) for reference, inside in opened(body)
    )


def opened(node: Any) -> Iterator[tuple[str, Any]]:
    """What is in the envelopes anywhere in a body, and the references to its schemas."""
    if isinstance(node, list):
        for item in node:
            yield from opened(item)
    elif isinstance(node, dict):
        if "payloadType" in node:
            yield from _inside(node)
        for value in node.values():
            yield from opened(value)


def _inside(envelope: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """One type has two meanings: an order is not a command. What fits one of them is that one."""
    inside = json.loads(base64.b64decode(envelope["payload"]))
    kinds = [
        schema["properties"]["payload"]["x-content"]["$ref"]
        for schema in SCHEMAS.values()
        if schema.get("properties", {}).get("payloadType", {}).get("const")
        == envelope["payloadType"]
    ]
    assert kinds, envelope["payloadType"]
    yield next((kind for kind in kinds if validator(kind).is_valid(inside)), kinds[0]), inside
    yield from opened(inside)


def channel_of(topic: str) -> tuple[str, dict[str, str]]:
    """The channel of a topic, and its parameters."""
    found = []
    for name, channel in DOCUMENT["channels"].items():
        if match := re.fullmatch(_pattern(channel), topic):
            found.append((name, match.groupdict()))
    assert len(found) == 1, (topic, found)
    return found[0]


def _pattern(channel: dict[str, Any]) -> str:
    text = re.escape(channel["address"]).replace(r"\{", "{").replace(r"\}", "}")
    for name in channel.get("parameters", {}):
        pattern = DOCUMENT["components"]["parameters"][name]["x-pattern"]
        text = text.replace(f"{{{name}}}", f"(?P<{name}>{pattern.strip('^$')})")
    return text


def message_of(topic: str, body: Any) -> str:
    """The one message of a topic's channel that a body is."""
    name, _ = channel_of(topic)
    found = [one for one in DOCUMENT["channels"][name]["messages"] if fits(one, body)]
    assert len(found) == 1, (topic, body, found)
    return found[0]


def operations_of(message: str) -> list[dict[str, Any]]:
    """The operations by which a message is sent or received over a broker, of their own accord."""
    return [
        one
        for one in DOCUMENT["operations"].values()
        if "bindings" in one
        and any(reference["$ref"].endswith(f"/{message}") for reference in one["messages"])
    ]
