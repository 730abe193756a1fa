"""`assent restore`: a copy of a home put back, with an epoch above the old one's."""

import argparse
import json
from pathlib import Path


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "restore",
        help="put a copy that `backup` made into an empty home, and verify it",
        description="Put a copy that `assent backup` made into an empty home, verify its log, and "
        "raise its epoch, so that the home it was copied from is refused if it starts again. "
        "Decisions that waited wait on, to the same deadlines. With --undo, let a home that was "
        "moved start again: only if its copy never ran.",
        epilog="exit status: 0 restored, 1 it could not be (the home then does not start), 2 usage",
    )
    command.add_argument("source", type=Path, nargs="?", metavar="SRC", help="the copy's folder")
    command.add_argument(
        "--home", type=Path, metavar="DIR", help="the home to be (default: ASSENT_HOME)"
    )
    command.add_argument("--undo", action="store_true", help="take `assent backup --move` back")
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.set_defaults(run=run, refuse_usage=command.error)


def run(args: argparse.Namespace) -> int:
    """Restore, or take a move back; what is refused is told in a sentence."""
    from app.cli.backup_progress import IN_THE_WAY
    from app.cli.saying import refuse, why
    from app.home import home

    if (args.source is None) is not args.undo:
        args.refuse_usage("either SRC or --undo")
    folder = (args.home or home()).absolute()
    try:
        return _undo(args, folder) if args.undo else _restore(args, folder)
    except IN_THE_WAY as error:
        return refuse("assent restore", why(error), 1, as_json=args.json)


def _restore(args: argparse.Namespace, folder: Path) -> int:
    from app.cli.backup_progress import stages
    from app.moving import restore
    from components.clock import SystemClock

    with stages() as progress:
        made, epoch = restore(args.source, folder, SystemClock(), progress=progress)
    if args.json:
        found = {"node": made.node, "entries": made.entries, "root": made.root, "epoch": epoch}
        print(json.dumps({"ok": True, "home": str(folder), "moved": made.moved, **found}))
        return 0
    print(f"{made.node}: {made.entries:,} entries hold, epoch {epoch}\nin {folder}")
    if not made.moved:
        print(f"what {made.home} recorded after the copy is not in it: do not run that one again")
    return 0


def _undo(args: argparse.Namespace, folder: Path) -> int:
    from app.moving import undo
    from components.text import safe_text

    left = undo(folder)
    if args.json:
        print(json.dumps({"ok": True, "home": str(folder), "was_moved": left}))
    else:
        print(f"{folder} starts again; it was moved {safe_text(left)}. Do not run the copy.")
    return 0
