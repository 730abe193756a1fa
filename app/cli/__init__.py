"""The command line: one file a command, each with `add(subparsers)`.

`run(args)` of a command is its exit status.

Modules stay light at import: what is heavy is imported where it is used, because agents' hooks
start this program for every action.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

COMMANDS = (
    "run",
    "ask",
    "exec_",
    "screen",
    "replay",
    "audit",
    "rules",
    "operator",
    "doctor",
    "init",
    "completion",
)

_EPILOG = """\
files:
  ASSENT_HOME    the folder with store, keys, socket and assent.toml
                 (default: the platform's data folder; `assent doctor` names it)

start with `assent run --demo`; `assent COMMAND --help` explains each command.
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="assent",
        description="The operator's console for AI agents: screens actions, asks a person where "
        "it should, answers with verdicts that can be proved later.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"assent {version('assent')}")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        import_module(f"app.cli.{name}").add(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit status."""
    args = parser().parse_args(argv)
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; nothing is left to say to it.
        sys.stderr.close()
        return 141
