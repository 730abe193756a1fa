"""The node's key, pinned, and the envelopes (DSSE, Ed25519) that it signs."""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl.bindings import crypto_core_ed25519_is_valid_point
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from assent_client.canonical import parse

_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_ED25519 = b"\x01"


class Unsigned(ValueError):  # noqa: N818 - what it is
    """An envelope that the pinned key did not sign as expected, or a key that is none."""


@dataclass(frozen=True, slots=True)
class NodeKey:
    """A node's public key, and the text that publishes it (a C2SP verifier key)."""

    text: str
    public: bytes

    @property
    def name(self) -> str:
        """The node's name."""
        return self.text.partition("+")[0]

    @classmethod
    def read(cls, path: Path) -> "NodeKey":
        """The key in a file. Raises `OSError`, or `Unsigned` where it holds no sound key."""
        text = path.read_text("utf-8").strip()
        match = _VKEY.fullmatch(text)
        raw = _unbase64(match[3]) if match else b""
        public = raw[1:]
        # Everybody can make signatures that hold under a point of low order.
        sound = len(public) == 32 and crypto_core_ed25519_is_valid_point(public)
        if not match or raw[:1] != _ED25519 or not sound:
            raise Unsigned(f"{path} holds no Ed25519 verifier key")
        if hashlib.sha256(match[1].encode() + b"\n" + raw).hexdigest()[:8] != match[2]:
            raise Unsigned(f"the name, id and key in {path} do not belong together")
        return cls(text, public)

    def open(self, envelope: Any, payload_type: str) -> dict[str, Any]:
        """The object in a parsed envelope of that type, signed by this key. Raises `ValueError`."""
        try:
            (signature,) = envelope["signatures"]
            given = envelope["payloadType"], signature["keyid"]
            payload, signed = _unbase64(envelope["payload"]), _unbase64(signature["sig"])
        except (TypeError, KeyError, ValueError):
            raise Unsigned("it is no envelope with one signature") from None
        if given != (payload_type, hashlib.sha256(self.public).hexdigest()[:32]):
            raise Unsigned("it is of another type, or signed by another key")
        kind = payload_type.encode()
        message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        try:
            VerifyKey(self.public).verify(message, signed)
        except (BadSignatureError, ValueError):
            raise Unsigned("the signature is not the node's") from None
        body = parse(payload)
        if not isinstance(body, dict):
            raise Unsigned("it holds no object")
        return body


def _unbase64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not the one spelling of this base64")
    return data
