"""`assent ask`: propose one action from a script, wait, and say the verdict by exit status."""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import msgspec

from app.home import home
from app.intake.client import Client, NoNode, Permission, call
from app.intake.wire import Pending
from components.actions import Action, ContextPiece
from components.canonical import Malformed, parse
from components.text import safe_text

USAGE, DENIED, EXPIRED, NO_NODE, INTERRUPTED = 2, 3, 4, 5, 130
EXITS = (
    "exit status: 0 allowed, 2 usage, 3 denied, 4 expired, 5 no node answers, 130 interrupted "
    "(the request is withdrawn)"
)
DEFAULT_TIMEOUT_S = 300.0

_STATUS = {"allow": 0, "deny": DENIED, "expired": EXPIRED}
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")


class Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line cannot be used; the text says why."""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "ask", help="propose one action and wait for the verdict", description=__doc__, epilog=EXITS
    )
    parser.add_argument("--tool", required=True, help="the tool's name")
    parser.add_argument(
        "--arguments", required=True, metavar="JSON", help="a JSON object, or @FILE that holds one"
    )
    parser.add_argument("--request", default="", help="what the user asked the agent for")
    parser.add_argument(
        "--context",
        default="[]",
        metavar="JSON",
        help="what the agent had read: a JSON array of {source, trusted, text}, or a FILE with one",
    )
    parser.add_argument("--narrative", default="", help="the agent's own words")
    add_common(parser)
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.set_defaults(run=run)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Declare what `ask` and `exec` share."""
    parser.add_argument("--agent", default="cli", type=agent_name, help="who asks (default: cli)")
    parser.add_argument(
        "--timeout",
        default=DEFAULT_TIMEOUT_S,
        type=seconds,
        metavar="S",
        help=f"how long to wait, in seconds (default: {DEFAULT_TIMEOUT_S:.0f})",
    )


def agent_name(text: str) -> str:
    """An agent's name from the command line, or `argparse.ArgumentTypeError`."""
    if not _NAME.match(text):
        raise argparse.ArgumentTypeError("1 to 64 letters, digits, `_`, `.` or `-`")
    return text


def seconds(text: str) -> float:
    """A time to wait from the command line: above 0, at most a day."""
    value = float(text)
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError("more than 0 and at most 86400 seconds")
    return value


def run(args: argparse.Namespace) -> int:
    """Ask, print, and return the exit status."""
    try:
        action = Action(
            tool=args.tool,
            arguments=_arguments(args.arguments),
            request=args.request,
            context=_context(args.context),
            narrative=args.narrative,
        )
        leave = ask(action, args.agent, args.timeout)
    except (Usage, ValueError) as error:
        return complain(str(error), USAGE)
    except NoNode as error:
        return complain(no_node_hint(error), NO_NODE)
    except KeyboardInterrupt:
        return complain("withdrawn", INTERRUPTED)
    print(as_json(leave) if args.json else describe(leave))
    return exit_status(leave)


def ask(action: Action, agent: str, timeout_s: float) -> Permission:
    """Ask the node of the home folder, with a word on the terminal while a person is asked."""

    async def use(client: Client) -> Permission:
        return await client.ask(action, timeout_s=timeout_s, on_pending=_tell_waiting())

    return call(home(), agent, use)


def exit_status(leave: Permission) -> int:
    """The exit status that tells a permission."""
    return _STATUS[leave.verdict]


def complain(text: str, status: int) -> int:
    """Say on stderr why it did not work, and return the exit status."""
    print(f"assent: {safe_text(text)}", file=sys.stderr)
    return status


def no_node_hint(error: NoNode) -> str:
    """What a person reads when no node answers."""
    return f"{error}; start one with `assent run`, or set ASSENT_HOME to the folder of another"


def describe(leave: Permission) -> str:
    """A permission in a few lines, safe to show."""
    head = {"allow": "allowed", "deny": "denied", "expired": "expired"}[leave.verdict]
    lines = [f"{head}: {safe_text(leave.tool)} (rule {safe_text(leave.rule)})"]
    lines += [f"  {safe_text(reason)}" for reason in leave.reasons]
    if leave.modified:
        arguments = msgspec.json.encode(leave.arguments).decode()
        lines.append(f"  changed by the operator to {safe_text(arguments)}")
    return "\n".join(lines)


def as_json(leave: Permission, **more: Any) -> str:
    """A permission as one line of ASCII JSON, for programs."""
    return json.dumps({**msgspec.to_builtins(leave), **more})


def _tell_waiting() -> Any:
    told = False

    def tell(_: Pending) -> None:
        nonlocal told
        if not told and sys.stderr.isatty():
            told = True
            print("waiting for a person…", file=sys.stderr)

    return tell


def _arguments(text: str) -> dict[str, Any]:
    value = _json(_file(text[1:]) if text.startswith("@") else text, "--arguments")
    if not isinstance(value, dict):
        raise Usage("--arguments is not a JSON object")
    return value


def _context(text: str) -> tuple[ContextPiece, ...]:
    value = _json(text if text.lstrip().startswith("[") else _file(text), "--context")
    try:
        return msgspec.convert(value, tuple[ContextPiece, ...])
    except msgspec.ValidationError as error:
        raise Usage(f"--context: {error}") from None


def _file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"{name}: {error}") from None


def _json(text: str, option: str) -> Any:
    try:
        return parse(text.encode())
    except (Malformed, UnicodeEncodeError) as error:
        raise Usage(f"{option}: {error}") from None
