"""The JSON schemas of `assent/1`, from the structs that the node itself reads and writes with.

AsyncAPI's schemas are JSON Schema draft 07 with ECMAScript's patterns; msgspec's are newer, and
Python's. What no struct says is added here: what is inside an envelope, and which codes there are.
"""

import inspect
import re
from typing import Any

import msgspec

from app.bridge import cosigning, feed
from app.deeds import METHODS, Deed
from app.intake import wire
from app.remote import wire as consoles
from components.actions import Answer, Verdict
from components.gate import commands
from components.gate.answers import ANSWER_TYPE
from components.gate.records import answer_detail
from scripts.protocol.words import ERRORS

Json = dict[str, Any]

HERE = "#/components/schemas/"
OFFLINE = {"v": wire.VERSION, "state": "offline"}
"""What the broker says of a node whose connection broke, and the node when it stops."""

DEEDS: dict[str, type[Deed]] = {**METHODS, "sync": consoles.Sync}
"""What an operator may ask for, by method."""
ENVELOPES = {
    "VerdictEnvelope": (wire.VERDICT_TYPE, "Verdict"),
    "StatusEnvelope": (wire.STATUS_TYPE, "StatusReply"),
    "OrderEnvelope": (commands.COMMAND_TYPE, "Order"),
    "AnswerEnvelope": (ANSWER_TYPE, "Answer"),
    "CommandEnvelope": (consoles.COMMAND_TYPE, "Command"),
    "FrameEnvelope": (consoles.CONSOLE_TYPE, "Frame"),
}
"""Each envelope's payload type, and the schema of what is inside."""

_ROOTS: tuple[Any, ...] = (
    wire.AnyMessage, wire.AnyReply, Verdict, Answer, commands.Command,
    feed.Events, feed.Metrics, feed.Alerts, feed.CheckpointNote,
    cosigning.CosignedNote,
    consoles.Command, consoles.Frame, consoles.Offered, consoles.Withdrawn, consoles.Result,
    consoles.Failed, consoles.Working, consoles.Shot,
)  # fmt: skip
_NAMES = {"app.remote.wire.Command": "Command", "components.gate.commands.Command": "Order"}
_MODULE = re.compile(r"`(?:app|components)\.[a-z_.]+\.(\w+)`")


def ref(name: str) -> Json:
    """A reference to a schema."""
    return {"$ref": HERE + name}


def schemas() -> Json:
    """Every schema by its name."""
    kinds = (*_ROOTS, *DEEDS.values(), *(deed.gives for deed in DEEDS.values()))
    tops, found = msgspec.json.schema_components(kinds, ref_template=HERE + "{name}")
    made = {_NAMES.get(name, name): _draft7(schema) for name, schema in found.items()}
    gives = dict(zip(DEEDS, map(_draft7, tops[-len(DEEDS) :]), strict=True))
    for schema in made.values():
        _fix_version(schema)
    made |= {name: _envelope(*inside) for name, inside in ENVELOPES.items()}
    made["Offline"] = _offline()
    made["ErrorCode"] = _error_code()
    made["OperatorAnswer"] = _operator_answer(made["Answer"])
    made["ItemMessage"] = _either("What an item frame's pieces are together.", "Offered Withdrawn")
    made["ResultMessage"] = _either(
        "What a result frame's pieces are together.", "Result Failed Working Shot"
    )
    _join(made, gives)
    return dict(sorted(made.items()))


def _join(made: Json, gives: Json) -> None:
    """Put in what structs leave open, because the node reads it only later, or elsewhere."""

    def at(name: str, field: str, schema: Json) -> None:
        made[name]["properties"][field] = schema

    at("VerdictReply", "envelope", ref("VerdictEnvelope"))
    at("Operate", "envelope", ref("OrderEnvelope"))
    at("ErrorReply", "code", ref("ErrorCode"))
    at("Failed", "code", ref("ErrorCode"))
    at("Verdict", "decision", {"anyOf": [ref("OperatorAnswer"), {"type": "null"}], "default": None})
    for name in ("AnswerOne", "AnswerSimilar", "Marked"):
        said = {"description": "The JSON text of the operator's own signed answer."}
        more = {"contentMediaType": "application/json", "x-content": ref("AnswerEnvelope")}
        at(name, "envelope", made[name]["properties"]["envelope"] | said | more)
    at("Command", "method", {"type": "string", "enum": sorted(DEEDS)})
    made["Command"]["allOf"] = [
        {
            "if": {"properties": {"method": {"const": method}}},
            "then": {"properties": {"arguments": ref(DEEDS[method].__name__)}},
        }
        for method in sorted(DEEDS)
    ]
    made["Result"]["x-value-by-method"] = dict(sorted(gives.items()))


