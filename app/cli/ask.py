"""`assent ask`: propose one action from a script, wait, and say the verdict by exit status."""

import argparse
import re

from app.cli.where import add_where

_EXITS = (
    "exit status: 0 allowed, 2 usage, 3 denied, 4 expired, 5 no node answers, 130 interrupted "
    "(the request is withdrawn). Only 0 is a permission."
)
_TIMEOUT_S = 300.0
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "ask",
        help="propose one action and wait for the verdict",
        description="Propose one action, wait for the verdict, print it, and tell it by the exit "
        "status. The node must run.",
        epilog=_EXITS,
    )
    parser.add_argument("--tool", required=True, metavar="NAME", help="the tool's name")
    parser.add_argument(
        "--arguments", required=True, metavar="JSON", help="a JSON object, or @FILE that holds one"
    )
    parser.add_argument(
        "--request", default="", metavar="TEXT", help="what the user asked the agent for"
    )
    parser.add_argument(
        "--context",
        default="[]",
        metavar="JSON",
        help="what the agent had read: a JSON array of {source, trusted, text}, or @FILE that "
        "holds one",
    )
    parser.add_argument("--narrative", default="", metavar="TEXT", help="the agent's own words")
    add_common(parser)
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.set_defaults(run=run)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Declare what `ask` and `exec` share."""
    parser.add_argument(
        "--agent", default="cli", type=agent_name, metavar="NAME", help="who asks (default: cli)"
    )
    parser.add_argument(
        "--timeout",
        default=_TIMEOUT_S,
        type=seconds,
        metavar="SECONDS",
        help=f"how long to wait (default: {_TIMEOUT_S:.0f})",
    )
    add_where(parser)


def agent_name(text: str) -> str:
    """An agent's name from the command line, or `argparse.ArgumentTypeError`."""
    if not _NAME.match(text):
        raise argparse.ArgumentTypeError("1 to 64 letters, digits, `_`, `.` or `-`")
    return text


def seconds(text: str) -> float:
    """A time to wait from the command line: above 0, at most a day."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not above 0 and at most 86400 seconds")
    return value


def run(args: argparse.Namespace) -> int:
    """Ask, print, and return the exit status."""
    from app.cli.asking import run_ask

    return run_ask(args)
