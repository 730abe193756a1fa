"""The node's own key: an Ed25519 seed in a file that only its owner may read."""

import os
import stat
from pathlib import Path

from nacl.signing import SigningKey

from components.keys import encoding
from components.keys.errors import KeyProblem

_PRIVATE = 0o600
_OTHERS = 0o077
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
        fresh.write_text(text, "utf-8")
        fresh.chmod(0o644)
        fresh.replace(path)
    except (OSError, UnicodeError) as error:
        raise KeyProblem(f"the public key {path} cannot be written: {error}") from error


def _load(path: Path) -> SigningKey:
    # Checked on the open file, so that nobody can swap it between the check and the reading.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _refuse_exposed(path, os.fstat(descriptor))
        content = os.read(descriptor, _LONGEST)
    finally:
        os.close(descriptor)
    try:
        return SigningKey(encoding.decode(content.decode("ascii").removesuffix("\n")))
    except ValueError:
        raise KeyProblem(
            f"{path} holds no key (32 bytes in base64): put it back from a backup"
        ) from None


def _refuse_exposed(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyProblem(f"the key {path} is not a regular file")
    if status.st_uid not in {os.geteuid(), 0}:
        raise KeyProblem(f"the key {path} belongs to another user: chown it to the node's own")
    mode = stat.S_IMODE(status.st_mode)
    if mode & _OTHERS:
        raise KeyProblem(
            f"the key {path} is open to others (mode {mode:04o}): chmod 600 {path}; "
            "if others may have read it, begin a new log with a new key"
        )


def _create(path: Path) -> SigningKey:
    key = SigningKey.generate()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, _PRIVATE)
        try:
            os.write(descriptor, (encoding.encode(key.encode()) + "\n").encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyProblem(f"the key {path} cannot be made: {error.strerror}") from error
    return key


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
