"""What the commands of `assent audit` do; imported only when one of them runs."""

import argparse
import sys
from contextlib import closing
from typing import Any

import msgspec

from app.cli.audit import FILTERS
from app.cli.audit_io import Usage, key, put, read, tell, writing
from app.cli.audit_text import emit, print_json, progress_bar, say_entry
from app.cli.audit_verdict import check_verdict
from app.cli.audit_witness import checkpoint, cosign, cosigned_by, keep, say_witnessed
from app.home import home
from components.audit_system import Query, check_proof, export, prove, query, readable, verify
from components.text import safe_text
from storage import open_reader


def _verify(args: argparse.Namespace) -> int:
    known = key(args)
    against = read(args.against) if args.against else None
    witnessed: dict[str, Any] = {}
    if args.witness:
        against, witnessed = cosigned_by(args, known, against)
    elif args.witnesses is not None:
        raise Usage("--witnesses counts those that --witness names")
    with readable(), closing(open_reader(home())) as reader, progress_bar("verifying") as progress:
        result = verify(reader, known, against, progress)
    if result.ok:
        found = {"entries": result.entries, "root": result.root, "checkpoint": result.checkpoint}
        words = f"{result.entries:,} entries hold\nroot {result.root}\nkey  {known}"
        words += say_witnessed(witnessed)
        tell(args, {"ok": True, **found, **witnessed}, words)
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
    return put(args, "proof", text)


def _check(args: argparse.Namespace) -> int:
    known, proof = key(args), read(args.proof)
    if args.verdict:
        proved = check_verdict(read(args.verdict), proof, known)
    else:
        proved = check_proof(proof, known)
    entry, signed = proved.entry, proved.checkpoint
    if args.json:
        found = {"seq": entry.seq, "leaf_hash": entry.leaf_hash, "entries": signed.size}
        leaf = msgspec.json.decode(entry.leaf)
        print_json({"ok": True, **found, "root": signed.root, "leaf": leaf})
        return 0
    print(say_entry(entry))
    print(f"is entry {entry.seq} of the {signed.size:,} signed with {known}")
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
        with writing():
            with part.open("w", encoding="utf-8", newline="\n") as file:
                count = export(reader, wanted, file.write, progress)
            part.replace(args.output)
    tell(args, {"ok": True, "entries": count}, f"{count:,} entries written to {args.output}")
    return 0


def _wanted(args: argparse.Namespace) -> Query:
    exact = {name: getattr(args, name) for name in (n.replace("-", "_") for n in FILTERS)}
    return Query(**exact, since=args.since, until=args.until)


ACTIONS = {
    "verify": _verify,
    "query": _query,
    "prove": _prove,
    "check": _check,
    "export": _export,
    "checkpoint": checkpoint,
    "cosign": cosign,
    "keep": keep,
}
