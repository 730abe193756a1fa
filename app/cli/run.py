"""`assent run`: the node, with its console where there is a terminal."""

import argparse
import gc

from app.cli.saying import number_above_zero


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "run",
        help="run the node: the console on a terminal, lines without one",
        description="Run the node of this home: screen what agents submit, ask the operator, "
        "answer, record. On a terminal the console opens; without one, events and figures are "
        "printed as lines.",
        epilog="exit status: 0 ended as asked (by itself, by q, SIGTERM or Ctrl-C), 1 failed, "
        "2 could not start",
    )
    command.add_argument("--demo", action="store_true", help="start four agents doing real work")
    command.add_argument("--headless", action="store_true", help="no console, even on a terminal")
    command.add_argument(
        "--for",
        dest="seconds",
        type=number_above_zero,
        metavar="SECONDS",
        help="end by itself after so many seconds, with a summary (default: never)",
    )
    command.add_argument(
        "--json", action="store_true", help="print the summary as one JSON object, and only that"
    )
    command.add_argument(
        "--metrics",
        metavar="ADDRESS",
        help="serve the figures for Prometheus there, such as 127.0.0.1:9464",
    )
    command.add_argument(
        "--mqtt",
        metavar="URL",
        help="bridge to this broker, such as mqtts://broker.example:8883, in place of the one in "
        "[mqtt] of assent.toml; `--mqtt none` bridges to none",
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run until asked to stop."""
    gc.disable()  # what is imported lives on: a search through it frees nothing, and takes a while
    try:
        return _run(args)
    finally:
        gc.enable()


def _run(args: argparse.Namespace) -> int:
    from app.cli.terminal import on_terminal
    from app.session import run_node

    return run_node(
        console=on_terminal() and not args.headless,
        demo=args.demo,
        seconds=args.seconds,
        as_json=args.json,
        metrics=args.metrics,
        mqtt=args.mqtt,
    )
