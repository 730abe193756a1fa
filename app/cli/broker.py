"""`assent broker`: who may connect to the MQTT broker that `assent init --broker` wrote."""

import argparse
from pathlib import Path

from app.broker.roles import ROLES

_EXITS = (
    "exit status: 0 done, 1 refused (the reason is told), 2 usage, or the library cryptography "
    "is missing"
)


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    broker = subparsers.add_parser(
        "broker",
        help="add, list and revoke those who may connect to the MQTT broker",
        description="The principals of an MQTT broker for Assent, which `assent init --broker` "
        "made. A broker that runs learns of changes when it reloads, as the commands say.",
        epilog=_EXITS,
    )
    commands = broker.add_subparsers(title="commands", metavar="COMMAND", required=True)

    new = _command(commands, "add", "give a principal its topics, and a certificate or password")
    new.add_argument("name", metavar="NAME", help="its name: letters, digits, _ . and -")
    new.add_argument(
        "--role",
        choices=ROLES,
        required=True,
        help="agent: submits actions; operator: answers at a console; node: decides; observer: "
        "reads what is told to all",
    )

    _command(commands, "list", "list every principal that is or was there")

    gone = _command(commands, "revoke", "take a principal's certificate or password back")
    gone.add_argument("name", metavar="NAME", help="its name")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, explained: str
) -> argparse.ArgumentParser:
    sentence = f"{explained[:1].upper()}{explained[1:]}."
    command = commands.add_parser(name, help=explained, description=sentence, epilog=_EXITS)
    command.add_argument(
        "--dir",
        type=Path,
        metavar="DIR",
        help="the broker's folder (default: broker in ASSENT_HOME)",
    )
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.set_defaults(run=run, action=name)
    return command


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; what is refused is told in a sentence."""
    from app.broker.errors import BrokerProblem
    from app.cli.saying import refuse, why
    from components.keys import KeyProblem

    try:
        from app.cli.broker_actions import ACTIONS

        return ACTIONS[args.action](args)
    except ModuleNotFoundError as error:
        return refuse("assent broker", missing(error), 2, as_json=args.json)
    except (BrokerProblem, KeyProblem, OSError) as error:
        return refuse("assent broker", why(error), 1, as_json=args.json)


def missing(error: ModuleNotFoundError) -> str:
    """What to install for a library that is not there. Raises the error again for any other."""
    if (error.name or "").partition(".")[0] != "cryptography":
        raise error
    return "the library cryptography makes certificates: pip install 'assent[broker]'"
