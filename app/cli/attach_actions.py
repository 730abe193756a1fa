"""What `assent attach` does; imported only when it runs."""

import argparse
import secrets
from pathlib import Path

from msgspec.structs import replace

from app.bridge.target import target_of
from app.cli.passphrase import passphrase
from app.cli.terminal import on_terminal
from app.home import home
from app.remote.desk import RemoteDesk
from app.remote.fleet import FleetDesk
from app.remote.heartbeat import heartbeat
from app.remote.link import ConsoleLink
from app.remote.mqtt_link import MqttConsoleLink
from app.settings import BadSettings, load
from components.clock import SystemClock
from components.keys import (
    KeyProblem,
    VerifierKey,
    check_principal,
    parse_verifier_key,
    unlock_key,
)

_SESSION_S = 30
"""A console that is away for longer asks anew for what it missed."""


def connect(url: str, node: str, operator: str, ca: Path | None) -> ConsoleLink:
    """The link to one node for one operator, through the broker at `url`.

    Certificates and passwords are those in `[mqtt]` of this home. Raises `OSError` where it can
    never work; a broker that is only away for now is waited for.
    """
    settings = replace(load(home()).mqtt, url=url)
    if ca is not None:
        settings = replace(settings, ca=str(ca.absolute()))
    client_id = f"console-{operator[:20]}-{secrets.token_hex(8)}"
    target = target_of(settings, home(), operator, client_id, _SESSION_S)
    return MqttConsoleLink(target, node, operator)


def attach(args: argparse.Namespace) -> int:
    """Open the console at the nodes; the result is the exit status."""
    from app.console import BadKeymap, run_console  # heavy, and not wanted to say what is wrong
    from app.session import tune_interpreter

    chosen = load(home()).console
    check_principal(args.operator)
    keys = [_node_key(path) for path in args.nodes]
    if len({key.name for key in keys}) != len(keys):
        raise KeyProblem("two of the nodes have the same name")
    key = unlock_key(args.key, passphrase(args.operator, args.passphrase_file, new=False))
    if not on_terminal():
        raise OSError("the console needs a terminal: standard input, output and error")
    clock = SystemClock()
    desks = [
        RemoteDesk(
            connect(args.url, node_key.name, args.operator, args.ca),
            node_key,
            args.operator,
            key,
            clock,
            observer=args.observe,
        )
        for node_key in keys
    ]
    fleet = FleetDesk(desks, clock)
    tune_interpreter()
    try:
        with heartbeat(fleet.tick):
            return run_console(
                fleet, clock, theme=chosen.theme, keymap=chosen.keys, notify=chosen.notify
            )
    except BadKeymap as error:
        raise BadSettings(f"[console.keys]: {error}") from None
    finally:
        fleet.close()


def _node_key(path: Path) -> VerifierKey:
    try:
        return parse_verifier_key(path.read_text("utf-8"))
    except UnicodeDecodeError:
        raise KeyProblem(f"{path} is not UTF-8") from None
    except KeyProblem as problem:
        raise KeyProblem(f"{path}: {problem}") from None
