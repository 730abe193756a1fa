"""`assent backup`: a verified copy of a home, taken while its node runs; or the home moved."""

import argparse
import json
from pathlib import Path


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "backup",
        help="copy this home, also while its node runs, and verify the copy",
        description="Copy all that this home (ASSENT_HOME) has, as it is at one moment: store, "
        "keys, operators, settings, baselines, what it witnessed. Then verify the copy's log. "
        "Whoever has the copy has the keys.",
        epilog="exit status: 0 copied and verified, 1 it could not be (nothing is left), 2 usage",
    )
    command.add_argument("target", type=Path, metavar="DEST", help="a folder that is not there yet")
    command.add_argument(
        "--move",
        action="store_true",
        help="close this home with it: its node must not run, and does not start again",
    )
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Copy; what is refused is told in a sentence."""
    from app.cli.backup_progress import IN_THE_WAY, stages
    from app.cli.saying import refuse, why
    from app.home import home
    from app.moving import backup
    from components.clock import SystemClock

    try:
        with stages() as progress:
            made = backup(home(), args.target, SystemClock(), move=args.move, progress=progress)
    except IN_THE_WAY as error:
        return refuse("assent backup", why(error), 1, as_json=args.json)
    if args.json:
        found = {"node": made.node, "entries": made.entries, "root": made.root}
        print(json.dumps({"ok": True, "target": str(args.target), "moved": made.moved, **found}))
    else:
        print(f"{made.node}: {made.entries:,} entries and {len(made.files)} files, verified")
        print(f"root {made.root}\nin   {args.target}")
        if made.moved:
            print(f"this home does not start again; there: assent restore {args.target}")
    return 0
