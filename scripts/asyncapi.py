"""Write the protocol down for other languages: an AsyncAPI document, and vectors to test against.

    python -m scripts.asyncapi [FOLDER]

The folder is protocol unless it is given. What is there is code's: the schemas are those of the
structs that the node reads and writes with, and the examples are made by it. Run it again after a
change of either.
"""

import json
import sys
from pathlib import Path

from app.bridge.checks import MOST_USER_PROPERTIES
from app.broker.settings import PLAIN_PORT, TLS_PORT
from app.intake.mqtt import CONTENT_TYPE, KEEP_ALIVE_S, LARGEST_PACKET, SESSION_S
from components.canonical import MAX_BYTES, MAX_DEPTH
from scripts.protocol import words
from scripts.protocol.channels import (
    BINDING,
    channels,
    messages,
    operations,
    parameters,
)
from scripts.protocol.examples import examples
from scripts.protocol.schemas import OFFLINE, Json, schemas
from scripts.protocol.topics import TOPICS
from scripts.protocol.vectors import vectors

FOLDER = Path(__file__).resolve().parents[1] / "protocol"
RECEIVE_MAXIMUM = 16


def document() -> Json:
    """The AsyncAPI document."""
    made = schemas()
    return {
        "asyncapi": "3.0.0",
        "id": "urn:assent:1",
        "info": {"title": "assent/1", "version": "1.0.0", "description": _introduction()},
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": _broker(), "local": _local()},
        "channels": channels(),
        "operations": operations(),
        "components": {
            "schemas": made,
            "messages": messages(made, examples()),
            "parameters": parameters(),
            "securitySchemes": {
                "password": {
                    "type": "userPassword",
                    "description": "The user name is the agent's, operator's or node's name.",
                },
                "certificate": {
                    "type": "X509",
                    "description": "The common name is the agent's, operator's or node's name.",
                },
            },
        },
    }


def _introduction() -> str:
    return words.INTRODUCTION.format(
        depth=MAX_DEPTH,
        size=MAX_BYTES,
        content_type=CONTENT_TYPE,
        properties=MOST_USER_PROPERTIES,
        session=SESSION_S,
        receive=RECEIVE_MAXIMUM,
        packet=LARGEST_PACKET,
    )


def _broker() -> Json:
    return {
        "host": "{host}:{port}",
        "protocol": "mqtt",
        "protocolVersion": "5.0",
        "description": words.BROKER,
        "variables": {
            "host": {"default": "localhost", "description": "Where the broker is."},
            "port": {
                "default": str(TLS_PORT),
                "enum": [str(TLS_PORT), str(PLAIN_PORT)],
                "description": f"{TLS_PORT} with TLS. {PLAIN_PORT} without: for tests alone.",
            },
        },
        "security": [
            {"$ref": f"#/components/securitySchemes/{scheme}"}
            for scheme in ("certificate", "password")
        ],
        "bindings": {
            "mqtt": {
                "clientId": "assent-{node}",
                "cleanSession": False,
                "lastWill": {
                    "topic": TOPICS.status,
                    "qos": 1,
                    "message": _compact(OFFLINE),
                    "retain": True,
                },
                "keepAlive": KEEP_ALIVE_S,
                "sessionExpiryInterval": SESSION_S,
                "maximumPacketSize": LARGEST_PACKET,
                "bindingVersion": BINDING,
            }
        },
        "x-mqtt5": {
            "receiveMaximum": RECEIVE_MAXIMUM,
            "subscriptions": {"noLocal": True, "retainAsPublished": True},
        },
    }


def _local() -> Json:
    return {
        "host": "localhost",
        "pathname": "/{home}/assent.sock",
        "protocol": "unix",
        "description": words.SOCKET,
        "variables": {"home": {"default": "ASSENT_HOME", "description": "The node's home folder."}},
    }


def _compact(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"))


def written() -> dict[str, str]:
    """Each file's name and text."""
    made = {"asyncapi.json": document(), "vectors.json": vectors()}
    return {
        name: json.dumps(found, indent=1, ensure_ascii=False) + "\n" for name, found in made.items()
    }


def main(arguments: list[str]) -> None:
    """Write the files."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in written().items():
        (folder / name).write_text(text, "utf-8")
        print(folder / name)


if __name__ == "__main__":
    main(sys.argv[1:])
