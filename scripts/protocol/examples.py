"""Real messages of `assent/1`, made by the node's own code."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from app.bridge import cosigning, feed
from app.deeds import AnswerOne
from app.intake import wire
from app.remote import wire as consoles
from app.remote.sealing import Sealer
from components.actions import Action
from components.audit_system.checkpoint import seal
from components.canonical import canonical
from components.clock import ManualClock
from components.gate import Judged, TurnedAway, commands
from components.gate.answers import sign_answer
from components.keys import key_id, sign_dsse, verifier_key
from components.monitor import Figures
from components.monitor.alerting import AlertState
from scripts.protocol.made import (
    AGENT,
    ARGUMENTS,
    ASKED,
    COMMAND_ID,
    DIGEST,
    NODE,
    NODE_KEY,
    NODE_KEY_ID,
    NONCE,
    NOW,
    OPERATOR,
    OPERATOR_KEY,
    REQUEST_ID,
    SECOND,
    TOOL,
    answered,
    sealed,
    verdict,
)
from scripts.protocol.schemas import OFFLINE


def examples() -> dict[str, list[Any]]:
    """Bodies by the name of their message."""
    about: dict[str, Any] = {"agent": AGENT, "request_id": REQUEST_ID}
    made: dict[str, list[Any]] = {
        "submit": [ASKED],
        "query": [wire.Query(**about)],
        "cancel": [wire.Cancel(**about)],
        "consume": [wire.Consume(**about, action_digest=DIGEST)],
        "outcome": [wire.OutcomeReport(**about, status="ok", duration_us=5_210)],
        "pending": [
            wire.Pending(request_id=REQUEST_ID, decision_id="7f3a", deadline=ASKED.expires_at)
        ],
        "verdict": [wire.VerdictReply(request_id=REQUEST_ID, envelope=Raw(sealed(verdict())))],
        "consumed": [wire.Consumed(request_id=REQUEST_ID, at=NOW + 11 * SECOND)],
        "recorded": [wire.Recorded(request_id=REQUEST_ID)],
        "error": [
            wire.refuse(429, "the node is busy", request_id=REQUEST_ID, retry_after_ms=500),
            wire.refuse(
                422, "the digest is not this action's", field="action_digest", request_id=REQUEST_ID
            ),
        ],
        "statusQuery": [wire.StatusQuery()],
        "metricsQuery": [wire.MetricsQuery(request_id=REQUEST_ID)],
        "operate": [_operate()],
        "statusReply": [_status()],
        "metricsReply": [wire.MetricsReply(request_id=REQUEST_ID, text="# EOF\n")],
        "operated": [wire.Operated(request_id=REQUEST_ID, text="it takes submissions again")],
        "offline": [OFFLINE],
    }
    bodies = {name: [json.loads(msgspec.json.encode(one)) for one in made[name]] for name in made}
    raw = _told() | _consoles()
    return bodies | {name: [json.loads(body) for body in raw[name]] for name in raw}


def _status() -> wire.StatusReply:
    return wire.StatusReply(
        node=NODE,
        state="open",
        key=verifier_key(NODE, NODE_KEY),
        epoch=1,
        valid_until=NOW + 30 * SECOND,
        waiting=1,
        entries=42,
        root="d0" * 32,
    )


def _operate() -> wire.Operate:
    order = commands.Command(
        node=NODE, order="resume", operator=OPERATOR, issued_at=NOW, nonce=NONCE
    )
    return wire.Operate(request_id=COMMAND_ID, envelope=_by_operator(commands.COMMAND_TYPE, order))


def _by_operator(kind: str, body: Any) -> dict[str, Any]:
    name = key_id(bytes(OPERATOR_KEY.verify_key))
    signed = sign_dsse(kind, msgspec.json.encode(body), OPERATOR_KEY, name)
    found: dict[str, Any] = json.loads(signed)
    return found


def _told() -> dict[str, list[bytes]]:
    """What the node tells everybody."""
    status = sign_dsse(wire.STATUS_TYPE, msgspec.json.encode(_status()), NODE_KEY, NODE_KEY_ID)
    action = Action(tool=TOOL, arguments=ARGUMENTS, id=REQUEST_ID, agent=AGENT)
    events = feed.EventFeed(NODE)
    events.add(Judged(action, None, verdict(), "operator", 1_830, 8_900_000), NOW + 10 * SECOND)
    events.add(TurnedAway(AGENT, REQUEST_ID, 409, "conflict"), NOW + 12 * SECOND)
    figures = {"gate.verdict": Figures(12, 0, 0, 1.2, 1_412.5, 1_790.0, 1_830.0, 1_830.0, 1_460.0)}
    alert = AlertState(
        id="9b1c", rule="id-conflict", title="A request id came twice",
        series="condition.id-conflict", phase="firing", severity="high",
        text=f"{AGENT} used an id for two actions", value="1", since=NOW + 12 * SECOND,
    )  # fmt: skip
    alerts = feed.AlertFeed(NODE)
    firing = [body for _, body in alerts.changes(NOW + 13 * SECOND, [alert])]
    calm = [body for _, body in alerts.changes(NOW + 90 * SECOND, [])]
    return {
        "status": [status],
        "events": [body for _, body in events.take()],
        "metrics": [body for _, body in feed.metrics_bodies(NODE, NOW + 10 * SECOND, figures)],
        "alerts": firing + calm,
        "cosigned": [msgspec.json.encode(cosigning.CosignedNote(NODE, 41))],
        "checkpoint": [
            feed.checkpoint_body(NODE, seal(NODE, 42, bytes.fromhex("d0" * 32), NODE_KEY).note)
        ],
    }


def _consoles() -> dict[str, list[bytes]]:
    """What a console and the node say to each other."""
    sealer = Sealer(NODE, NODE_KEY, NOW, ManualClock(NOW + 3 * SECOND))
    answer = replace(answered(), signature="", tier=1)
    envelope = sign_answer(answer, OPERATOR_KEY).decode()
    deeds: Mapping[str, Any] = {
        "sync": consoles.Sync(),
        "answer": AnswerOne(envelope=envelope, version=0),
    }
    asked = [
        canonical(_by_operator(consoles.COMMAND_TYPE, _command(method, deed)))
        for method, deed in deeds.items()
    ]
    synced = consoles.Synced(tier=1, observer=False, numbers=sealer.numbers(OPERATOR))
    result = consoles.Result(COMMAND_ID, Raw(msgspec.json.encode(synced)))
    withdrawn = consoles.Withdrawn("7f3a", f"approved by {OPERATOR}")
    return {
        "command": asked,
        "result": sealer.seal(OPERATOR, "result", result),
        "item": sealer.seal(OPERATOR, "item", withdrawn),
    }


def _command(method: str, deed: Any) -> consoles.Command:
    return consoles.Command(
        node=NODE,
        operator=OPERATOR,
        key_id=key_id(bytes(OPERATOR_KEY.verify_key)),
        epoch=0 if method == "sync" else NOW,
        id=COMMAND_ID,
        nonce=NONCE,
        issued_at=NOW + 3 * SECOND,
        expires_at=NOW + 63 * SECOND,
        method=method,
        arguments=msgspec.to_builtins(deed),
        v=1,
    )
