"""Verifier keys in the signed-note form (C2SP): `name+id+base64(algorithm, public key)`.

The algorithm byte is always Ed25519's: there is nothing to negotiate.
"""

import hashlib
import re

from msgspec import Struct
from nacl.bindings import crypto_core_ed25519_is_valid_point
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from components.keys import encoding
from components.keys.errors import KeyProblem

_ED25519 = b"\x01"
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_TEXT = re.compile(r"(?P<name>[^\s+]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/=]+)")


class VerifierKey(Struct, frozen=True):
    """A known signer of notes: its name, the four bytes it signs lines with, its public key."""

    name: str
    id: bytes
    public: bytes

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `message`."""
        return verifies(self.public, message, signature)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoding.encode(_ED25519 + self.public)}"


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` was made with the key of `public`."""
    try:
        VerifyKey(public).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def check_public(public: bytes) -> None:
    """Refuse what is no key: wrong length, not on the curve, of low or mixed order, not canonical.

    Everybody can make signatures that hold under a key of low order.
    """
    if len(public) != 32 or not crypto_core_ed25519_is_valid_point(public):
        raise KeyProblem("this is no Ed25519 public key, or one of low order: make another")


def check_name(name: str) -> None:
    """Refuse a name that would break a note's lines: empty, or with a space, plus or control."""
    if not _NAME.fullmatch(name):
        raise KeyProblem(f"{name!r} cannot name a key: no spaces, plus signs or control characters")


def note_key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a note's signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def verifier_key(name: str, key: SigningKey) -> str:
    """The verifier key of a signing key, as text to publish."""
    check_name(name)
    public = key.verify_key.encode()
    return str(VerifierKey(name, note_key_id(name, public), public))


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a verifier key; raise `KeyProblem` for anything but a sound Ed25519 one."""
    match = _TEXT.fullmatch(text.strip())
    if not match:
        raise KeyProblem("not a verifier key: it reads name+8 hex digits+base64")
    try:
        raw = encoding.decode(match["key"])
    except ValueError:
        raise KeyProblem("not a verifier key: its last part is not base64") from None
    if raw[:1] != _ED25519:
        raise KeyProblem("not an Ed25519 verifier key")
    name, public = match["name"], raw[1:]
    check_name(name)
    check_public(public)
    if note_key_id(name, public).hex() != match["id"]:
        raise KeyProblem("this verifier key's name, id and key do not belong together")
    return VerifierKey(name, bytes.fromhex(match["id"]), public)
