"""`assent screen`: assess actions and texts without recording anything."""

import argparse
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from app.screening import Screener

_DESCRIPTION = """\
Read one JSON object a line, print one assessment a line, in the same order. By its "kind" it is

  action       (or no kind) tool, arguments, request, context [{source, trusted, text}],
               narrative, agent, id; all but tool are optional
  tool_output  text, tool, request: what an agent is about to read
  request      text: what a user asks of an agent
  output       text, evidence [texts], type (answer, summary, report, code): what an agent says
  message      text: what an agent would show or send to a person
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "screen",
        help="assess actions and texts (JSON lines in, JSON lines out); nothing is recorded",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    from app.home import home
    from app.screening import Screener
    from app.settings import BadSettings
    from components.intent_firewall import BadPack

    with contextlib.ExitStack() as stack:
        try:
            source = _open(args.file, stack)
            screener = Screener.at(home())
        except (OSError, BadSettings, BadPack) as error:
            return refuse("assent screen", why(error), 2)
        return _screen_all(source, sys.stdout.buffer, screener)


def _open(name: str, stack: Any) -> BinaryIO:
    if name == "-":
        return sys.stdin.buffer
    stream: BinaryIO = stack.enter_context(open(name, "rb"))  # noqa: SIM115, PTH123 - the stack closes it
    return stream


def _screen_all(source: BinaryIO, target: BinaryIO, screener: "Screener") -> int:
    failed = False
    for line in source:
        if not line.strip():
            continue
        told, bad = screener.line(line.strip())
        failed = failed or bad
        target.write(told + b"\n")
        if source is sys.stdin.buffer:
            target.flush()
    target.flush()
    return 1 if failed else 0
