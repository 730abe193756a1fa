"""`assent attach`: the console, at nodes elsewhere."""

import argparse
from pathlib import Path

_EPILOG = """\
exit status: 0 left, 1 refused (the reason is told) or the console broke, 2 usage.

Make a key with `assent operator new NAME`, have its line trusted at each node with
`assent operator trust`, and get each node's node.pub: answers are only sent to, and
what is shown only believed of, nodes that prove to have that key.
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    attach = subparsers.add_parser(
        "attach",
        help="open the console at nodes elsewhere, through a broker",
        description="Open the console at one or more nodes elsewhere, through an MQTT broker. "
        "N goes from one node to the next.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    attach.add_argument("url", metavar="URL", help="the broker: mqtts://host:8883")
    attach.add_argument(
        "--node",
        dest="nodes",
        type=Path,
        action="append",
        required=True,
        metavar="NODE.pub",
        help="the public key of a node, as its home has it; can be given more than once",
    )
    attach.add_argument(
        "--as", dest="operator", required=True, metavar="NAME", help="who answers: your name"
    )
    attach.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help="your key, as `operator new` made it",
    )
    attach.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="take its first line instead of asking"
    )
    attach.add_argument("--observe", action="store_true", help="look only; answer nothing")
    attach.add_argument(
        "--ca", type=Path, metavar="FILE", help="the certificate that vouches for the broker's"
    )
    attach.add_argument("--json", action="store_true", help="print what is refused as JSON")
    attach.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the console to its end; what is refused is told in a sentence."""
    from app.cli.attach_actions import attach
    from app.cli.saying import refuse, why
    from app.settings import BadSettings
    from components.keys import KeyProblem

    try:
        return attach(args)
    except (KeyProblem, BadSettings, OSError) as error:
        return refuse("assent attach", why(error), 1, as_json=args.json)
