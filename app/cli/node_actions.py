"""What the commands of `assent node` do; imported only when one of them runs."""

import argparse
import json
import socket
import sys
import time
from pathlib import Path

from app.home import NODE_PUB_NAME, home, socket_path
from app.intake import wire
from app.intake.client import new_request_id
from app.intake.link import ANSWER_S, NoNode
from app.node.identity import OPERATORS_FOLDER
from app.settings import load, operator_name
from components.clock import SystemClock
from components.gate.commands import Order, sign_command
from components.keys import KeyProblem, load_or_create_key, parse_verifier_key

LOOK_S = 0.25
"""Between two looks at what still waits."""


class Refused(Exception):  # noqa: N818 - it says what became of the command
    """The node does not do it; the text says why."""


def _status(args: argparse.Namespace) -> int:
    return _tell(args, status(home()))


def _drain(args: argparse.Namespace) -> int:
    folder = home()
    said = command(folder, "drain")
    if args.wait:
        _wait(folder)
        said = "drained: nothing waits"
    return _tell(args, status(folder), said)


def _resume(args: argparse.Namespace) -> int:
    folder = home()
    said = command(folder, "resume")
    return _tell(args, status(folder), said)


ACTIONS = {"status": _status, "drain": _drain, "resume": _resume}


def status(folder: Path) -> wire.StatusReply:
    """How the node of a home stands. Raises `NoNode` where none answers, or another than its."""
    reply = exchange(folder, wire.StatusQuery())
    if not isinstance(reply, wire.StatusReply):
        raise NoNode("the node does not say how it stands")
    if reply.key != (folder / NODE_PUB_NAME).read_text("utf-8").strip():
        raise NoNode(f"the node that answers is not the one whose key is in {folder}")
    return reply


def command(folder: Path, order: Order, **arguments: str) -> str:
    """Command the node of a home with its own operator's key. Raises `Refused` or `NoNode`."""
    name = operator_name(load(folder))
    path = folder / OPERATORS_FOLDER / f"{name}.key"
    if not path.exists():
        raise KeyProblem(f"{name} has no plain key in this home ({path})")
    key = load_or_create_key(path, may_create=False)
    node = parse_verifier_key((folder / NODE_PUB_NAME).read_text("utf-8")).name
    now = SystemClock().now()
    envelope = json.loads(sign_command(node, order, name, key, now, **arguments))
    reply = exchange(folder, wire.Operate(request_id=new_request_id(now), envelope=envelope))
    if isinstance(reply, wire.Operated):
        return reply.text
    raise Refused(reply.reason if isinstance(reply, wire.ErrorReply) else "it did not answer that")


def _wait(folder: Path) -> None:
    """Until nothing waits, with the count on standard error where that is a terminal."""
    told = None
    while True:
        now = status(folder)
        if now.state == "open":
            raise Refused("it takes submissions again: it was resumed, or started anew")
        if not now.waiting:
            break
        if now.waiting != told and sys.stderr.isatty():
            print(f"\r{now.waiting:,} wait \033[K", end="", file=sys.stderr, flush=True)
        told = now.waiting
        time.sleep(LOOK_S)
    if told is not None and sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def exchange(folder: Path, message: wire.Message) -> wire.AnyReply:
    """Say one thing to the node of a home, and hear its answer."""
    path = socket_path(folder)
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(ANSWER_S)
            link.connect(str(path))
            link.sendall(wire.encode(message))
            with link.makefile("rb") as lines:
                line = lines.readline(wire.MAX_REPLY + 1)
        return wire.decode_reply(line.removesuffix(b"\n"))
    except (OSError, wire.BadMessage) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise NoNode(f"no node answers at {path}: {why}") from None


def _tell(args: argparse.Namespace, now: wire.StatusReply, said: str = "") -> int:
    if args.json:
        head = {"entries": now.entries, "root": now.root}
        found = {"node": now.node, "epoch": now.epoch, "state": now.state, "waiting": now.waiting}
        print(json.dumps({"ok": True, **found, "head": head}))
        return 0
    print(said or f"{now.node} is {now.state}, epoch {now.epoch}")
    print(f"{now.waiting:,} wait; the log has {now.entries:,} entries, root {now.root[:16]}")
    return 0
