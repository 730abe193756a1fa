"""`assent screen`: assess actions without recording anything."""

import argparse
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from components.actions import Action
    from components.gate import Assessed

_FIELDS = "id, agent, tool, arguments, request, context [{source, trusted, text}], narrative"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "screen",
        help="assess actions (JSON lines in, JSON lines out); nothing is recorded",
        description=f"Read one action a line: {_FIELDS}; all but tool are optional. "
        "Print one assessment a line, in the same order.",
        epilog="exit status: 0 all lines were assessed, 1 some could not be read (their line says "
        "why), 2 could not start",
    )
    command.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        help="JSON lines; - is standard input (default)",
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Assess every line; the status is 1 when one could not be read."""
    import contextlib

    from app.cli.saying import refuse, why
    from app.settings import BadSettings
    from components.intent_firewall import BadPack

    with contextlib.ExitStack() as stack:
        try:
            source = _open(args.file, stack)
            screener = _screener()
        except (OSError, BadSettings, BadPack) as error:
            return refuse("assent screen", why(error), 2)
        return _screen_all(source, sys.stdout.buffer, screener)


def _open(name: str, stack: Any) -> BinaryIO:
    if name == "-":
        return sys.stdin.buffer
    stream: BinaryIO = stack.enter_context(open(name, "rb"))  # noqa: SIM115, PTH123 - the stack closes it
    return stream


def _screener() -> Any:
    from app.home import home
    from app.node.policy import PolicyFiles
    from app.settings import load
    from components.clock import SystemClock
    from components.gate import Screens
    from components.intent_firewall import Sequences
    from components.love_engine import LoveEngine
    from components.monitor.timer import Ignoring

    clock = SystemClock()
    firewall = PolicyFiles(home(), load(home())).load()
    return Screens(firewall, LoveEngine(), Sequences(clock), clock, Ignoring).assess_alone


def _screen_all(source: BinaryIO, target: BinaryIO, assess: Any) -> int:
    import msgspec

    from components.canonical import MAX_BYTES

    failed = False
    for line in source:
        if not line.strip():
            continue
        result, bad = _screen_line(line.strip(), assess, MAX_BYTES)
        failed = failed or bad
        target.write(msgspec.json.encode(result) + b"\n")
        if source is sys.stdin.buffer:
            target.flush()
    target.flush()
    return 1 if failed else 0


def _screen_line(line: bytes, assess: Any, most: int) -> tuple[dict[str, Any], bool]:
    import msgspec

    from components.actions import Action
    from components.canonical import Malformed, parse

    body: Any = None
    try:
        body = parse(line, most)
        action = msgspec.convert(body, Action)
    except (Malformed, msgspec.ValidationError) as error:
        known = body.get("id") if isinstance(body, dict) else None
        named = {"id": known} if isinstance(known, str) else {}
        return {**named, "error": str(error)}, True
    return _shown(action, assess(action)), False


def _shown(action: "Action", assessed: "Assessed") -> dict[str, Any]:
    return {
        "id": action.id,
        "disposition": assessed.ruling.disposition,
        "safety": assessed.safety,
        "ethics": assessed.ethics,
    }
