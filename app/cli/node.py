"""`assent node`: how a running node stands; drain it, and let it take submissions again."""

import argparse

_EXITS = (
    "exit status: 0 done, 1 refused (the reason is told), 2 the settings or keys cannot be read, "
    "5 no node answers"
)


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    node = subparsers.add_parser(
        "node",
        help="tell how the running node stands; drain it, resume it",
        description="The running node of this home (ASSENT_HOME), asked at its socket. What "
        "changes it is signed with the key of the console's own operator.",
        epilog=_EXITS,
    )
    verbs = node.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _verb(verbs, "status", "tell its name, epoch and state, what waits and its log's head")
    drain = _verb(verbs, "drain", "take nothing new; what waits is decided or expires")
    drain.add_argument(
        "--wait", action="store_true", help="until nothing waits any more (Ctrl-C: it drains on)"
    )
    _verb(verbs, "resume", "take submissions again, as a node does when it starts")


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, explained: str
) -> argparse.ArgumentParser:
    sentence = f"{explained[:1].upper()}{explained[1:]}."
    verb = verbs.add_parser(name, help=explained, description=sentence, epilog=_EXITS)
    verb.add_argument("--json", action="store_true", help="print how it stands as JSON")
    verb.set_defaults(run=run, action=name)
    return verb


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; what is refused is told in a sentence."""
    from app.cli.node_actions import ACTIONS, Refused
    from app.cli.saying import refuse, why
    from app.intake.link import NoNode
    from app.settings import BadSettings
    from components.keys import KeyProblem

    try:
        return ACTIONS[args.action](args)
    except Refused as refused:
        reason, status = str(refused), 1
    except NoNode as gone:
        reason, status = str(gone), 5
    except (BadSettings, KeyProblem, OSError) as error:
        reason, status = why(error), 2
    return refuse(f"assent node {args.action}", reason, status, as_json=args.json)
