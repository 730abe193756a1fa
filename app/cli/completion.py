"""`assent completion`: a completion script for the shell."""

import argparse


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "completion",
        help="print a completion script for bash, zsh or tcsh",
        description='Print a completion script, e.g.: eval "$(assent completion bash)"',
    )
    command.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    from app.cli import parser

    print(shtab.complete(parser(), args.shell))
    return 0
