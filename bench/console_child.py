"""A node under a steady load, with its console on this terminal or without one.

`console_child.py HOME RATE SECONDS EVERY console|headless OUT`: one action in EVERY asks a person.
Writes to OUT what the gate took (`Load`).
"""

import asyncio
import secrets
import sys
import threading
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from app.console.app import Console
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.node.serving import RECORDED
from app.session import tune_interpreter
from app.settings import Settings
from components.actions import Action
from components.canonical import digest
from components.clock import SystemClock
from components.gate import Refusal, Submission

FAR = 4_000_000_000_000_000
WARM_S = 3.0
LATE_S = 2.0
"""What is not answered so long after the last was due is counted with the time it had by then."""

TOKEN = "token{:06d}x"
"""Stands in the request of an action that asks, and so on the screen only where that is open."""


class Load(Struct, frozen=True):
    """Microseconds of actions that asked nobody: in the gate, and from when they were due.

    What was refused, or not answered by the end, counts with the time from its due to the end.
    `achieved` is how many were answered a second, `refused` how many were turned away.
    """

    gate_us: list[float]
    due_us: list[float]
    achieved: float
    refused: int


def submission(node: Node, number: int, every: int) -> Submission:
    """An ordinary action, or one that asks a person."""
    tool, arguments, request = "read_file", {"path": "a.txt"}, "Read it."
    if number % every == 0:
        tool, arguments = "query", {"sql": f"DROP TABLE t{number}"}
        request = TOKEN.format(number)
    action = Action(
        id=secrets.token_hex(8),
        agent=f"agent-{number % 10}",
        tool=tool,
        arguments=arguments,
        request=request,
    )
    return Submission(
        action=action,
        digest=digest(node.identity.node, action.agent, tool, arguments),
        expires_at=FAR,
    )


async def drive(node: Node, rate: float, seconds: float, every: int) -> Load:
    """Submit at `rate` a second whatever the latency is."""
    gate: list[float] = []
    waits: list[float] = []
    asked: set[asyncio.Task[None]] = set()
    refused: list[float] = []
    open_: dict[asyncio.Task[None], float] = {}
    begun = time.perf_counter()

    async def one(number: int, due: float) -> None:
        sub = submission(node, number, every)
        started = time.perf_counter()
        try:
            await node.engine.gate.submit(sub)
        except Refusal:
            refused.append(due)
            return
        ended = time.perf_counter()
        if due > WARM_S:
            gate.append((ended - started) * 1e6)
            waits.append((ended - begun - due) * 1e6)

    for number in range(round(rate * seconds)):
        due = number / rate
        if (ahead := begun + due - time.perf_counter()) > 0:  # all that is due starts at once
            await asyncio.sleep(ahead)
        task = asyncio.create_task(one(number, due))
        if number % every == 0:
            asked.add(task)
        else:
            open_[task] = due
            task.add_done_callback(open_.pop)
    if open_:
        await asyncio.wait(list(open_), timeout=LATE_S)
    spent = time.perf_counter() - begun
    achieved = len(waits) / (spent - WARM_S)
    waits += [(spent - due) * 1e6 for due in (*refused, *open_.values()) if due > WARM_S]
    for task in (*asked, *open_):
        task.cancel()
    return Load(gate, waits, achieved, len(refused))


def main(home: str, rate: str, seconds: str, every: str, mode: str, out: str) -> None:
    """Run one measurement."""
    node = Node(Path(home), Settings(), SystemClock(), RECORDED)
    node.start()
    tune_interpreter()
    driving = node.call(drive(node, float(rate), float(seconds), int(every)))
    if mode == "console":
        console = Console(LocalDesk(node), node.clock)
        threading.Thread(
            target=lambda: (driving.result(), console.call_from_thread(console.exit, 0)),
            daemon=True,
        ).start()
        console.run()
    Path(out).write_bytes(msgspec.json.encode(driving.result()))
    node.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
