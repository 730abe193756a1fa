"""What a console elsewhere and its node say to each other is what the document says."""

import base64
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.deeds import AuditFilter
from app.desk import DeskError
from tests.protocol.reading import DOCUMENT, SCHEMAS, fits, message_of, validator
from tests.remote.harness import DROP, Remote, Sitting, remote_node

SCHEMA = "#/components/schemas/"


class Talk(NamedTuple):
    """Bodies by the name of their message, and what frames are together, by that of theirs."""

    bodies: list[tuple[str, Any]]
    commands: dict[str, str]
    whole: list[tuple[str, Any]]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    home: Path = tmp_path_factory.mktemp("consoles") / "home"
    with remote_node(home) as remote, remote.attached("ada") as ada:
        converse(remote, ada)
    return heard(remote, ada)


def converse(remote: Remote, ada: Sitting) -> None:
    """Decide, and look at what there is to see."""
    asking = remote.running.ask(DROP)
    view = ada.waiting("query")
    ada.desk.claim(view.id).result(30)
    ada.answer(ada.waiting("query", lambda one: one.claimed_by == "ada"), "reject", reason="no")
    assert not asking.result().allowed
    assert isinstance(ada.refused(ada.desk.escalate(view.id)), DeskError)
    ada.desk.audit_page(AuditFilter(), None, 50)
    ada.desk.audit_detail(1)
    ada.desk.report("daily")


def heard(remote: Remote, ada: Sitting) -> Talk:
    node = remote.node.identity.node
    bodies, whole, parts = [], [], dict[str, str]()
    commands = {}
    for sent in ada.link.sent:
        body = json.loads(sent)
        bodies.append((f"assent/1/{node}/op/ada/ans", body))
        command = inside(body)
        commands[command["id"]] = command["method"]
    for operator, kind, published in remote.published:
        body = json.loads(published)
        bodies.append((f"assent/1/{node}/op/{operator}/{kind}", body))
        frame = inside(body)
        text = parts.get(frame["stream"], "") + frame["piece"]
        parts[frame["stream"]] = text
        if frame["part"] == frame["parts"] - 1:
            whole.append((kind, json.loads(text)))
            del parts[frame["stream"]]
    return Talk([(message_of(topic, body), body) for topic, body in bodies], commands, whole)


def inside(envelope: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
    return found


def test_commands_frames_and_what_is_in_them_fit(talk: Talk) -> None:
    assert {name for name, _ in talk.bodies} == {"command", "item", "result"}
    wanted = {"sync", "claim", "answer", "escalate", "audit_page", "audit_detail", "report"}
    assert wanted <= set(talk.commands.values())


def test_the_pieces_together_are_messages(talk: Talk) -> None:
    messages = DOCUMENT["components"]["messages"]
    pieces = {
        "item": messages["item"]["x-pieces"]["$ref"],
        "res": messages["result"]["x-pieces"]["$ref"],
    }
    for kind, body in talk.whole:
        assert validator(pieces[kind]).is_valid(body), body
    kinds = {body["kind"] for _, body in talk.whole}
    assert {"offered", "withdrawn", "result", "error", "snapshot"} <= kinds


def test_every_result_is_of_its_methods_type(talk: Talk) -> None:
    seen = set()
    for _, body in talk.whole:
        if body["kind"] == "result":
            method = talk.commands[body["id"]]
            reference = f"{SCHEMA}Result/x-value-by-method/{method}"
            assert validator(reference).is_valid(body["value"]), (method, body["value"])
            seen.add(method)
    assert {"sync", "claim", "answer", "audit_page", "audit_detail", "report"} <= seen


def test_a_command_is_bound_to_its_methods_arguments(talk: Talk) -> None:
    found = [inside(body) for name, body in talk.bodies if name == "command"]
    for command in found:
        wrong = command | {"arguments": command["arguments"] | {"surplus": 1}}
        assert validator(f"{SCHEMA}Command").is_valid(command)
        assert not validator(f"{SCHEMA}Command").is_valid(wrong)
        assert not validator(f"{SCHEMA}Command").is_valid(command | {"method": "obey"})
        for field in SCHEMAS["Command"]["required"]:
            rest = {name: value for name, value in command.items() if name != field}
            assert not validator(f"{SCHEMA}Command").is_valid(rest)


def test_an_unsigned_command_is_none(talk: Talk) -> None:
    name, body = talk.bodies[0]
    assert not fits(name, body | {"signatures": []})
    assert not fits(name, inside(body))
