"""Cases to try an implementation of `assent/1` on: canonical JSON, digests, verdicts.

What is expected is what the node's own code finds, so that a vector cannot be wrong by hand.
"""

import base64
import hashlib
import json
from typing import Any

import msgspec
from nacl.signing import SigningKey

from app.intake import wire
from app.intake.verdicts import NO_VERDICT, weigh
from components.actions import Verdict
from components.canonical import Malformed, canonical, digest, parse
from components.keys import Keyring, TrustedKey, key_id, sign_dsse, verifier_key
from scripts.protocol.made import (
    AGENT,
    ARGUMENTS,
    ASKED,
    DIGEST,
    NODE,
    NODE_KEY,
    NODE_KEY_ID,
    NODE_SEED,
    NOW,
    SAFER,
    SECOND,
    TOOL,
    sealed,
    verdict,
)
from scripts.protocol.schemas import Json

_STRANGER = SigningKey(bytes(range(64, 96)))
_AT = NOW + 20 * SECOND

_CANONICAL = (
    '{"b":1,"a":{"d":[],"c":null}}',
    '{ "peach": "\\u00e9", "\\ud83d\\ude00": 1, "\\ufb33": 2, "1": "one" }',
    '{"numbers":[1e2,1.50,0.1e-6,-0.0,4.5e15,123456789012345,1e-7,0.000001]}',
    '{"text":"\\u0007 \\n \\" \\\\ \\/ <\\u2028>"}',
    "9007199254740991",
    '[true,false,null,"",{},[]]',
)
_REFUSED = (
    ('{"a":1,"a":1}', "a key stands twice"),
    ('{"a":NaN}', "NaN"),
    ('{"a":1e400}', "a number without a value"),
    ("9007199254740992", "an integer of 2^53"),
    ("9007199254740993.0", "a number of 2^53 or beyond"),
    ('{"a":"\\ud800"}', "a lone surrogate"),
    ("[" * 65 + "]" * 65, "nested deeper than 64"),
    ('{"a":1} ,', "more than one value"),
)
_ACTIONS: tuple[tuple[str, Json], ...] = (
    (TOOL, ARGUMENTS),
    ("get_weather", {"city": "Tromsø"}),
    ("pay", {"to": "DE89", "amount": 1250.0, "memo": None}),
    ("noop", {}),
)


def vectors() -> Json:
    """Everything, as plain data."""
    public = bytes(NODE_KEY.verify_key)
    return {
        "about": "Made by scripts/asyncapi.py. The key is for tests: everybody knows its seed.",
        "key": {
            "seed": NODE_SEED.hex(),
            "vkey": verifier_key(NODE, NODE_KEY),
            "public": base64.b64encode(public).decode(),
            "key_id": NODE_KEY_ID,
        },
        "canonical": [_canonical(text) for text in _CANONICAL],
        "refused": [_refused(text, why) for text, why in _REFUSED],
        "digests": [_digest(tool, arguments) for tool, arguments in _ACTIONS],
        "asked": json.loads(wire.encode(ASKED)),
        "verdicts": [_judged(name, envelope, _AT) for name, envelope in _envelopes().items()]
        + [
            _judged("genuine, in its last moment", sealed(verdict()), verdict().not_after - 1),
            _judged("genuine, and out of date", sealed(verdict()), verdict().not_after),
        ],
    }


def _canonical(text: str) -> Json:
    return {"json": text, "canonical": canonical(parse(text.encode())).decode()}


def _refused(text: str, why: str) -> Json:
    try:
        parse(text.encode())
    except Malformed:
        return {"json": text, "why": why}
    raise AssertionError(f"{text} is read")


def _digest(tool: str, arguments: Json) -> Json:
    body = {"node": NODE, "agent": AGENT, "action": {"tool": tool, "arguments": arguments}}
    text = canonical(body).decode()
    found = digest(NODE, AGENT, tool, arguments)
    assert found == hashlib.sha256(f"assent/action/v1\n{text}".encode()).hexdigest()
    return {**body, "canonical": text, "action_digest": found}


