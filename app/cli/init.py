"""`assent init`: make a home with its settings file, ready to be edited, and a broker's folder."""

import argparse
import json
from pathlib import Path

_TEMPLATE = """\
# Settings of this Assent home. Every key is optional. The values are the defaults, except where
# the comment says "such as". `assent doctor` checks the file.

[node]
# name = "node-1"            # such as; how agents address this node, empty: the machine's name.
                             # Fixed once its log has begun
# workspace = "/srv/agents"  # such as; where agents may write without a question, empty: no
                             # such folder

[operator]
# name = ""                  # who sits at this console; empty: the user the program runs as
# tier = 3                   # 1 to 3: up to which tier this operator may answer

[firewall]
# packs = ["rules.toml"]     # such as; rule packs of your own, besides the ones that ship

[limits]                     # what one agent may submit
# rate_per_s = 200           # actions a second in the long run
# burst = 1000               # actions at once

[gate]
# verdict_valid_s = 120      # for how many seconds an allow may be acted upon

[hitl]                       # what waits for a person
# two_person_tier = 3        # from this tier on two different people must approve; 4: never
# longest_s = 86400          # no deadline is later, whatever the agent asks for
# grant_longest_s = 28800    # "and similar ones" holds at most so many seconds
# grant_most = 1000          # … and for so many actions

[hitl.critical]
# wait_s = 600               # seconds to wait for an answer
# on_timeout = "deny"        # then: deny, escalate (to the next tier), hold (to the deadline)
# release_delay_s = 3        # u takes an approval back within these seconds

[hitl.high]
# wait_s = 300
# on_timeout = "escalate"
# release_delay_s = 0

[hitl.medium]
# wait_s = 300
# on_timeout = "deny"
# release_delay_s = 0

[hitl.low]
# wait_s = 900
# on_timeout = "deny"
# release_delay_s = 0

[performance]                # what `assent report daily --try` measures on this machine
# gc_threshold = 20000       # allocations between two collections of garbage
# switch_interval_ms = 0.1   # how long a thread runs before another gets its turn
# largest_batch = 4096       # jobs in one transaction, at most
# experience_batch = 512     # experiences that one job writes, at most

[alerts]
# rules = ["alerts.toml"]    # such as; files of alert rules of your own, over the ones that ship

[mqtt]                       # the broker that agents and consoles elsewhere meet this node at;
                             # `assent init --broker` makes one
# url = "mqtts://broker.example:8883"  # such as; empty: no broker. mqtt://HOST:1883 is without TLS
# username = ""              # who we are there, where the broker asks for a password
# password_file = ""         # … and the file whose first line is that password
# ca = ""                    # PEM: who signed the broker's certificate; empty: as the system trusts
# cert = ""                  # PEM: our certificate, where the broker asks for one
# key = ""                   # PEM: the certificate's key
# witnesses = ["b.pub"]      # such as; public keys (node.pub) of nodes at this broker that cosign
                             # this node's log, which are kept; empty: nobody does
# witness_of = ["a.pub"]     # such as; … and of nodes whose logs this one cosigns

[console]
# theme = "dark"             # or light, colour-blind
# notify = "title"           # how the terminal tells of alerts: off, title, bell or desktop (both
                             # of these in the title as well)
# [console.keys]             # command id = key, e.g. approve = "f5"
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "init",
        help="make the home folder and a commented settings file, and what an MQTT broker needs",
        description="Make the home folder (ASSENT_HOME) and a commented assent.toml in it; with "
        "--broker also all that a mosquitto needs to serve it over TLS. Nothing that is there is "
        "changed.",
        epilog="exit status: 0 done, 2 it could not be made",
    )
    command.add_argument(
        "--broker",
        nargs="?",
        const="",
        metavar="DIR",
        help="make a broker's folder: mosquitto.conf, who may do what, certificates, and what "
        "opens it for this node (default: broker in ASSENT_HOME)",
    )
    command.add_argument(
        "--host",
        action="append",
        metavar="HOST",
        help="with --broker: a name or address that clients reach it by; may be given more than "
        "once, the first is written into their settings (default: localhost and 127.0.0.1)",
    )
    command.add_argument(
        "--auth",
        choices=("certificate", "password"),
        help="with --broker: how clients show who they are (default: certificate)",
    )
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make what is missing."""
    from app.cli.saying import refuse, why
    from app.home import SETTINGS_NAME, home, prepare

    if args.broker is None and (args.host or args.auth):
        reason = "--host and --auth are for --broker"
        return refuse("assent init", reason, 2, as_json=args.json)
    try:
        path = prepare(home()) / SETTINGS_NAME
        made = _write_new(path)
    except OSError as error:
        return refuse("assent init", why(error), 2, as_json=args.json)
    data: dict[str, object] = {"ok": True, "file": str(path), "made": made}
    lines = [f"made {path}" if made else f"{path} is there already; nothing was changed"]
    if args.broker is not None:
        return _with_broker(args, data, lines)
    if made:
        lines.append("next: assent run --demo")
    print(json.dumps(data) if args.json else "\n".join(lines))
    return 0


def _with_broker(args: argparse.Namespace, data: dict[str, object], lines: list[str]) -> int:
    """Make a broker's folder too, and tell of both."""
    from app.broker.errors import BrokerProblem
    from app.cli.broker import missing
    from app.cli.saying import refuse, why
    from app.settings import BadSettings
    from components.keys import KeyProblem

    try:
        from app.cli.broker_actions import as_data, make, told

        chosen = Path(args.broker) if args.broker else None
        broker = make(chosen, args.host or [], args.auth or "certificate")
    except ModuleNotFoundError as error:
        return refuse("assent init", missing(error), 2, as_json=args.json)
    except (BrokerProblem, KeyProblem, BadSettings, OSError) as error:
        return refuse("assent init", why(error), 2, as_json=args.json)
    if args.json:
        print(json.dumps({**data, "broker": as_data(broker)}))
    else:
        print("\n".join((*lines, told(broker))))
    return 0


def _write_new(path: Path) -> bool:
    """Write the template unless there is a file: False where there is one."""
    try:
        with path.open("x", encoding="utf-8") as target:
            target.write(_TEMPLATE)
    except FileExistsError:
        return False
    return True
