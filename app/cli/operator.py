"""`assent operator`: who may answer at this node."""

import argparse
import sys
from pathlib import Path

_EXITS = "exit status: 0 done, 1 refused (the reason is told), 2 usage"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    operator = subparsers.add_parser(
        "operator",
        help="add, list and revoke the people who may answer",
        description="The people who may answer at the node of this home (ASSENT_HOME). Changes "
        "hold at once, also for a node that runs.",
        epilog=_EXITS,
    )
    commands = operator.add_subparsers(title="commands", metavar="COMMAND", required=True)

    new = _command(commands, "add", "enrol a person with a key that their passphrase opens")
    new.add_argument("name", metavar="NAME", help="their name: letters, digits, _ . and -")
    new.add_argument(
        "--tier",
        type=int,
        choices=(1, 2, 3),
        default=1,
        help="up to which tier they may answer (default: 1)",
    )
    new.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="take its first line instead of asking"
    )

    _command(commands, "list", "list every key that is or was trusted")

    gone = _command(commands, "revoke", "stop trusting a person's keys, now and for good")
    gone.add_argument("name", metavar="NAME", help="the person's name")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, explained: str
) -> argparse.ArgumentParser:
    sentence = f"{explained[:1].upper()}{explained[1:]}."
    command = commands.add_parser(name, help=explained, description=sentence, epilog=_EXITS)
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.set_defaults(run=run, action=name)
    return command


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; what is refused is told in a sentence."""
    from app.cli.saying import refuse, why
    from app.home import home, prepare
    from components.keys import KeyProblem

    try:
        return _ACTIONS[args.action](home() if args.action == "list" else prepare(home()), args)
    except (KeyProblem, OSError) as error:
        return refuse("assent operator", why(error), 1, as_json=args.json)


def _add(home: Path, args: argparse.Namespace) -> int:
    from app.people import enrol

    trusted = enrol(home, args.name, args.tier, _passphrase(args))
    if args.json:
        _print_json({"name": args.name, "tier": trusted.tier, "key_id": trusted.key_id})
    else:
        print(
            f"{args.name} may answer up to tier {trusted.tier}; key {trusted.key_id[:8]}\n"
            "in the console, o switches to them"
        )
    return 0


def _passphrase(args: argparse.Namespace) -> str:
    from getpass import getpass

    from components.keys import KeyProblem

    if args.passphrase_file is not None:
        try:
            text: str = args.passphrase_file.read_text("utf-8")
        except UnicodeDecodeError:
            raise KeyProblem(f"{args.passphrase_file} is not UTF-8") from None
        return text.partition("\n")[0].removesuffix("\r")
    if not sys.stdin.isatty():
        raise KeyProblem("no terminal to ask for the passphrase: use --passphrase-file")
    first = getpass(f"Passphrase for {args.name}: ")
    if getpass("The same again: ") != first:
        raise KeyProblem("the two passphrases differ; nobody was added")
    return first


def _list(home: Path, args: argparse.Namespace) -> int:
    import msgspec

    from app.people import enrolled
    from components.clock import SystemClock

    rows = enrolled(home, SystemClock().now())
    if args.json:
        _print_json([msgspec.structs.asdict(row) for row in rows])
        return 0
    for row in rows:
        opens = row.opens if row.state == "valid" else ""
        line = f"{row.name:<20} tier {row.tier}  {row.state:<12} {row.key_id[:8]}  {opens}"
        print(line.rstrip())
    return 0


def _revoke(home: Path, args: argparse.Namespace) -> int:
    from app.people import revoke

    count = revoke(home, args.name)
    if args.json:
        _print_json({"name": args.name, "revoked": count})
    else:
        print(f"{args.name}: {count} key{'' if count == 1 else 's'} revoked")
    return 0


def _print_json(value: object) -> None:
    import json

    print(json.dumps(value))


_ACTIONS = {"add": _add, "list": _list, "revoke": _revoke}