def _draft7(node: Any) -> Any:
    """msgspec's schema as draft 07 would say it."""
    if isinstance(node, list | tuple):
        return [_draft7(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {name: _draft7(value) for name, value in node.items()}
    match made:
        case {"pattern": str(pattern)}:
            made["pattern"] = pattern.replace(r"\Z", "$")
        case {"enum": [only]}:
            del made["enum"]
            made = {"type": "string", "const": only} | made
        case {"enum": [str(), *_]}:
            made = {"type": "string"} | made
        case {"prefixItems": list(items)}:
            del made["prefixItems"]
            made |= {"items": items, "additionalItems": False}
    if isinstance(said := made.get("description"), str):
        made["description"] = _MODULE.sub(r"`\1`", inspect.cleandoc(said))
    return made


def _fix_version(schema: Json) -> None:
    """Every message says which version it is of; without that, it is refused."""
    if "v" in schema["properties"]:
        schema["properties"]["v"] = {"type": "integer", "const": wire.VERSION}
        schema["required"] = [*schema["required"], *({"v"} - {*schema["required"]})]


def _envelope(kind: str, inside: str) -> Json:
    signature = {
        "type": "object",
        "properties": {
            "keyid": {
                "type": "string",
                "pattern": "^[0-9a-f]{32}$",
                "description": "The first 32 hex digits of the SHA-256 of the public key.",
            },
            "sig": {
                "type": "string",
                "pattern": "^[A-Za-z0-9+/]{86}==$",
                "description": "The Ed25519 signature over the pre-authentication encoding.",
            },
        },
        "required": ["keyid", "sig"],
        "additionalProperties": False,
    }
    return {
        "title": f"Signed{inside}",
        "description": f"A DSSE envelope with one signature, around {inside}.",
        "type": "object",
        "properties": {
            "payload": {
                "type": "string",
                "contentEncoding": "base64",
                "contentMediaType": kind,
                "x-content": ref(inside),
            },
            "payloadType": {"type": "string", "const": kind},
            "signatures": {"type": "array", "minItems": 1, "maxItems": 1, "items": signature},
        },
        "required": ["payload", "payloadType", "signatures"],
        "additionalProperties": False,
    }


def _offline() -> Json:
    return {
        "title": "Offline",
        "description": "The node is not there. Nobody signed it, so it can only ever mean closed.",
        "type": "object",
        "properties": {
            "v": {"type": "integer", "const": OFFLINE["v"]},
            "state": {"type": "string", "const": OFFLINE["state"]},
        },
        "required": ["v", "state"],
    }


def _error_code() -> Json:
    return {
        "title": "ErrorCode",
        "description": "Every code means deny, and so does one that is not listed.\n\n"
        + "\n".join(f"- `{code}` {name}: {said}" for code, (name, said) in ERRORS.items()),
        "type": "integer",
        "enum": list(ERRORS),
        "x-enum-varnames": [name for name, _ in ERRORS.values()],
        "x-enum-descriptions": [said for _, said in ERRORS.values()],
    }


def _operator_answer(answer: Json) -> Json:
    """What a verdict tells of the answer that it rests on."""
    blank = Answer(decision_id="", digest="", answer="reject", operator="")
    names = ["operator", *answer_detail(blank)]
    return {
        "title": "OperatorAnswer",
        "description": "Who decided, what they were shown and when, and their own signature.",
        "type": "object",
        "properties": {name: answer["properties"][name] for name in names},
        "required": names,
    }


def _either(said: str, names: str) -> Json:
    return {"description": said, "oneOf": [ref(name) for name in names.split()]}
