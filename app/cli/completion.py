"""`assent completion`: a completion script for the shell."""

import argparse
from collections.abc import Iterator

_FILES = frozenset({"FILE", "PACK", "PROOF", "PUB"})


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "completion",
        help="print a completion script for bash, zsh or tcsh",
        description='Print a completion script. For this shell: eval "$(assent completion bash)"; '
        "for every one, put that line into ~/.bashrc.",
        epilog="exit status: 0 done, 2 usage",
    )
    command.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell it is for")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    from app.cli import parser

    top = parser()
    for command in _commands(top):
        for option in command._actions:  # noqa: SLF001 - argparse has no other way in
            if option.metavar in _FILES:
                option.complete = shtab.FILE  # type: ignore[attr-defined]
            elif option.metavar == "DIR":
                option.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    print(shtab.complete(top, args.shell))
    return 0


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser and all below it."""
    yield parser
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for below in action.choices.values():
                yield from _commands(below)
