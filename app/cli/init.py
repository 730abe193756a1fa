"""`assent init`: make a home with its settings file, ready to be edited."""

import argparse
import sys

_TEMPLATE = """\
# Settings of this Assent home. Every key is optional; what stands here are the defaults.

[node]
# name = "node-1"            # how agents address this node; fixed once its log has begun
# workspace = "/srv/agents"  # the folder that agents may write to without a question

[operator]
# name = ""                  # who sits at this console; empty: the user the program runs as
# tier = 3                   # 1 to 3: up to which tier this operator may answer

[firewall]
# packs = ["rules.toml"]     # rule packs of your own, besides the ones that come with Assent

[limits]                     # what one agent may submit
# rate_per_s = 200
# burst = 1000

[gate]
# verdict_valid_s = 120      # for how long an allow may be acted upon

[hitl]                       # what waits for a person
# two_person_tier = 3        # from this tier on two different people must approve

[hitl.critical]              # likewise high, medium, low
# wait_s = 600
# on_timeout = "deny"        # or escalate, hold
# release_delay_s = 3        # u takes an approval back within these seconds

[console]
# theme = "dark"             # or light, colour-blind
# [console.keys]             # command id = key, e.g. approve = "f5"
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "init",
        help="make the home folder and a commented settings file",
        description="Make the home folder (ASSENT_HOME) and a commented assent.toml in it. "
        "Nothing that is there is changed.",
        epilog="exit status: 0 done, 2 it could not be made",
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make what is missing."""
    del args
    from app.home import SETTINGS_NAME, home, prepare

    try:
        path = prepare(home()) / SETTINGS_NAME
        with path.open("x", encoding="utf-8") as target:
            target.write(_TEMPLATE)
    except FileExistsError:
        print(f"{path} is there already; nothing was changed")
        return 0
    except OSError as error:
        print(f"assent init: {error}", file=sys.stderr)
        return 2
    print(f"made {path}\nnext: assent run --demo")
    return 0
