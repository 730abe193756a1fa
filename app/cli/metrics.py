"""`assent metrics`: the figures of a node that runs, for Prometheus or for a script."""

import argparse

_EPILOG = """\
The text is what `assent run --metrics` serves: counters, histograms of seconds and gauges of the
node since its start, in the format of OpenMetrics. It ends with `# EOF`.

JSON: {"ok": true, "families": [{"name", "type", "help", "samples": [{"name", "labels": {},
"value"}]}]}. A value that is no finite number is null.

exit status: 0 told, 2 usage, 5 no node answers
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    command = subparsers.add_parser(
        "metrics",
        help="print the figures of the node that runs",
        description="Ask the node of this home (ASSENT_HOME) for its figures, through its socket, "
        "and print them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--json", action="store_true", help="print the figures as JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask, print, and return the exit status."""
    import json

    from app.cli.asking import NO_NODE, no_node_hint
    from app.cli.saying import refuse
    from app.home import home
    from app.intake.client import NoNode, call

    try:
        text = call(home(), "cli", lambda client: client.metrics())
    except NoNode as error:
        return refuse("assent metrics", no_node_hint(error), NO_NODE, as_json=args.json)
    if args.json:
        print(json.dumps({"ok": True, "families": _families(text)}))
    else:
        print(text, end="")
    return 0


def _families(text: str) -> list[dict[str, object]]:
    from math import isfinite

    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    return [
        {
            "name": family.name,
            "type": family.type,
            "help": family.documentation,
            "samples": [
                {
                    "name": sample.name,
                    "labels": sample.labels,
                    "value": sample.value if isfinite(sample.value) else None,
                }
                for sample in family.samples
            ],
        }
        for family in families
    ]
