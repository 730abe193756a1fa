"""`assent replay`: send recorded actions through the whole gate."""

import argparse

from app.cli.saying import number_above_zero, refuse, why


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "replay",
        help="send recorded actions (JSON lines) through the whole gate of this home",
        description="Submit every row of FILE as a new action: screened, asked about, recorded. "
        "Nothing is carried out. While a node runs on this home the rows go to it, so that they "
        "appear in its console (only --decide wait then).",
        epilog="exit status: 0 done (rows that could not be read are counted), 1 the gate failed, "
        "2 could not start",
    )
    command.add_argument("file", metavar="FILE", help="JSON lines; - is standard input")
    command.add_argument(
        "--decide",
        choices=("deny", "approve", "wait"),
        default="wait",
        help="what to answer where a person is asked: deny, approve, or leave it waiting (default)",
    )
    command.add_argument(
        "--rate",
        type=number_above_zero,
        metavar="PER_S",
        help="at most so many rows a second (default: no limit)",
    )
    command.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Replay the file and print what came of it."""
    import json

    from app.replay import CANNOT_REPLAY, Plan, replay

    try:
        result = replay(Plan(args.file, args.decide, args.rate))
    except CANNOT_REPLAY as error:
        return refuse("assent replay", why(error), 2, as_json=args.json)
    print(json.dumps(result) if args.json else in_words(result), flush=True)
    return 0


def in_words(result: "dict[str, float]") -> str:
    """The summary for a person."""
    return (
        f"{result['actions']} actions in {result['seconds']:.2f} s ({result['per_s']:.0f}/s): "
        f"{result['allow']} allowed, {result['deny']} denied, {result['expired']} expired; "
        f"{result['asked']} asked, {result['waiting']} still wait; {result['errors']} errors\n"
        f"gate P50 {result['p50_us']:.0f} µs, P95 {result['p95_us']:.0f} µs, "
        f"P99 {result['p99_us']:.0f} µs; audit log {result['audit_entries']} entries"
    )
