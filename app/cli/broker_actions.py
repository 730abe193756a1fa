"""What `assent broker` and `assent init --broker` do; imported only when one of them runs."""

import argparse
import json
import shlex
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from app.broker import folder as brokers
from app.broker.register import Auth, Credential
from app.broker.settings import MqttSettings
from app.home import NODE_PUB_NAME, home
from app.settings import default_node_name, load
from components.clock import SystemClock
from components.keys import parse_verifier_key

DEFAULT_NAME = "broker"
_LOCAL = ("localhost", "127.0.0.1")


class Made(Struct, frozen=True):
    """A broker's folder, whether it is new, and its node's `[mqtt]` settings."""

    folder: Path
    new: bool
    node: str
    mqtt: MqttSettings


def make(chosen: Path | None, hosts: list[str], auth: Auth) -> Made:
    """Make a broker's folder for the node of this home, unless there is one.

    Raises `BrokerProblem`, `KeyProblem`, `BadSettings` or `OSError`.
    """
    folder = _folder(chosen)
    node = _node()
    new = brokers.make(folder, hosts=hosts or _LOCAL, auth=auth, node=node, now=SystemClock().now())
    return Made(folder, new, node, brokers.settings_of(folder, brokers.read(folder), node))


def told(made: Made) -> str:
    """What was made and what comes next, in lines."""
    if not made.new:
        return f"{made.folder} is a broker's folder already; nothing was changed"
    conf = shlex.quote(str(made.folder / "mosquitto.conf"))
    return (
        f"made {made.folder}\n"
        f"next: start the broker:  mosquitto -c {conf}\n"
        f"then in assent.toml of the node {made.node}:\n\n{_lines(made.mqtt)}\n"
        "and for everybody else:  assent broker add NAME --role agent|operator|node|observer"
    )


def as_data(made: Made) -> dict[str, object]:
    """The same for a program."""
    return {
        "folder": str(made.folder),
        "made": made.new,
        "configuration": str(made.folder / "mosquitto.conf"),
        "node": made.node,
        "mqtt": _set(made.mqtt),
    }


def _add(args: argparse.Namespace) -> int:
    folder = _folder(args.dir)
    brokers.add(folder, args.name, args.role, SystemClock().now())
    own = brokers.client_folder(folder, args.name)
    mqtt = brokers.settings_of(folder, brokers.read(folder), args.name)
    if args.json:
        row = {"name": args.name, "role": args.role, "folder": str(own), "mqtt": _set(mqtt)}
        print(json.dumps({"ok": True, **row, "reload": _reload(folder)}))
        return 0
    print(
        f"{args.name} is one {args.role} now; what opens the broker for it: {own}\n"
        f"next: let a broker that runs reload:  {_reload(folder)}\n"
        "then take that folder to its machine, readable by nobody else, and into assent.toml "
        f"there, with the paths it has there:\n\n{_lines(mqtt)}"
    )
    return 0


def _list(args: argparse.Namespace) -> int:
    now = SystemClock().now()
    found = brokers.read(_folder(args.dir)).credentials
    if args.json:
        print(json.dumps([_row(one, now) for one in found]))
        return 0
    for one in found:
        until = f"until {_day(one.not_after)}" if one.not_after and not one.revoked_at else ""
        print(f"{one.name:<20} {one.role:<9} {one.state(now):<8} {until}".rstrip())
    return 0


def _revoke(args: argparse.Namespace) -> int:
    folder = _folder(args.dir)
    brokers.revoke(folder, args.name, SystemClock().now())
    if args.json:
        print(json.dumps({"ok": True, "name": args.name, "reload": _reload(folder)}))
    else:
        print(
            f"{args.name} is revoked\n"
            f"next: it holds for a broker that runs once that reloads:  {_reload(folder)}"
        )
    return 0


def _node() -> str:
    """The node of this home: a log keeps its name, before one is begun the settings say it."""
    published = home() / NODE_PUB_NAME
    if published.exists():
        return parse_verifier_key(published.read_text("utf-8").strip()).name
    return load(home()).node.name or default_node_name()


def _folder(chosen: Path | None) -> Path:
    return chosen.expanduser().absolute() if chosen else home() / DEFAULT_NAME


def _reload(folder: Path) -> str:
    return f'kill -HUP "$(cat {shlex.quote(str(folder / "mosquitto.pid"))})"'


def _set(mqtt: MqttSettings) -> dict[str, str]:
    return {name: value for name, value in msgspec.structs.asdict(mqtt).items() if value}


def _lines(mqtt: MqttSettings) -> str:
    rows = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in _set(mqtt).items()
    ]
    return "\n".join(("[mqtt]", *rows)) + "\n"


def _row(one: Credential, now: int) -> dict[str, object]:
    return {
        "name": one.name,
        "role": one.role,
        "state": one.state(now),
        "not_after": one.not_after or None,
        "revoked_at": one.revoked_at or None,
    }


def _day(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).strftime("%Y-%m-%d")


ACTIONS = {"add": _add, "list": _list, "revoke": _revoke}
