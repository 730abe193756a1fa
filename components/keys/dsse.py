"""DSSE envelopes: a payload, its type, and one Ed25519 signature over both.

The payload's type is signed too, and the reader says which type it expects, so that no message can
be passed off as another. The key is pinned by its id; the envelope chooses no algorithm.
"""

import msgspec
from msgspec import Struct
from nacl.signing import SigningKey

from components.canonical import MAX_BYTES, Malformed, parse
from components.keys import encoding
from components.keys.errors import Unauthorised
from components.keys.keyring import Keyring, TrustedKey
from components.keys.verifier import verifies

_LARGEST = 2 * MAX_BYTES  # base64 adds a third, and the envelope a little


class _Signature(Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    payload: str
    payload_type: str
    signatures: tuple[_Signature, ...]


class Signed(Struct, frozen=True):
    """A payload whose signature (base64) holds, and the key that signed it."""

    payload: bytes
    signer: TrustedKey
    signature: str


def sign_dsse(payload_type: str, payload: bytes, key: SigningKey, key_id: str) -> bytes:
    """Put a payload into a signed envelope (JSON). `key_id` is how readers find the key."""
    signature = key.sign(_authenticated(payload_type, payload)).signature
    envelope = _Envelope(
        encoding.encode(payload), payload_type, (_Signature(key_id, encoding.encode(signature)),)
    )
    return msgspec.json.encode(envelope)


def payload_of(envelope: bytes) -> bytes:
    """The payload of an envelope that was signed here; who signed it is not looked at."""
    return encoding.decode(msgspec.json.decode(envelope, type=_Envelope).payload)


def open_dsse(envelope: bytes, payload_type: str, keys: Keyring, now: int) -> bytes:
    """The payload of an envelope of the expected type, signed by a key valid at `now` (µs, UTC).

    Raises `Unauthorised` for everything else.
    """
    return open_signed(envelope, payload_type, keys, now).payload


def open_signed(envelope: bytes, payload_type: str, keys: Keyring, now: int) -> Signed:
    """As `open_dsse`, and says who signed."""
    opened = _read(envelope)
    if opened.payload_type != payload_type:
        raise Unauthorised(f"signed as {opened.payload_type!r}, not as {payload_type!r}")
    if len(opened.signatures) != 1:
        raise Unauthorised(f"{len(opened.signatures)} signatures where one is expected")
    line = opened.signatures[0]
    signer = keys.find(line.keyid, now)
    try:
        payload, signature = encoding.decode(opened.payload), encoding.decode(line.sig)
    except ValueError as error:
        raise Unauthorised(f"the envelope's payload or signature is {error}") from None
    if not verifies(signer.public, _authenticated(payload_type, payload), signature):
        raise Unauthorised(f"the signature is not {signer.principal}'s over this payload")
    return Signed(payload, signer, line.sig)


def _read(envelope: bytes) -> _Envelope:
    try:
        return msgspec.convert(parse(envelope, _LARGEST), _Envelope)
    except (Malformed, msgspec.ValidationError) as error:
        raise Unauthorised(f"not a DSSE envelope: {error}") from None


def _authenticated(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: lengths first, so that no two pairs read alike."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
