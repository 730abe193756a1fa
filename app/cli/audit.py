"""`assent audit`: verify, search, prove from, export and witness audit logs."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

EXITS = "exit status: 0 done, 1 the log or a key is not there or cannot be read, 2 usage"
CHECKED = "exit status: 0 it holds, 1 it does not (or cannot be read), 2 usage"
FILTERS = {
    "kind": "what happened: asked, verdict, consumed, outcome, node.started, …",
    "agent": "the agent's name",
    "tool": "the tool's name",
    "verdict": "allow, deny or expired",
    "operator": "who answered",
    "request-id": "the request's id",
    "text": "words in any string of the entry",
}


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    audit = subparsers.add_parser(
        "audit",
        help="verify, search, prove from, export and witness the audit log",
        description="The log of this home (ASSENT_HOME), whether or not its node runs.",
        epilog="exit status: 0 done or it holds, 1 it does not (or cannot be read), 2 usage",
    )
    commands = audit.add_subparsers(title="commands", metavar="COMMAND", required=True)

    verify = _command(commands, "verify", "check every entry, the tree and the signatures")
    verify.add_argument(
        "--against", type=Path, metavar="FILE", help="a checkpoint kept elsewhere, to be continued"
    )
    _add_key(verify)
    _add_witness(
        verify,
        "demand that this witness has cosigned the checkpoint (FILE, or the one that is kept here)",
    )
    verify.add_argument(
        "--witnesses", type=_count, metavar="N", help="so many of them are enough (default: all)"
    )

    query = _command(commands, "query", "list entries, newest first")
    _add_filters(query)
    query.add_argument(
        "--limit", type=_count, default=50, metavar="N", help="at most so many (default: 50)"
    )
    query.add_argument("--before", type=_count, metavar="SEQ", help="only entries below SEQ")

    prove = _command(commands, "prove", "write a proof of one entry")
    prove.add_argument("seq", type=_count, metavar="SEQ", help="the entry's sequence number")
    _add_output(prove)

    check = _command(commands, "check", "check a proof, without any store")
    check.add_argument("proof", type=Path, metavar="PROOF", help="a file that `prove` wrote")
    check.add_argument("--verdict", type=Path, metavar="FILE", help="the signed verdict it is for")
    _add_key(check)

    export = _command(commands, "export", "write entries as JSON lines, oldest first")
    _add_filters(export)
    _add_output(export)

    checkpoint = _command(
        commands, "checkpoint", "print the newest signed checkpoint, with what cosigned it"
    )
    checkpoint.add_argument(
        "--cosigned", action="store_true", help="the newest that witnesses have cosigned"
    )
    checkpoint.add_argument(
        "--proof", type=Path, metavar="FILE", help="write there that it continues SIZE entries"
    )
    checkpoint.add_argument(
        "--since", type=_count, default=0, metavar="SIZE", help="for --proof (default: 0)"
    )
    _add_output(checkpoint)
    _add_key(checkpoint)

    cosign = _command(commands, "cosign", "cosign another node's checkpoint as its witness")
    cosign.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="its signed checkpoint")
    cosign.add_argument(
        "proof", type=Path, nargs="?", metavar="PROOF",
        help="that it continues what this witness cosigned last (nothing: the first time)",
    )  # fmt: skip
    cosign.add_argument(
        "--origin", required=True, metavar="PUB", help="the other node's public key, file or text"
    )
    _add_output(cosign)

    keep = _command(commands, "keep", "keep what witnesses cosigned of this log")
    keep.add_argument("checkpoint", type=Path, metavar="FILE", help="a file that `cosign` wrote")
    _add_key(keep)
    _add_witness(keep, "a witness whose cosignature is kept", required=True)


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, explained: str
) -> argparse.ArgumentParser:
    exits = CHECKED if name in {"verify", "check"} else EXITS
    sentence = f"{explained[:1].upper()}{explained[1:]}."
    command = commands.add_parser(name, help=explained, description=sentence, epilog=exits)
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.set_defaults(run=run, action=name)
    return command


def _add_key(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--key",
        metavar="PUB",
        help="the node's public key: a file, or the text itself (default: node.pub of this home)",
    )


def _add_witness(
    command: argparse.ArgumentParser, explained: str, *, required: bool = False
) -> None:
    command.add_argument(
        "--witness",
        action="append",
        default=[],
        required=required,
        metavar="KEY",
        help=f"{explained}: its node.pub or witness key, file or text; may be repeated",
    )


def _add_output(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="write it to FILE (default: standard output)",
    )


def _add_filters(command: argparse.ArgumentParser) -> None:
    for name, explained in FILTERS.items():
        command.add_argument(f"--{name}", default="", type=_words, metavar="TEXT", help=explained)
    command.add_argument(
        "--since", type=_moment, default=0, metavar="TIME", help="from this time on (ISO 8601)"
    )
    command.add_argument(
        "--until", type=_moment, default=0, metavar="TIME", help="before this time (ISO 8601)"
    )


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 up")
    return int(text)


def _words(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("not UTF-8") from None
    return text


def _moment(text: str) -> int:
    """A time (ISO 8601, local unless it says otherwise) in µs since 1970."""
    try:
        return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1e6)
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write 2026-01-31, 2026-01-31T18:00 or 2026-01-31T18:00Z"
        ) from None


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; whatever is wrong is told in a sentence."""
    from app.cli.audit_actions import ACTIONS
    from app.cli.audit_io import Usage
    from app.cli.audit_text import print_json
    from app.cli.saying import refuse
    from components.audit_system import AuditProblem, Stale
    from components.keys import KeyProblem
    from storage import StoreError

    try:
        return ACTIONS[args.action](args)
    except (Usage, AuditProblem, KeyProblem, StoreError) as error:
        if args.json:
            begins = {"size": error.size} if isinstance(error, Stale) else {}
            print_json({"ok": False, "first_bad": None, "why": str(error), **begins})
        else:
            refuse(f"assent audit {args.action}", str(error), 1)
        return 2 if isinstance(error, Usage) else 1
