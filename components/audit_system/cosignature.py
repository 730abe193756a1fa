"""Cosignatures (C2SP tlog-cosignature, Ed25519): a witness's word that a log has only ever grown.

A cosignature is one more signature line of a checkpoint's note. It says that at that second this
was the largest tree of the log that the witness had seen, and continued all that it saw before.
"""

import struct
from collections.abc import Iterable
from hashlib import sha256

from msgspec import Struct
from nacl.signing import SigningKey

from components.audit_system.checkpoint import read_signature, split_note
from components.audit_system.errors import MalformedNote, UnknownSigner
from components.keys import (
    KeyProblem,
    VerifierKey,
    check_name,
    check_public,
    encoding,
    parse_verifier_key,
)
from components.keys.verifier import verifies

_ALGORITHM = b"\x04"
_LATEST = 2**63 - 1
_STAMPED = struct.Struct(">Q64s")  # seconds since 1970, Ed25519 signature


class WitnessKey(Struct, frozen=True):
    """A known witness: its name, the four bytes it cosigns lines with, its public key."""

    name: str
    id: bytes
    public: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoding.encode(_ALGORITHM + self.public)}"


class Cosignature(Struct, frozen=True):
    """A cosignature that holds: whose it is, and when it was made (s since 1970 UTC)."""

    witness: WitnessKey
    time: int


def witness_key(name: str, public: bytes) -> WitnessKey:
    """The key of a witness. Raises `KeyProblem` for a bad name, or what is no sound key."""
    check_name(name)
    check_public(public)
    hashed = sha256(name.encode() + b"\n" + _ALGORITHM + public).digest()
    return WitnessKey(name, hashed[:4], public)


def parse_witness_key(text: str) -> WitnessKey:
    """Read a witness's key as it is published, or as that of the log it keeps itself.

    Raises `KeyProblem`.
    """
    text = text.strip()
    name, _, rest = text.partition("+")
    try:
        raw = encoding.decode(rest.partition("+")[2])
    except ValueError:
        raise KeyProblem("not a witness's key: its last part is not base64") from None
    if raw[:1] != _ALGORITHM:
        return witness_of(parse_verifier_key(text))
    key = witness_key(name, raw[1:])
    if str(key) != text:
        raise KeyProblem("this witness's name, id and key do not belong together")
    return key


def witness_of(vkey: VerifierKey) -> WitnessKey:
    """A node's key as that of a witness: it cosigns others' logs with what it signs its own."""
    return witness_key(vkey.name, vkey.public)


def cosign(note: str | bytes, name: str, key: SigningKey, time: int) -> str:
    """The note with the cosignature of the witness `name`, made at `time` (s since 1970 UTC).

    An older one of the same witness is replaced. It is for the caller to know that the checkpoint
    is signed and consistent: see `witness.Witness`. Raises `MalformedNote`.
    """
    witness = witness_key(name, key.verify_key.encode())
    _, text, lines = split_note(note)
    stamped = _STAMPED.pack(time, key.sign(_signed(text, time)).signature)
    others = [line for line in lines if not _is_by(witness, *read_signature(line))]
    return _joined(text, [*others, f"— {name} {encoding.encode(witness.id + stamped)}"])


def cosignatures(note: str | bytes, witnesses: Iterable[WitnessKey]) -> tuple[Cosignature, ...]:
    """The newest cosignature of each of these witnesses that is in the note.

    Lines of others are passed over; where one of theirs does not hold, nothing is trusted.
    Raises `MalformedNote` or `UnknownSigner`.
    """
    return tuple(found for _, found in _newest(note, witnesses))


def reduced(note: str | bytes, vkey: VerifierKey, witnesses: Iterable[WitnessKey]) -> str:
    """The note with nothing but the log's own signature and these witnesses' cosignatures.

    Raises `MalformedNote` or `UnknownSigner`.
    """
    _, text, lines = split_note(note)
    own = [line for line in lines if _is_by(vkey, *read_signature(line))]
    return _joined(text, [*own, *(line for line, _ in _newest(note, witnesses))])


def merge(note: str | bytes, other: str | bytes, witnesses: Iterable[WitnessKey]) -> str:
    """A checkpoint's note with what these witnesses cosigned of it in another copy.

    Raises `MalformedNote`, or `UnknownSigner` where the other is of another checkpoint.
    """
    _, text, lines = split_note(note)
    if split_note(other)[1] != text:
        raise UnknownSigner("what was cosigned is another checkpoint")
    known = tuple(witnesses)
    before = {found.witness: found.time for _, found in _newest(note, known)}
    newer = {
        found.witness: line
        for line, found in _newest(other, known)
        if found.time > before.get(found.witness, -1)
    }
    kept = [
        line
        for line in lines
        if not any(_is_by(witness, *read_signature(line)) for witness in newer)
    ]
    return _joined(text, [*kept, *newer.values()])


def _newest(
    note: str | bytes, witnesses: Iterable[WitnessKey]
) -> tuple[tuple[str, Cosignature], ...]:
    """Each witness's newest line, by its public key: two names for one key are one witness."""
    _, text, lines = split_note(note)
    known, newest = tuple(witnesses), dict[bytes, tuple[str, Cosignature]]()
    for line in lines:
        name, raw = read_signature(line)
        for witness in known:
            if not _is_by(witness, name, raw):
                continue
            found = Cosignature(witness, _time(text, raw[4:], witness))
            standing = newest.get(witness.public)
            if standing is None or found.time > standing[1].time:
                newest[witness.public] = (line, found)
    return tuple(newest.values())


def _is_by(signer: WitnessKey | VerifierKey, name: str, raw: bytes) -> bool:
    return name == signer.name and raw[:4] == signer.id


def _time(text: str, stamped: bytes, witness: WitnessKey) -> int:
    """When a line's cosignature was made, if it holds."""
    if len(stamped) != _STAMPED.size:
        raise MalformedNote(f"the cosignature of {witness.name!r} has not 72 bytes")
    time, signature = _STAMPED.unpack(stamped)
    if time > _LATEST or not verifies(witness.public, _signed(text, time), signature):
        raise UnknownSigner(f"the cosignature of {witness.name!r} does not hold")
    return int(time)


def _signed(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _joined(text: str, lines: Iterable[str]) -> str:
    return text + "\n" + "".join(f"{line}\n" for line in lines)
