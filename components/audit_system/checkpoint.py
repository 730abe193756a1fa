"""Signed notes and the checkpoints in them (C2SP signed-note and tlog-checkpoint).

A note is text, a blank line, and signature lines. A checkpoint's text is the log's origin, the
number of its leaves and its root.
"""

import re
from hashlib import sha256

from msgspec import Struct
from nacl.signing import SigningKey

from components.audit_system.errors import MalformedNote, UnknownSigner
from components.keys import KeyProblem, VerifierKey, check_name, encoding, note_key_id

_LONGEST = 64 * 1024  # characters; room for many witnesses
_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/=]+)")


class Checkpoint(Struct, frozen=True):
    """A signed tree head: the log's origin, its size in leaves, its root (hex), the whole note."""

    origin: str
    size: int
    root: str
    note: str


def seal(origin: str, size: int, root: bytes, key: SigningKey) -> Checkpoint:
    """Sign a tree head. The key's name is the origin."""
    text = f"{origin}\n{size}\n{encoding.encode(root)}\n"
    signature = key.sign(text.encode()).signature
    line = encoding.encode(note_key_id(origin, key.verify_key.encode()) + signature)
    return Checkpoint(origin, size, root.hex(), f"{text}\n— {origin} {line}\n")


def read_checkpoint(note: str | bytes) -> Checkpoint:
    """Parse a checkpoint without looking at who signed it; raises `MalformedNote`."""
    whole, text, _ = split_note(note)
    return _parse(whole, text)


def open_checkpoint(note: str | bytes, vkey: VerifierKey) -> Checkpoint:
    """Parse a checkpoint signed by this key for the log of the key's name.

    Raises `MalformedNote`, or `UnknownSigner` where the signature or the origin is another's.
    """
    whole, text, lines = split_note(note)
    checkpoint = _parse(whole, text)
    if checkpoint.origin != vkey.name:
        raise UnknownSigner(
            f"the checkpoint is of the log {checkpoint.origin!r}, not of {vkey.name!r}"
        )
    _check_signatures(text, lines, vkey)
    return checkpoint


def split_note(note: str | bytes) -> tuple[str, str, list[str]]:
    """The whole note, its text, and its signature lines. Raises `MalformedNote`."""
    whole = _decoded(note)
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not text:
        raise MalformedNote("no blank line between the note and its signatures")
    if not signatures.endswith("\n"):
        raise MalformedNote("the note does not end with a signature line")
    return whole, text + "\n", signatures[:-1].split("\n")


def read_signature(line: str) -> tuple[str, bytes]:
    """The name in a signature line, and what it signs with: key id and signature.

    Raises `MalformedNote`.
    """
    match = _SIGNATURE.fullmatch(line)
    if not match:
        raise MalformedNote("a signature line is not '— name base64'")
    try:
        check_name(match["name"])
        return match["name"], encoding.decode(match["signature"])
    except (KeyProblem, ValueError) as error:
        raise MalformedNote(f"a signature line is wrong: {error}") from None


def _decoded(note: str | bytes) -> str:
    if isinstance(note, bytes):
        try:
            note = note.decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedNote("the note is not UTF-8") from None
    if len(note) > _LONGEST:
        raise MalformedNote(f"the note is longer than {_LONGEST:,} characters")
    if _FORBIDDEN.search(note):
        raise MalformedNote("the note holds a control character")
    return note


def _parse(note: str, text: str) -> Checkpoint:
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise MalformedNote("a checkpoint has at least three lines, none of them empty")
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size):
        raise MalformedNote(f"{size!r} is no tree size")
    try:
        raw = encoding.decode(root)
    except ValueError as error:
        raise MalformedNote(f"the root is {error}") from None
    if len(raw) != sha256().digest_size:
        raise MalformedNote(f"a root of {len(raw)} bytes")
    return Checkpoint(origin, int(size), raw.hex(), note)


def _check_signatures(text: str, lines: list[str], vkey: VerifierKey) -> None:
    """Signatures of others (witnesses) are passed over; one in our key's name must hold."""
    found = False
    for line in lines:
        name, raw = read_signature(line)
        if name == vkey.name and raw[:4] == vkey.id:
            if not vkey.verifies(text.encode(), raw[4:]):
                raise UnknownSigner(f"the signature of {vkey.name!r} does not hold")
            found = True
    if not found:
        raise UnknownSigner(f"not signed by the known key {vkey.name}+{vkey.id.hex()}")
