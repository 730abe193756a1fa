"""What the commands of `assent audit` do with witnesses: cosign for others, ask it of others."""

import argparse
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from app.cli.audit_io import Usage, file_or_text, key, put, put_file, read, tell, writing
from app.home import NODE_KEY_NAME, WITNESS_FOLDER, home
from app.startable import MoveProblem, check_startable
from components.audit_system import (
    AuditProblem,
    Consistency,
    Cosigned,
    UnknownSigner,
    Witness,
    WitnessKey,
    cosignatures,
    newest_from,
    open_checkpoint,
    parse_consistency,
    parse_witness_key,
)
from components.clock import SystemClock
from components.keys import load_or_create_key, parse_verifier_key
from components.text import safe_text
from storage import open_reader


def checkpoint(args: argparse.Namespace) -> int:
    """Print the newest checkpoint, or the newest one with cosignatures."""
    known = parse_verifier_key(key(args))
    kept = _cosigned().newest()
    if args.cosigned:
        if args.proof:
            raise Usage("--proof is of the newest checkpoint, not of --cosigned")
        if kept is None:
            raise AuditProblem("no cosigned checkpoint is kept here: see `assent audit keep`")
        return put(args, "checkpoint", open_checkpoint(kept.note, known).note)
    with closing(open_reader(home())) as reader:
        newest, proof = newest_from(reader, args.since)
    if kept is not None and (kept.size, kept.root) == (newest.size, newest.root):
        newest = kept
    note = open_checkpoint(newest.note, known).note
    if args.proof:
        with writing():
            put_file(args.proof, str(proof))
    return put(args, "checkpoint", note)


def cosign(args: argparse.Namespace) -> int:
    """Cosign another node's checkpoint with this home's key."""
    try:
        check_startable(home())
    except MoveProblem as problem:  # where it went it goes on from what it cosigned here
        raise AuditProblem(str(problem)) from problem
    name = parse_verifier_key(key(args)).name
    own = load_or_create_key(home() / NODE_KEY_NAME, may_create=False)
    witness = Witness(home() / WITNESS_FOLDER, name, own, SystemClock())
    proof = parse_consistency(read(args.proof)) if args.proof else Consistency()
    origin = file_or_text(args.origin, "--origin")
    return put(args, "checkpoint", witness.cosign(read(args.checkpoint), origin, proof))


def keep(args: argparse.Namespace) -> int:
    """Keep a checkpoint of this log with what witnesses cosigned of it."""
    known = parse_verifier_key(key(args))
    witnesses = _witnesses(args.witness, known.public)
    kept = _cosigned().add(read(args.checkpoint), known, witnesses)
    words = f"a checkpoint of {kept.size:,} entries is kept with its cosignatures"
    tell(args, {"ok": True, "entries": kept.size, "checkpoint": kept.note}, words)
    return 0


def cosigned_by(
    args: argparse.Namespace, vkey: str, note: bytes | None
) -> tuple[bytes, dict[str, Any]]:
    """The checkpoint that enough witnesses have cosigned, and who. Raises `AuditProblem`."""
    known = parse_verifier_key(vkey)
    witnesses = _witnesses(args.witness, known.public)
    wanted = len(witnesses) if args.witnesses is None else args.witnesses
    if not 0 < wanted <= len(witnesses):
        raise Usage(f"--witnesses: {wanted} of {len(witnesses)} cannot be demanded")
    if note is None:
        kept = _cosigned().newest()
        if kept is None:
            raise AuditProblem("no cosigned checkpoint is kept here: give one with --against")
        note = kept.note.encode()
    signed = open_checkpoint(note, known)
    found = cosignatures(note, witnesses)
    if len(found) < wanted:
        raise UnknownSigner(f"cosigned by {len(found)} of the witnesses, not by {wanted}")
    by = [{"name": one.witness.name, "key": str(one.witness), "time": one.time} for one in found]
    return note, {"cosigned": signed.size, "witnesses": by}


def say_witnessed(witnessed: dict[str, Any]) -> str:
    """Who cosigned how much, in words; nothing where nobody was asked for."""
    if not witnessed:
        return ""
    names = ", ".join(
        f"{safe_text(one['name'], limit=64)} at {_say_time(one['time'])}"
        for one in witnessed["witnesses"]
    )
    return f"\nthe first {witnessed['cosigned']:,} cosigned by {names}"


def _say_time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"


def _witnesses(given: list[str], own: bytes) -> list[WitnessKey]:
    """The witnesses that were named; raises `Usage` for the log itself, or one named twice."""
    found = {}
    for text in given:
        witness = parse_witness_key(file_or_text(text, "--witness"))
        if witness.public == own:
            raise Usage("--witness: a log is no witness of itself")
        if witness.public in found:
            raise Usage(f"--witness: {witness.name} is named twice")
        found[witness.public] = witness
    return list(found.values())


def _cosigned() -> Cosigned:
    return Cosigned(home() / WITNESS_FOLDER)
