"""Asking the node from the command line, and saying what it answered."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from app.cli.saying import refuse, why
from app.cli.where import where
from app.intake.client import Client, Elsewhere, NoNode, Permission, call
from app.intake.wire import Pending
from app.settings import BadSettings
from components.actions import Action, ContextPiece
from components.canonical import Malformed, parse
from components.text import safe_text

USAGE, DENIED, EXPIRED, NO_NODE, INTERRUPTED = 2, 3, 4, 5, 130

UNREACHABLE = (BadSettings, OSError)
"""What keeps a command from knowing where its node is."""

_STATUS = {"allow": 0, "deny": DENIED, "expired": EXPIRED}


class Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line cannot be used; the text says why."""


def run_ask(args: argparse.Namespace) -> int:
    """`assent ask`: ask, print, and return the exit status."""
    try:
        action = Action(
            tool=args.tool,
            arguments=_arguments(args.arguments),
            request=args.request,
            context=_context(args.context),
            narrative=args.narrative,
        )
        leave = ask(action, where(args), args.agent, args.timeout)
    except (Usage, ValueError) as error:
        return refuse("assent ask", str(error), USAGE, as_json=args.json)
    except UNREACHABLE as error:
        return refuse("assent ask", why(error), USAGE, as_json=args.json)
    except NoNode as error:
        hint = no_node_hint(error, elsewhere=args.mqtt is not None)
        return refuse("assent ask", hint, NO_NODE, as_json=args.json)
    except KeyboardInterrupt:
        return refuse("assent ask", "withdrawn", INTERRUPTED, as_json=args.json)
    print(as_json(leave) if args.json else describe(leave))
    return exit_status(leave)


def ask(action: Action, place: Path | Elsewhere, agent: str, timeout_s: float) -> Permission:
    """Ask a node, with a word on the terminal while a person is asked."""

    async def use(client: Client) -> Permission:
        return await client.ask(action, timeout_s=timeout_s, on_pending=_tell_waiting())

    return call(place, agent, use)


def exit_status(leave: Permission) -> int:
    """The exit status that tells a permission."""
    return _STATUS[leave.verdict]


def no_node_hint(error: NoNode, *, elsewhere: bool = False) -> str:
    """What a person reads when no node answers; one that is `elsewhere` is not started here."""
    if elsewhere:
        return str(error)
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
    text = text if text.lstrip().startswith(("[", "{")) else _file(text.removeprefix("@"))
    value = _json(text, "--context")
    try:
        return msgspec.convert(value, tuple[ContextPiece, ...])
    except msgspec.ValidationError as error:
        raise Usage(f"--context: {error}") from None


def _file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = why(error)
        raise Usage(reason if name in reason else f"{name}: {reason}") from None


def _json(text: str, option: str) -> Any:
    try:
        return parse(text.encode())
    except (Malformed, UnicodeEncodeError) as error:
        raise Usage(f"{option}: {error}") from None
