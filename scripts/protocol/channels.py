"""The channels, operations and messages of `assent/1` as AsyncAPI writes them."""

from typing import Any

from app.intake.mqtt import CONTENT_TYPE
from scripts.protocol.schemas import Json, ref
from scripts.protocol.topics import (
    CHANNELS,
    INSIDE,
    LOCAL_ONLY,
    MESSAGES,
    OPERATIONS,
    TOPICS,
    Channel,
    Message,
    Operation,
)
from scripts.protocol.words import PARAMETERS

NAME = "^[A-Za-z0-9_.-]{1,64}$"
BINDING = "0.2.0"

_UUID7 = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"


def channels() -> Json:
    """Every channel by its name."""
    return {name: _channel(channel) for name, channel in CHANNELS.items()}


def _channel(channel: Channel) -> Json:
    used = [name for name in PARAMETERS if f"{{{name}}}" in channel.address]
    made: Json = {
        "address": channel.address,
        "description": channel.said,
        "servers": [{"$ref": f"#/servers/{channel.server}"}],
        "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in channel.messages.split()},
    }
    if used:
        made["parameters"] = {n: {"$ref": f"#/components/parameters/{n}"} for n in used}
    return made


def parameters() -> Json:
    """Every parameter of the topics by its name."""
    return {
        name: {
            "description": f"{said} Matches `{NAME}`.",
            "examples": [example],
            "x-pattern": NAME,
        }
        for name, (example, said) in PARAMETERS.items()
    }


def operations() -> Json:
    """Every operation by its name."""
    return {name: _operation(operation) for name, operation in OPERATIONS.items()}


def _operation(operation: Operation) -> Json:
    made: Json = {
        "action": operation.action,
        "channel": {"$ref": f"#/channels/{operation.channel}"},
        "description": operation.said,
        "messages": _listed(operation.channel, operation.messages),
    }
    if operation.reply:
        channel, messages = operation.reply
        made["reply"] = {
            "channel": {"$ref": f"#/channels/{channel}"},
            "messages": _listed(channel, messages),
        }
    if CHANNELS[operation.channel].server == "broker":
        made["bindings"] = {"mqtt": _operation_binding(operation)}
    return made


def _operation_binding(operation: Operation) -> Json:
    made: Json = {"qos": operation.qos, "retain": operation.retain, "bindingVersion": BINDING}
    if operation.expiry:
        made["messageExpiryInterval"] = {
            "type": "integer",
            "minimum": 1,
            "description": operation.expiry,
        }
    return made


def _listed(channel: str, messages: str) -> list[Json]:
    return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages.split()]


def messages(schemas: Json, examples: dict[str, list[Any]]) -> Json:
    """Every message by its name, with examples of its body."""
    made = {}
    for name, message in MESSAGES.items():
        said = schemas[message.schema]["description"].splitlines()[0]
        made[name] = {
            "name": name,
            "title": schemas[message.schema]["title"],
            "summary": said,
            "contentType": CONTENT_TYPE,
            "payload": ref(message.schema),
            "examples": [{"payload": body} for body in examples[name]],
        }
        if name not in LOCAL_ONLY:
            made[name]["bindings"] = {"mqtt": _message_binding(message)}
        if message.about:
            made[name]["correlationId"] = {"location": "$message.payload#/request_id"}
        if name in INSIDE:
            made[name]["x-pieces"] = ref(INSIDE[name])
    return made


def _message_binding(message: Message) -> Json:
    made: Json = {
        "payloadFormatIndicator": 1,
        "contentType": CONTENT_TYPE,
        "bindingVersion": BINDING,
    }
    if message.about:
        made["correlationData"] = {
            "type": "string",
            "pattern": _UUID7,
            "description": "The `request_id`, as UTF-8.",
        }
    if message.asks:
        response = TOPICS.response("{agent}")
        made["responseTopic"] = {
            "type": "string",
            "pattern": f"^{response.replace('{node}', NAME[1:-1]).replace('{agent}', NAME[1:-1])}$",
            "description": f"Not needed. If there is one, it is `{response}` of the sender.",
        }
    return made
