"""What the commands of `assent audit` do; imported only when one of them runs."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from app.cli.audit import FILTERS
from app.cli.audit_text import emit, print_json, progress_bar, say_entry
from app.cli.audit_verdict import check_verdict
from app.cli.saying import why
from app.home import NODE_PUB_NAME, home
from components.audit_system import (
    AuditProblem,
    Query,
    check_proof,
    export,
    newest_checkpoint,
    open_checkpoint,
    prove,
    query,
    readable,
    verify,
)
from components.keys import KeyProblem, parse_verifier_key
from components.text import safe_text
from storage import open_reader


class Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line cannot be used; the text says why."""


def _verify(args: argparse.Namespace) -> int:
    key = _key(args)
    against = _read(args.against) if args.against else None
    with readable(), closing(open_reader(home())) as reader, progress_bar("verifying") as progress:
        result = verify(reader, key, against, progress)
    if result.ok:
        found = {"entries": result.entries, "root": result.root, "checkpoint": result.checkpoint}
        words = f"{result.entries:,} entries hold\nroot {result.root}\nkey  {key}"
        _tell(args, {"ok": True, **found}, words)
        return 0
    if args.json:
        print_json({"ok": False, "first_bad": result.first_bad, "why": result.why})
    else:
        print(f"the audit log does not hold: {safe_text(result.why)}", file=sys.stderr)
    return 1


def _query(args: argparse.Namespace) -> int:
    with readable(), closing(open_reader(home())) as reader:
        found = query(reader, _wanted(args), args.before, args.limit)
    if args.json:
        rows = [
            {"seq": e.seq, "leaf_hash": e.leaf_hash, "leaf": msgspec.json.decode(e.leaf)}
            for e in found
        ]
        more = found[-1].seq if found and len(found) == args.limit else None
        print_json({"ok": True, "entries": rows, "before": more})
        return 0
    for entry in found:
        print(say_entry(entry))
    return 0


def _prove(args: argparse.Namespace) -> int:
    with readable(), closing(open_reader(home())) as reader:
        text = prove(reader, args.seq)
    return _put(args, "proof", text)


def _check(args: argparse.Namespace) -> int:
    key, proof = _key(args), _read(args.proof)
    if args.verdict:
        proved = check_verdict(_read(args.verdict), proof, key)
    else:
        proved = check_proof(proof, key)
    entry, checkpoint = proved.entry, proved.checkpoint
    if args.json:
        found = {"seq": entry.seq, "leaf_hash": entry.leaf_hash, "entries": checkpoint.size}
        leaf = msgspec.json.decode(entry.leaf)
        print_json({"ok": True, **found, "root": checkpoint.root, "leaf": leaf})
        return 0
    print(say_entry(entry))
    print(f"is entry {entry.seq} of the {checkpoint.size:,} signed with {key}")
    return 0


def _export(args: argparse.Namespace) -> int:
    wanted = _wanted(args)
    with readable(), closing(open_reader(home())) as reader, progress_bar("exporting") as progress:
        if args.output is None:
            # Entries hold what agents wrote: a terminal gets it escaped, a pipe as it is.
            escape = sys.stdout.isatty()
            write = (lambda line: emit(safe_text(line, lines=True))) if escape else emit
            export(reader, wanted, write, progress)
            return 0
        part = args.output.with_name(args.output.name + ".part")
        with _writing():
            with part.open("w", encoding="utf-8", newline="\n") as file:
                count = export(reader, wanted, file.write, progress)
            part.replace(args.output)
    _tell(args, {"ok": True, "entries": count}, f"{count:,} entries written to {args.output}")
    return 0


def _checkpoint(args: argparse.Namespace) -> int:
    key = parse_verifier_key(_key(args))
    with readable(), closing(open_reader(home())) as reader:
        newest = newest_checkpoint(reader)
    if newest is None:
        raise AuditProblem("the log is empty: nothing has been signed yet")
    return _put(args, "checkpoint", open_checkpoint(newest.note, key).note)


ACTIONS = {
    "verify": _verify,
    "query": _query,
    "prove": _prove,
    "check": _check,
    "export": _export,
    "checkpoint": _checkpoint,
}


def _put(args: argparse.Namespace, name: str, text: str) -> int:
    """Write a text to the file that was asked for, else to standard output."""
    if args.output:
        with _writing():
            args.output.write_text(text, "utf-8", newline="\n")
        _tell(args, {"ok": True, "file": str(args.output)}, f"{name} written to {args.output}")
    elif args.json:
        print_json({"ok": True, name: text})
    else:
        emit(text)
    return 0


def _tell(args: argparse.Namespace, data: dict[str, Any], words: str) -> None:
    if args.json:
        print_json(data)
    else:
        print(words)


def _wanted(args: argparse.Namespace) -> Query:
    exact = {name: getattr(args, name) for name in (n.replace("-", "_") for n in FILTERS)}
    return Query(**exact, since=args.since, until=args.until)


def _key(args: argparse.Namespace) -> str:
    """The verifier key to trust: what was given, else what this home publishes."""
    if args.key is None:
        path = home() / NODE_PUB_NAME
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            reason = f"no public key at {path} ({why(error, name=False)})"
            raise KeyProblem(f"{reason}: give one with --key, or set ASSENT_HOME") from None
    try:
        given = Path(args.key)
        return (given.read_text("utf-8") if given.is_file() else args.key).strip()
    except (OSError, UnicodeError, ValueError) as error:
        raise Usage(f"--key: {why(error)}") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Usage(f"{path} cannot be read: {error.strerror}") from None


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Usage(f"cannot write {error.filename or 'the output'}: {error.strerror}") from None
