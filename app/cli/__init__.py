"""The command line: one file a command, each with `add(subparsers)`.

`run(args)` of a command is its exit status.

Modules stay light at import: what is heavy is imported where it is used, because agents' hooks
start this program for every action.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

COMMANDS = (
    "run",
    "ask",
    "exec_",
    "hook",
    "attach",
    "screen",
    "replay",
    "audit",
    "rules",
    "baseline",
    "alerts",
    "report",
    "metrics",
    "operator",
    "node",
    "backup",
    "restore",
    "broker",
    "doctor",
    "init",
    "completion",
)

_EPILOG = """\
files:
  ASSENT_HOME    the folder with store, keys, socket and assent.toml
                 (default: the platform's data folder; `assent doctor` names it)

exit status: each command's own, as its --help says; of all: 2 wrong usage,
130 interrupted (Ctrl-C), 141 whoever read the output went away.

Start with `assent run --demo`; `assent COMMAND --help` explains each command.
"""


class _Version(argparse.Action):
    """Looks the version up when it is asked for: it takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        parser.exit(message=f"assent {version('assent')}\n")


class _Parser(argparse.ArgumentParser):
    """Of words that it does not know it also says what comes nearest; its subparsers do, too."""

    def error(self, message: str) -> NoReturn:
        """Usage, what is wrong, and perhaps what was meant; exit status 2."""
        unknown = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)
        if unknown:
            from difflib import get_close_matches

            for near in get_close_matches(unknown[1], re.findall(r"[\w-]+", unknown[2]), n=1):
                message += f". Did you mean {near}?"
        super().error(message)


def parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The command line, whole or of some commands."""
    top = _Parser(
        prog="assent",
        description="The operator's console for AI agents: screens actions, asks a person where "
        "it should, answers with verdicts that can be proved later.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version, and exit")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in names:
        import_module(f"app.cli.{name}").add(subparsers)
    return top


def _named(argv: Sequence[str] | None) -> Sequence[str]:
    """The command that is called, alone: hooks start this program for every action."""
    words = sys.argv[1:] if argv is None else argv
    return [name for name in COMMANDS if words and name.rstrip("_") == words[0]] or COMMANDS


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit status."""
    from app.cli.saying import give_up, open_standard_streams, refuse, why

    open_standard_streams()
    args = parser(_named(argv)).parse_args(argv)
    try:
        status = int(args.run(args))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; nothing is left to say to it.
        give_up(sys.stdout)
        return 141
    except OSError as error:
        # What a command foresees it answers for itself; this is the output that cannot be written.
        give_up(sys.stdout)
        return refuse("assent", why(error), 1)
    return status
