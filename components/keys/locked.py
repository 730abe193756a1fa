"""An operator's key in a file that a passphrase opens.

The file is one line of JSON: the Ed25519 seed in a secret box (XSalsa20-Poly1305) whose key is
derived from the passphrase by Argon2id with libsodium's *moderate* limits (256 MiB, three passes;
half a second of one core). The limits belong to the version, so that no file can ask for more.
"""

import unicodedata
from pathlib import Path
from typing import Literal

import msgspec
import nacl.utils
from msgspec import Struct
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.signing import SigningKey

from components.keys import encoding
from components.keys.errors import KeyProblem, WrongPassphrase
from components.keys.private import create_private, read_private

MIN_PASSPHRASE = 8
"""Characters that a new passphrase has at least."""

_LONGEST = 1024  # bytes; a locked key has about 200


class _Locked(Struct, frozen=True, forbid_unknown_fields=True):
    v: Literal[1]
    salt: str
    box: str


def create_locked_key(path: Path, passphrase: str) -> SigningKey:
    """Make a key and its file (mode 0600), opened by `passphrase` alone; never over a file.

    Raises `KeyProblem` for a short passphrase and where the file cannot be made.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise KeyProblem(f"the passphrase is too short: it takes {MIN_PASSPHRASE} characters")
    key, salt = SigningKey.generate(), nacl.utils.random(argon2id.SALTBYTES)
    box = _box(passphrase, salt).encrypt(key.encode())
    content = _Locked(1, encoding.encode(salt), encoding.encode(box))
    create_private(path, msgspec.json.encode(content) + b"\n")
    return key


def unlock_key(path: Path, passphrase: str) -> SigningKey:
    """Open a key's file; takes half a second, without the interpreter's lock.

    Raises `WrongPassphrase`, or `KeyProblem` where the file is missing, open to others, or holds
    no locked key.
    """
    try:
        content = read_private(path, _LONGEST, "revoke it and make another")
    except OSError as error:
        raise KeyProblem(f"the key {path} cannot be read: {error.strerror}") from error
    try:
        locked = msgspec.json.decode(content, type=_Locked)
        salt, box = encoding.decode(locked.salt), encoding.decode(locked.box)
        if len(salt) != argon2id.SALTBYTES:
            raise ValueError
    except (msgspec.DecodeError, ValueError):
        raise KeyProblem(f"{path} holds no locked key: put it back from a backup") from None
    try:
        return SigningKey(_box(passphrase, salt).decrypt(box))
    except (CryptoError, ValueError):
        raise WrongPassphrase from None


def _box(passphrase: str, salt: bytes) -> SecretBox:
    # Normalised, so that the same words typed on another keyboard or system open it too.
    words = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    try:
        secret = argon2id.kdf(
            SecretBox.KEY_SIZE,
            words,
            salt,
            opslimit=argon2id.OPSLIMIT_MODERATE,
            memlimit=argon2id.MEMLIMIT_MODERATE,
        )
    except RuntimeError as error:
        raise KeyProblem("there is not enough memory to open a locked key (256 MiB)") from error
    return SecretBox(secret)
