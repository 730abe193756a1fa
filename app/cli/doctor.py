"""`assent doctor`: is everything in place, and what to do where it is not."""

import argparse


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "doctor",
        help="check this machine and this home, and say what to mend",
        description="Check Python, SQLite, the home folder, keys, settings, rules, baselines, the "
        "store, its history, what this platform can tell, and the terminal. Nothing is changed.",
        epilog="exit status: 0 all well (warnings included), 1 something must be mended",
    )
    command.add_argument("--json", action="store_true", help="print the checks as JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the checks; the status is 1 when one failed."""
    import json

    import msgspec

    from app.doctor import examine

    checks = examine()
    if args.json:
        print(json.dumps([msgspec.structs.asdict(check) for check in checks]))
    else:
        for check in checks:
            print(f"{_SIGNS[check.result]:<5} {check.name:<10} {check.text}")
    return 1 if any(check.result == "bad" for check in checks) else 0


_SIGNS = {"ok": "ok", "note": "note", "bad": "BAD"}
