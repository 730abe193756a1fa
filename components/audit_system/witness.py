"""A witness: it remembers the last tree of each log that it cosigned, and cosigns what continues.

What it remembers is one small file a log, replaced whole under a lock before a cosignature leaves:
of two checkpoints at once one is judged after the other, and no crash takes it back.
"""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from nacl.signing import SigningKey

from components.audit_system.checkpoint import Checkpoint, open_checkpoint
from components.audit_system.consistency import Consistency
from components.audit_system.cosignature import WitnessKey, cosign, witness_key
from components.audit_system.durable import alone, replace
from components.audit_system.errors import AuditProblem, UnknownSigner
from components.audit_system.merkle import verify_consistency
from components.clock import Clock
from components.keys import parse_verifier_key

REMEMBERED = 64
"""Trees of one log that a witness knows again, so that one sent twice is not taken for a fork."""

_CONFLICT = ".conflict"


class Stale(AuditProblem):
    """The checkpoint or its proof does not begin where this witness stands, at `size` entries."""

    def __init__(self, reason: str, size: int) -> None:
        super().__init__(reason)
        self.size = size


class Forked(AuditProblem):
    """A log signed what does not continue what it had signed: it was rolled back, or it lies."""


class Tree(Struct, frozen=True):
    """A log's size in leaves, and its root (hex)."""

    size: int
    root: str


class Witnessed(Struct, frozen=True, forbid_unknown_fields=True):
    """What a witness knows of one log: its verifier key and what was cosigned, newest last."""

    key: str
    trees: Annotated[tuple[Tree, ...], Meta(min_length=1)]

    @property
    def newest(self) -> Tree:
        """The largest tree that was cosigned."""
        return self.trees[-1]


class Conflict(Struct, frozen=True):
    """A log showed two histories: what the second was, and the file with its signed note."""

    origin: str
    why: str
    file: Path


def judge(
    known: Witnessed | None, key: str, checkpoint: Checkpoint, proof: Consistency
) -> Witnessed:
    """What to remember if this checkpoint, signed with `key`, is cosigned.

    Raises `UnknownSigner`, `Stale`, or `Forked` for what is grave.
    """
    tree = Tree(checkpoint.size, checkpoint.root)
    if known is None:
        if proof.old or proof.hashes:
            raise Stale("this witness knows nothing of the log yet: send no proof", 0)
        return Witnessed(key, (tree,))
    if key != known.key:
        raise UnknownSigner(f"this witness knows the log {checkpoint.origin!r} by another key")
    newest = known.newest
    if tree == newest:
        return known
    if tree in known.trees:
        raise Stale(f"the log was cosigned with {newest.size} entries already", newest.size)
    if tree.size <= newest.size:
        raise Forked(f"{tree.size} entries with a root never seen, after {newest.size}")
    if proof.old != newest.size:
        raise Stale(f"the proof must begin at {newest.size} entries", newest.size)
    roots = bytes.fromhex(newest.root), bytes.fromhex(tree.root)
    if not verify_consistency(newest.size, tree.size, *roots, proof.hashes):
        raise Forked(f"{tree.size} entries that do not continue the {newest.size} before")
    return Witnessed(key, (*known.trees[1 - REMEMBERED :], tree))


class Witness:
    """Cosigns others' checkpoints with one key. Any thread, and any process of its home, may call.

    `cosign` waits for the disk.
    """

    def __init__(self, folder: Path, name: str, key: SigningKey, clock: Clock) -> None:
        self._folder = folder
        self._name = name
        self._key = key
        self._clock = clock

    @property
    def key(self) -> WitnessKey:
        """What others check its cosignatures with."""
        return witness_key(self._name, self._key.verify_key.encode())

    def cosign(self, note: str | bytes, vkey: str, proof: Consistency = Consistency()) -> str:  # noqa: B008
        """The checkpoint's note, cosigned, if it is signed by `vkey` and continues what was seen.

        Raises `Stale`, `Forked` (whose evidence is kept), another `AuditProblem`, or `KeyProblem`.
        """
        known_key = parse_verifier_key(vkey)
        checkpoint = open_checkpoint(note, known_key)
        path = _path(self._folder, checkpoint.origin)
        with alone(self._folder):
            known = _load(path)
            try:
                after = judge(known, str(known_key), checkpoint, proof)
            except Forked as forked:
                _accuse(path, checkpoint, str(forked))
                raise
            if after != known:
                replace(path, msgspec.json.encode(after))
            return cosign(note, self._name, self._key, self._clock.now() // 1_000_000)

    def size(self, origin: str) -> int:
        """Of how many entries a log last was when it was cosigned: where its proof must begin."""
        known = _load(_path(self._folder, origin))
        return known.newest.size if known else 0


def conflicts(folder: Path) -> tuple[Conflict, ...]:
    """The logs that were caught, until somebody who looked into it removes the file."""
    found = []
    for path in sorted(folder.glob(f"*{_CONFLICT}")):
        try:
            accused = msgspec.json.decode(path.read_bytes(), type=_Accused)
        except (OSError, UnicodeDecodeError, msgspec.DecodeError):
            accused = _Accused(path.stem, "the evidence cannot be read", "")
        found.append(Conflict(accused.origin, accused.why, path))
    return tuple(found)


class _Accused(Struct, frozen=True):
    origin: str
    why: str
    note: str


def _accuse(path: Path, checkpoint: Checkpoint, why: str) -> None:
    """Keep the signed note that shows it: the first, for what follows has the same cause."""
    evidence = path.with_suffix(_CONFLICT)
    if not evidence.exists():
        accused = _Accused(checkpoint.origin, why, checkpoint.note)
        replace(evidence, msgspec.json.encode(accused))


def _path(folder: Path, origin: str) -> Path:
    """An origin may be any text; a file's name may not."""
    return folder / f"{sha256(origin.encode()).hexdigest()[:32]}.json"


def _load(path: Path) -> Witnessed | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Witnessed)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise AuditProblem(f"what this witness remembers, {path}, is unreadable: {error}") from None
