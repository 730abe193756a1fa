"""`assent baseline`: keep how fast the node was, and compare later days with it."""

import argparse

from app.cli.timespan import moment_argument

_EXITS = "exit status: 0 done, 1 refused (the reason is told), 2 usage"
_COMPARED = """\
Two figures differ when the ranges in which they truly lie, as the number of calls allows, do not
meet and they are more than 10% apart; where a range cannot be told there were too few calls (a
P99 takes 500). A regression is a P99 of more than 2 times the first one's, a throughput under 80%
of it, or more than 0.1% of failures and timeouts and more than there were. Throughput falls too
when agents ask for less.

exit status: 0 no regression, 1 at least one, 2 they cannot be compared, or usage
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    baseline = subparsers.add_parser(
        "baseline",
        help="keep how fast the node was, and compare with it",
        description="Baselines of this home (ASSENT_HOME): latency, throughput and failures of "
        "every operation over a span of its recorded history, whether or not its node runs. "
        "A running node takes over the one in force at once.",
        epilog=_EXITS,
    )
    commands = baseline.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_set(commands)
    show = _command(commands, "show", "print the figures of a baseline")
    show.add_argument("name", nargs="?", metavar="NAME", help="default: the one in force")
    _command(commands, "list", "list the baselines of this home")
    use = _command(commands, "use", "put a baseline in force: alerts and trends measure against it")
    use.add_argument("name", metavar="NAME", help="its name")
    _add_compare(commands)
    remove = _command(commands, "remove", "delete a baseline")
    remove.add_argument("name", metavar="NAME", help="its name")


def _add_set(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    new = _command(commands, "set", "make a baseline of recorded history, and put it in force")
    new.add_argument("name", metavar="NAME", help="its name: up to 64 letters, digits, _ . and -")
    _add_span(new)
    new.add_argument("--note", default="", metavar="TEXT", help="what is to be remembered of it")
    new.add_argument("--replace", action="store_true", help="replace one of the same name")
    new.add_argument(
        "--keep-current", action="store_true", help="leave the one in force as it is"
    )  # fmt: skip


def _add_compare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    compare = _command(
        commands, "compare", "compare two baselines, or one with recent history", _COMPARED
    )
    compare.formatter_class = argparse.RawDescriptionHelpFormatter
    compare.add_argument(
        "name", nargs="?", metavar="NAME", help="the first one (default: the one in force)"
    )
    compare.add_argument(
        "other", nargs="?", metavar="OTHER", help="the second one (default: recorded history)"
    )
    _add_span(compare)


def _add_span(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--since",
        type=moment_argument,
        metavar="TIME",
        help="history from then on: 90s, 15m, 2h, 3d or 1w ago, or a date and time, in UTC unless "
        "it has an offset (default: 1h)",
    )
    command.add_argument(
        "--until", type=moment_argument, metavar="TIME", help="history before then (default: now)"
    )


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    explained: str,
    epilog: str = _EXITS,
) -> argparse.ArgumentParser:
    sentence = f"{explained[:1].upper()}{explained[1:]}."
    command = commands.add_parser(name, help=explained, description=sentence, epilog=epilog)
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.set_defaults(run=run, action=name)
    return command


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; what is refused is told in a sentence."""
    from app.baselines import BaselineProblem
    from app.cli.baseline_actions import ACTIONS, Usage
    from app.cli.saying import refuse, why
    from storage import StoreError

    try:
        return ACTIONS[args.action](args)
    except (BaselineProblem, StoreError, OSError, Usage) as error:
        status = 2 if isinstance(error, Usage) or args.action == "compare" else 1
        return refuse("assent baseline", why(error), status, as_json=args.json)