def _judged(name: str, envelope: bytes, now: int) -> Json:
    ring = Keyring((TrustedKey(principal="node", public=bytes(NODE_KEY.verify_key)),))
    found = weigh(envelope, ASKED, ring, now)
    expected: Json = {
        "genuine": found.rule != NO_VERDICT or found.verdict == "expired",
        "verdict": found.verdict,
    }
    if found.allowed:
        expected["arguments"] = found.arguments
    return {"name": name, "now": now, "envelope": json.loads(envelope), "expected": expected}


def _envelopes() -> dict[str, bytes]:
    """Envelopes by what is particular about them."""
    changed = digest(NODE, AGENT, TOOL, SAFER)
    modified: dict[str, Any] = {"arguments": SAFER, "action_digest": changed, "replaces": DIGEST}
    return {
        "genuine": sealed(verdict()),
        "a genuine deny": sealed(verdict(verdict="deny")),
        "a genuine expiry": sealed(verdict(verdict="expired", decision=None)),
        "changed by the operator": sealed(verdict(**modified)),
        "changed from another action": sealed(verdict(**modified | {"replaces": "0" * 64})),
        "changed, with another digest": sealed(verdict(**modified | {"action_digest": DIGEST})),
        "a change hidden": sealed(verdict(replaces=DIGEST)),
        "of another action": sealed(verdict(action_digest=changed)),
        "of another request": sealed(verdict(request_id=ASKED.request_id[:-1] + "2")),
        "of another agent": sealed(verdict(agent="other")),
        "of another node": sealed(verdict(node="other")),
        "of another version": sealed(verdict(v=2)),
        "a key stands twice in it": _sign(_text(verdict())[:-1] + b',"verdict":"allow"}'),
        "signed as a status": _sign(_text(verdict()), kind=wire.STATUS_TYPE),
        "a status passed off as a verdict": _edited(
            _sign(_text(verdict()), kind=wire.STATUS_TYPE), payloadType=wire.VERDICT_TYPE
        ),
        "by a stranger": _sign(_text(verdict()), _STRANGER),
        "by a stranger in the node's name": _sign(_text(verdict()), _STRANGER, NODE_KEY_ID),
        **_tampered(),
    }


def _tampered() -> dict[str, bytes]:
    """Envelopes changed after they were signed."""
    deny, allow = json.loads(sealed(verdict(verdict="deny"))), json.loads(sealed(verdict()))
    (line,) = allow["signatures"]
    flipped = base64.b64decode(line["sig"])
    flipped = bytes([flipped[0] ^ 1]) + flipped[1:]
    spaces = b" " * (1 + -len(_text(verdict())) % 3)  # so that its base64 ends with padding
    padded = json.loads(_sign(_text(verdict()) + spaces))
    assert padded["payload"].endswith("=")
    return {
        "a deny made an allow": _edited(json.dumps(deny), payload=allow["payload"]),
        "a bit of the signature flipped": _with(allow, line, sig=_base64(flipped)),
        "a signature spelt otherwise": _with(allow, line, sig=_respelt(line["sig"])),
        "a payload without padding": _edited(
            json.dumps(padded), payload=padded["payload"].rstrip("=")
        ),
        "without a signature": _edited(json.dumps(allow), signatures=[]),
        "signed twice": _edited(json.dumps(allow), signatures=[line, line]),
    }


def _text(found: Verdict) -> bytes:
    return msgspec.json.encode(found)


def _sign(
    payload: bytes,
    key: SigningKey = NODE_KEY,
    name: str = "",
    kind: str = wire.VERDICT_TYPE,
) -> bytes:
    return sign_dsse(kind, payload, key, name or key_id(bytes(key.verify_key)))


def _edited(envelope: bytes | str, **changed: Any) -> bytes:
    return json.dumps(json.loads(envelope) | changed).encode()


def _with(envelope: Json, line: Json, **changed: str) -> bytes:
    return _edited(json.dumps(envelope), signatures=[line | changed])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _respelt(text: str) -> str:
    """The same bytes to a lenient reader: with bits set that mean nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    last = alphabet[alphabet.index(body[-1]) | 1]
    assert last != body[-1]
    return body[:-1] + last + text[len(body) :]
