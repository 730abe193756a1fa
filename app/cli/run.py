"""`assent run`: the node, with its console where there is a terminal."""

import argparse
import sys


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "run",
        help="run the node: the console on a terminal, lines without one",
        description="Run the node of this home: screen what agents submit, ask the operator, "
        "answer, record. On a terminal the console opens; without one, events and figures are "
        "printed as lines.",
        epilog="exit status: 0 ended as asked, 1 failed, 2 could not start",
    )
    command.add_argument("--demo", action="store_true", help="start four agents doing real work")
    command.add_argument("--headless", action="store_true", help="no console, even on a terminal")
    command.add_argument(
        "--for",
        dest="seconds",
        type=_seconds,
        metavar="SECONDS",
        help="end by itself, with a summary",
    )
    command.add_argument(
        "--json", action="store_true", help="print the summary as one JSON object, and only that"
    )
    command.set_defaults(run=run)


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e8:
        raise argparse.ArgumentTypeError("a number of seconds above 0")
    return value


def run(args: argparse.Namespace) -> int:
    """Run until asked to stop."""
    from app.session import run_node

    # Textual paints on standard error, so all three must be the terminal.
    on_terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    return run_node(
        console=on_terminal and not args.headless,
        demo=args.demo,
        seconds=args.seconds,
        as_json=args.json,
    )
