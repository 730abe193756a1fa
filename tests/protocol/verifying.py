"""The checks of protocol/README.md as somebody else would write them: none of our code is used."""

import base64
import hashlib
import json
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

VERDICT_TYPE = "application/vnd.assent.verdict.v1+json"


class Wrong(Exception):  # noqa: N818 - what it is
    """A check fails; the text says which."""


def public_key(vkey: str) -> bytes:
    """The 32 bytes in a node's published key."""
    name, identity, encoded = vkey.strip().split("+", 2)
    raw = unbase64(encoded)
    check(raw[:1] == b"\x01" and len(raw) == 33, "the key's kind")
    check(hashlib.sha256(f"{name}\n".encode() + raw).hexdigest()[:8] == identity, "the key's id")
    return raw[1:]


def digest(node: str, agent: str, action: dict[str, Any]) -> str:
    """The digest of an action."""
    body = rfc8785.dumps({"node": node, "agent": agent, "action": action})
    return hashlib.sha256(b"assent/action/v1\n" + body).hexdigest()


def opened(envelope: dict[str, Any], kind: str, public: bytes) -> dict[str, Any]:
    """Steps 1 to 3: what is in an envelope of a kind that a key signed."""
    check(envelope["payloadType"] == kind, "the type")
    check(len(envelope["signatures"]) == 1, "one signature")
    (line,) = envelope["signatures"]
    check(line["keyid"] == hashlib.sha256(public).hexdigest()[:32], "the key's id")
    payload, signature = unbase64(envelope["payload"]), unbase64(line["sig"])
    signed = f"DSSEv1 {len(kind.encode())} {kind} {len(payload)} ".encode() + payload
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except InvalidSignature:
        raise Wrong("the signature") from None
    body: dict[str, Any] = json.loads(payload, object_pairs_hook=_once)
    return body


def permitted(
    envelope: dict[str, Any], asked: dict[str, Any], public: bytes, now: int
) -> tuple[str, dict[str, Any]]:
    """All steps: the verdict, and the arguments that it is about. Raises `Wrong`."""
    verdict = opened(envelope, VERDICT_TYPE, public)
    for name in ("v", "node", "agent", "request_id"):
        check(verdict[name] == asked[name], name)
    tool, arguments = asked["action"]["tool"], verdict["arguments"]
    if arguments is None:
        arguments, replaces = asked["action"]["arguments"], ""
    else:
        replaces = asked["action_digest"]
    check(verdict["replaces"] == replaces, "what it replaces")
    action = {"tool": tool, "arguments": arguments}
    check(verdict["action_digest"] == digest(asked["node"], asked["agent"], action), "the digest")
    if verdict["verdict"] == "allow" and now >= verdict["not_after"]:
        return "expired", arguments
    return verdict["verdict"], arguments


def check(holds: bool, what: str) -> None:
    """Raise `Wrong` for what does not hold."""
    if not holds:
        raise Wrong(what)


def unbase64(text: str) -> bytes:
    """Standard base64 in its one spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Wrong("base64") from None
    check(base64.b64encode(data).decode() == text, "the spelling of base64")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    check(len(dict(pairs)) == len(pairs), "each key once")
    return dict(pairs)
