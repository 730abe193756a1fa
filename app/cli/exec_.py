"""`assent exec`: run a command only if its verdict allows it, and report what came of it."""

import argparse

from app.cli.ask import add_common

_WHAT = (
    "Run a command only if its verdict allows it, and report what came of it. What runs is exactly "
    "what was approved, without a shell: the operator's command line where they changed it. "
    "Standard input, output and error are the command's own."
)
_EXITS = (
    "exit status: the command's own (128+n if signal n ended it, 126 or 127 if it could not be "
    "started); if it was not run: 2 usage, 3 denied, 4 expired, 5 no node answers, 130 "
    "interrupted. A command may use these too; --json tells them apart."
)


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "exec",
        help="gate a command, run it, report its outcome",
        usage="assent exec [-h] [--agent NAME] [--timeout SECONDS] [--cwd DIR] [--json] -- CMD …",
        description=_WHAT,
        epilog=_EXITS,
    )
    add_common(parser)
    parser.add_argument("--cwd", default=".", metavar="DIR", help="where to run (default: here)")
    parser.add_argument(
        "--json", action="store_true", help="write verdict and outcome to stderr, as one JSON line"
    )
    parser.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- CMD …", help="the command")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Gate, run, report, and return the exit status."""
    from app.cli.executing import run_exec

    return run_exec(args)
