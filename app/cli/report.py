"""`assent report`: how a day, a week, a month or a quarter went."""

import argparse
from pathlib import Path

from app.cli.timespan import moment_argument

_KINDS = {"daily": "24 hours", "weekly": "7 days", "monthly": "30 days", "quarterly": "91 days"}
_EPILOG = """\
It holds a summary; every operation with P50, P95, P99, target and status (met, acceptable,
missed, not run, no target); changes against the period before; alerts; decisions and the people
who made them; agents; resources; the audit log; recommendations. It is read from the store of
this home (ASSENT_HOME), whether or not its node runs.

JSON: {"ok": true, "version": 1, "kind", "node", "since", "until", "made_at", "covered_s",
"baseline", "summary", "facts": [], "operations": [{"operation", "calls", "failed", "timeouts",
"errors", "per_s", "p50_us", "p95_us", "p99_us", "target_us", "acceptable_us", "status", "factor",
"few", "p95_change", "per_s_change", "errors_change", ...}], "alerts": [], "actions": {},
"decisions": {}, "resources": [], "audit": {}, "recommendations": [], "trends": [], "gauges": []}.
Times are microseconds since 1970 UTC, durations microseconds or as the key's ending says, shares
0 to 1. A change has "before", "after", "ratio" and "verdict". New keys may come; the version
grows when one goes or changes its meaning.

exit status: 0 written, 1 the store is not there or cannot be read, or the file not be written,
2 usage
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "report",
        help="write how a day, week, month or quarter went",
        description="Write a report of this home's node over a period: "
        + ", ".join(f"{name} (the last {span})" for name, span in _KINDS.items())
        + ".",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("kind", choices=tuple(_KINDS), help="how much time it covers")
    command.add_argument(
        "--since",
        type=moment_argument,
        metavar="TIME",
        help="from then on: 90s, 15m, 2h, 3d or 1w ago, or a date and time, in UTC unless it has "
        "an offset",
    )
    command.add_argument(
        "--until", type=moment_argument, metavar="TIME", help="before then (default: now)"
    )
    command.add_argument(
        "--format",
        choices=("md", "html", "json"),
        help="Markdown (default), one HTML file with pictures, or JSON",
    )
    command.add_argument("--json", action="store_true", help="the same as --format json")
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write to FILE (default: standard output)"
    )
    command.add_argument(
        "--try",
        action="store_true",
        dest="tried",
        help="carry out trials on this machine first, so that recommendations say what was gained "
        "(a quarter of a minute; makes stores in a folder of its own in this home, and deletes it)",
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report; what is refused is told in a sentence."""
    from app.cli.report_actions import Usage, write
    from app.cli.saying import refuse, why
    from storage import StoreError

    as_json = args.json or args.format == "json"
    try:
        return write(args)
    except Usage as error:
        return refuse("assent report", str(error), 2, as_json=as_json)
    except StoreError as error:
        return refuse("assent report", why(error), 1, as_json=as_json)
