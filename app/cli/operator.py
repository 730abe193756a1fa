"""`assent operator`: who may answer at this node."""

import argparse
import sys
from pathlib import Path

_EXITS = "exit status: 0 done, 1 refused (the reason is told), 2 usage"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    operator = subparsers.add_parser(
        "operator",
        help="add, trust, list and revoke the people who may answer",
        description="The people who may answer at the node of this home (ASSENT_HOME). Changes "
        "hold at once, also for a node that runs.",
        epilog=_EXITS,
    )
    commands = operator.add_subparsers(title="commands", metavar="COMMAND", required=True)

    _add_key(_command(commands, "add", "enrol a person with a key that their passphrase opens"))
    _add_tier(commands.choices["add"])

    _add_key(_command(commands, "new", "make your key here, to answer at a node elsewhere"))

    known = _command(
        commands, "trust", "enrol a person by the line that `assent operator new` said"
    )
    known.add_argument("line", metavar="LINE", help="NAME ed25519 KEY, in one argument")
    _add_tier(known)
    known.add_argument(
        "--observer", action="store_true", help="they may look at everything and answer nothing"
    )

    _command(commands, "list", "list every key that is or was trusted")

    gone = _command(commands, "revoke", "stop trusting a person's keys, now and for good")
    gone.add_argument("name", metavar="NAME", help="the person's name")


def _add_key(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="the name: letters, digits, _ . and -")
    command.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="take its first line instead of asking"
    )


def _add_tier(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--tier",
        type=int,
        choices=(1, 2, 3),
        default=1,
        help="up to which tier they may answer (default: 1)",
    )


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


def _new(home: Path, args: argparse.Namespace) -> int:
    from app.people import make
    from components.keys import Keyring

    key, path = make(home, args.name, _passphrase(args))
    line = Keyring((key,)).render().strip()
    if args.json:
        _print_json({"name": key.principal, "key_id": key.key_id, "line": line, "file": str(path)})
    else:
        print(line)
        print(
            f"the key is in {path}\n"
            f"at the node: assent operator trust '{line}'\n"
            f"then here: assent attach URL --node NODE.pub --as {args.name} --key {path}",
            file=sys.stderr,
        )
    return 0


def _trust(home: Path, args: argparse.Namespace) -> int:
    from app.people import trust

    key = trust(home, args.line, args.tier, observer=args.observer)
    if args.json:
        _print_json(
            {
                "name": key.principal,
                "tier": key.tier,
                "observer": key.observer,
                "key_id": key.key_id,
            }
        )
    else:
        may = "may look and answer nothing" if key.observer else f"may answer up to tier {key.tier}"
        print(f"{key.principal} {may}; key {key.key_id[:8]}")
    return 0


def _passphrase(args: argparse.Namespace) -> str:
    from app.cli.passphrase import passphrase

    return passphrase(args.name, args.passphrase_file, new=True)


def _list(home: Path, args: argparse.Namespace) -> int:
    import msgspec

    from app.people import enrolled
    from components.clock import SystemClock

    rows = enrolled(home, SystemClock().now())
    if args.json:
        _print_json([msgspec.structs.asdict(row) for row in rows])
        return 0
    if not rows:
        print("nobody is enrolled: assent operator add NAME", file=sys.stderr)
    for row in rows:
        opens = row.opens if row.state == "valid" else ""
        tier = "observer" if row.observer else f"tier {row.tier}"
        line = f"{row.name:<20} {tier:<8} {row.state:<12} {row.key_id[:8]}  {opens}"
        print(line.rstrip())
    return 0


def _revoke(home: Path, args: argparse.Namespace) -> int:
    from app.people import enrolled, revoke
    from components.clock import SystemClock

    count = revoke(home, args.name)
    rows = enrolled(home, SystemClock().now())
    left = sum(row.state == "valid" and not row.observer for row in rows)
    if args.json:
        _print_json({"name": args.name, "revoked": count, "left": left})
        return 0
    print(f"{args.name}: {count} key{'' if count == 1 else 's'} revoked")
    if not left:
        print(
            "nobody may answer at this node now, so what asks a person will expire: "
            "assent operator add NAME",
            file=sys.stderr,
        )
    return 0


def _print_json(value: object) -> None:
    import json

    print(json.dumps(value))


_ACTIONS = {"add": _add, "new": _new, "trust": _trust, "list": _list, "revoke": _revoke}
