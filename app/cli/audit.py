"""`assent audit`: verify, search, prove from and export the audit log."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.audit_text import moment, print_json, say_entry
from app.home import NODE_PUB_NAME, home

if TYPE_CHECKING:
    import sqlite3

    from components.audit_system import Progress, Query

EXITS = "exit status: 0 it holds, 1 it does not (or cannot be read), 2 usage"
_FILTERS = {
    "kind": "what happened: request, verdict, answer, …",
    "agent": "the agent's name",
    "tool": "the tool's name",
    "verdict": "allow, deny or expired",
    "operator": "who answered",
    "request-id": "the request's id",
    "text": "words in any string of the entry",
}


class Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line cannot be used; the text says why."""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    audit = subparsers.add_parser(
        "audit",
        help="verify, search, prove from and export the audit log",
        description="The log of this home (ASSENT_HOME), whether or not its node runs.",
        epilog=EXITS,
    )
    commands = audit.add_subparsers(title="commands", metavar="COMMAND", required=True)

    verify = _command(commands, "verify", _verify, "check every entry, the tree, the signatures")
    verify.add_argument(
        "--against", type=Path, metavar="FILE", help="a checkpoint kept elsewhere, to be continued"
    )
    _add_key(verify)

    query = _command(commands, "query", _query, "list entries, newest first")
    _add_filters(query)
    query.add_argument("--limit", type=_count, default=50, help="at most so many (default: 50)")
    query.add_argument("--before", type=_count, metavar="SEQ", help="only entries below SEQ")

    prove = _command(commands, "prove", _prove, "write a proof of one entry")
    prove.add_argument("seq", type=_count, metavar="SEQ", help="the entry's sequence number")
    prove.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it to FILE")

    check = _command(commands, "check", _check, "check a proof, without any store")
    check.add_argument("proof", type=Path, metavar="PROOF", help="a file that `prove` wrote")
    check.add_argument("--verdict", type=Path, metavar="FILE", help="the signed verdict it is for")
    _add_key(check)

    export = _command(commands, "export", _export, "write entries as JSON lines, oldest first")
    _add_filters(export)
    export.add_argument("-o", "--output", type=Path, metavar="FILE", help="write them to FILE")

    checkpoint = _command(commands, "checkpoint", _checkpoint, "print the newest signed checkpoint")
    checkpoint.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it to FILE")
    _add_key(checkpoint)


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    action: Callable[[argparse.Namespace], int],
    explained: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=explained, description=explained, epilog=EXITS)
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.set_defaults(run=run, action=action)
    return command


def _add_key(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--key",
        metavar="PUB",
        help="the node's public key: a file, or the text itself (default: node.pub of this home)",
    )


def _add_filters(command: argparse.ArgumentParser) -> None:
    for name, explained in _FILTERS.items():
        command.add_argument(f"--{name}", default="", help=explained)
    command.add_argument("--since", type=moment, default=0, metavar="TIME", help="ISO 8601")
    command.add_argument("--until", type=moment, default=0, metavar="TIME", help="ISO 8601")


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 up")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; whatever is wrong is told in a sentence."""
    from components.audit_system import AuditProblem
    from components.keys import KeyProblem
    from storage import StoreError

    try:
        return int(args.action(args))
    except Usage as error:
        return _fail(args, str(error), 2)
    except (AuditProblem, KeyProblem, StoreError) as error:
        return _fail(args, str(error), 1)


def _fail(args: argparse.Namespace, why: str, status: int) -> int:
    from components.text import safe_text

    if args.json:
        print_json({"ok": False, "first_bad": None, "why": why})
    else:
        print(f"assent audit: {safe_text(why)}", file=sys.stderr)
    return status


def _verify(args: argparse.Namespace) -> int:
    from components.audit_system import verify
    from components.text import safe_text

    key = _key(args)
    against = _read(args.against) if args.against else None
    with _reader() as reader, _progress("verifying") as progress:
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
    from components.audit_system import query

    with _reader() as reader:
        found = query(reader, _wanted(args), args.before, args.limit)
    if args.json:
        import msgspec

        rows = [
            {"seq": e.seq, "leaf_hash": e.leaf_hash, "leaf": msgspec.json.decode(e.leaf)}
            for e in found
        ]
        more = found[-1].seq if len(found) == args.limit else None
        print_json({"ok": True, "entries": rows, "before": more})
        return 0
    for entry in found:
        print(say_entry(entry))
    return 0


