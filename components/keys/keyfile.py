"""The node's own key: an Ed25519 seed in a file that only its owner may read."""

import os
from pathlib import Path

from nacl.signing import SigningKey

from components.keys import encoding
from components.keys.errors import KeyProblem
from components.keys.private import create_private, read_private, sync_folder

_LONGEST = 128  # bytes; a seed in base64 with its newline has 45


def load_or_create_key(path: Path, *, may_create: bool) -> SigningKey:
    """Read the signing key at `path`, or make one there when `may_create` says it is the first.

    Raises `KeyProblem` where the key is missing, readable by others, or no key at all. Let
    `may_create` be true only while the log is still empty: a log signed by two keys proves nothing.
    """
    try:
        return _load(path)
    except FileNotFoundError:
        if not may_create:
            raise KeyProblem(
                f"the key {path} is missing, but it has signed a log already: "
                "put it back from a backup, or move the store away to begin a new log"
            ) from None
        return _create(path)
    except OSError as error:
        raise KeyProblem(f"the key {path} cannot be read: {error.strerror}") from error


def publish_verifier_key(path: Path, vkey: str) -> None:
    """Write the public half, in verifier-key form, where everybody may read it."""
    text = vkey + "\n"
    try:
        if path.exists() and path.read_text("utf-8") == text:
            return
        fresh = path.with_name(path.name + ".new")  # whoever reads meanwhile finds a whole key
        with fresh.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.chmod(0o644)
        fresh.replace(path)
        sync_folder(path.parent)
    except (OSError, UnicodeError) as error:
        raise KeyProblem(f"the public key {path} cannot be written: {error}") from error


def _load(path: Path) -> SigningKey:
    content = read_private(path, _LONGEST, "begin a new log with a new key")
    try:
        return SigningKey(encoding.decode(content.decode("ascii").removesuffix("\n")))
    except ValueError:
        raise KeyProblem(
            f"{path} holds no key (32 bytes in base64): put it back from a backup"
        ) from None


def _create(path: Path) -> SigningKey:
    key = SigningKey.generate()
    create_private(path, (encoding.encode(key.encode()) + "\n").encode("ascii"))
    return key
