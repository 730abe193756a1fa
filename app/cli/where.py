"""Which node a command talks to: the one of this home, or one elsewhere over its broker."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.intake.client import Elsewhere

_SESSION_S = 300
"""A command that was killed is not awaited longer."""


def add_where(parser: argparse.ArgumentParser) -> None:
    """Declare how to reach a node elsewhere."""
    parser.add_argument(
        "--mqtt",
        nargs="?",
        const="",
        metavar="URL",
        help="ask over this broker, such as mqtts://broker.example:8883; without URL the one in "
        "[mqtt] of assent.toml, which also names certificates and passwords",
    )
    parser.add_argument(
        "--node",
        type=Path,
        metavar="FILE",
        help="with --mqtt: the node's public key (default: node.pub in ASSENT_HOME)",
    )


def where(args: argparse.Namespace) -> "Path | Elsewhere":
    """The node to talk to. Raises `OSError`, or `BadSettings`, with what to mend."""
    from app.home import NODE_PUB_NAME, home

    folder = home()
    if args.mqtt is None:
        return folder
    import secrets

    from msgspec.structs import replace

    from app.bridge.target import target_of
    from app.intake.client import Elsewhere
    from app.settings import load

    settings = load(folder).mqtt
    if args.mqtt:
        settings = replace(settings, url=args.mqtt)
    client_id = f"{args.agent[:40]}-{secrets.token_hex(8)}"
    target = target_of(settings, folder, args.agent, client_id, _SESSION_S)
    return Elsewhere(target, args.node or folder / NODE_PUB_NAME)