def _prove(args: argparse.Namespace) -> int:
    from components.audit_system import prove

    with _reader() as reader:
        text = prove(reader, args.seq)
    return _put(args, "proof", text)


def _check(args: argparse.Namespace) -> int:
    from components.audit_system import check_proof

    key = _key(args)
    if args.verdict:
        from app.cli.audit_verdict import check_verdict

        proved = check_verdict(_read(args.verdict), _read(args.proof), key)
    else:
        proved = check_proof(_read(args.proof), key)
    if args.json:
        import msgspec

        entry, checkpoint = proved.entry, proved.checkpoint
        found = {"seq": entry.seq, "leaf_hash": entry.leaf_hash, "entries": checkpoint.size}
        leaf = msgspec.json.decode(entry.leaf)
        print_json({"ok": True, **found, "root": checkpoint.root, "leaf": leaf})
        return 0
    print(say_entry(proved.entry))
    print(f"is entry {proved.entry.seq} of the {proved.checkpoint.size:,} signed with {key}")
    return 0


def _export(args: argparse.Namespace) -> int:
    from components.audit_system import export
    from components.text import safe_text

    with _reader() as reader, _progress("exporting") as progress:
        if args.output is None:
            # Entries hold what agents wrote: a terminal gets it escaped, a pipe as it is.
            escape = sys.stdout.isatty()
            write = (lambda line: _emit(safe_text(line, lines=True))) if escape else _emit
            export(reader, _wanted(args), write, progress)
            return 0
        part = args.output.with_name(args.output.name + ".part")
        with _writing(), part.open("w", encoding="utf-8", newline="\n") as file:
            count = export(reader, _wanted(args), file.write, progress)
    with _writing():
        part.replace(args.output)
    _tell(args, {"ok": True, "entries": count}, f"{count:,} entries written to {args.output}")
    return 0


def _checkpoint(args: argparse.Namespace) -> int:
    from components.audit_system import AuditProblem, newest_checkpoint, open_checkpoint
    from components.keys import parse_verifier_key

    with _reader() as reader:
        newest = newest_checkpoint(reader)
    if newest is None:
        raise AuditProblem("the log is empty: nothing has been signed yet")
    return _put(
        args, "checkpoint", open_checkpoint(newest.note, parse_verifier_key(_key(args))).note
    )


def _put(args: argparse.Namespace, name: str, text: str) -> int:
    """Write a text to the file that was asked for, else to standard output."""
    if args.output:
        with _writing():
            args.output.write_text(text, "utf-8", newline="\n")
        _tell(args, {"ok": True, "file": str(args.output)}, f"{name} written to {args.output}")
    elif args.json:
        print_json({"ok": True, name: text})
    else:
        _emit(text)
    return 0


def _emit(text: str) -> None:
    """Write to standard output in UTF-8 whatever the locale: signatures are over these bytes."""
    sys.stdout.buffer.write(text.encode())


def _tell(args: argparse.Namespace, data: dict[str, Any], words: str) -> None:
    if args.json:
        print_json(data)
    else:
        print(words)


def _wanted(args: argparse.Namespace) -> "Query":
    from components.audit_system import Query

    exact = {name: getattr(args, name) for name in (n.replace("-", "_") for n in _FILTERS)}
    try:
        "".join(exact.values()).encode()
    except UnicodeEncodeError:
        raise Usage("a filter is not UTF-8") from None
    return Query(**exact, since=args.since, until=args.until)


def _key(args: argparse.Namespace) -> str:
    """The verifier key to trust: what was given, else what this home publishes."""
    if args.key is None:
        path = home() / NODE_PUB_NAME
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            from components.keys import KeyProblem

            raise KeyProblem(f"no public key at {path} ({error}): give one with --key") from None
    try:
        given = Path(args.key)
        return (given.read_text("utf-8") if given.is_file() else args.key).strip()
    except (OSError, UnicodeError, ValueError) as error:
        raise Usage(f"--key: {error}") from None


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


@contextmanager
def _reader() -> "Iterator[sqlite3.Connection]":
    from contextlib import closing

    from components.audit_system import readable
    from storage import open_reader

    with readable(), closing(open_reader(home())) as reader:
        yield reader


@contextmanager
def _progress(what: str) -> "Iterator[Progress | None]":
    """A bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, total: int) -> bool:
            bar.update(task, completed=done, total=total)
            return True

        yield show
