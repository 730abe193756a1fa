"""`assent alerts`: check and list the alert rules, and tell what became of alerts."""

import argparse
from pathlib import Path

from app.cli.timespan import moment_argument

_RULES = (
    "exit status: 0 all right, 1 a rule watches nothing that a node measures, "
    "2 a file cannot be used"
)
_HISTORY = "exit status: 0 told, 1 the store is not there or cannot be read, 2 usage"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    alerts = subparsers.add_parser(
        "alerts",
        help="check and list the alert rules, and tell what became of alerts",
        description="The alert rules of this home (ASSENT_HOME): the ones that ship with the "
        "program, and over them the files of `[alerts] rules` in assent.toml; and the alerts that "
        "its node recorded.",
        epilog="exit status: each command's own, as its --help says",
    )
    verbs = alerts.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = _verb(verbs, "check", "read rule files as a node does, over the rules that ship")
    check.add_argument(
        "files", nargs="*", type=Path, metavar="FILE",
        help="TOML files; without any, those of `[alerts] rules`",
    )  # fmt: skip
    _verb(verbs, "list", "list the rules in force: what each watches, when it fires, how grave")
    history = _verb(verbs, "history", "list what happened to alerts, the earliest first", _HISTORY)
    history.add_argument(
        "--since", type=moment_argument, metavar="TIME",
        help="from then on: 90s, 15m, 2h, 3d or 1w ago, or a date and time, in UTC unless it has "
        "an offset (default: 1d)",
    )  # fmt: skip
    history.add_argument(
        "--until", type=moment_argument, metavar="TIME", help="before then (default: now)"
    )


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    explained: str,
    epilog: str = _RULES,
) -> argparse.ArgumentParser:
    sentence = f"{explained[:1].upper()}{explained[1:]}."
    verb = verbs.add_parser(name, help=explained, description=sentence, epilog=epilog)
    verb.add_argument("--json", action="store_true", help="print the result as JSON")
    verb.set_defaults(run=run, action=name)
    return verb


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; what is refused is told in a sentence."""
    from app.cli.alerts_actions import ACTIONS, Usage
    from app.cli.saying import refuse, why
    from app.settings import BadSettings
    from components.monitor.alerting import BadRules
    from storage import StoreError

    try:
        return ACTIONS[args.action](args)
    except BadRules as error:
        place = f"{error.file}:{error.line}" if error.line else error.file
        reason, status = f"{place}: {error.key}: {error.why}", 2
    except (BadSettings, Usage) as error:
        reason, status = str(error), 2
    except (StoreError, OSError) as error:
        reason, status = why(error), 1
    return refuse("assent alerts", reason, status, as_json=args.json)
