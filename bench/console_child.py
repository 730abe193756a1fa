"""A node under a steady load, with its console on this terminal or without one.

`console_child.py HOME RATE SECONDS console|headless OUT`: writes the gate's latencies to OUT.
"""

import asyncio
import json
import secrets
import sys
import threading
import time
from pathlib import Path

from app.console.app import Console
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.node.serving import RECORDED
from app.session import tune_interpreter
from app.settings import Settings
from components.actions import Action
from components.canonical import digest
from components.clock import SystemClock
from components.gate import Submission

FAR = 4_000_000_000_000_000
WARM_S = 3.0


def submission(node: Node, number: int) -> Submission:
    """An ordinary action; one in a hundred asks a person, so that the lists have work."""
    asks = number % 100 == 0
    tool, arguments = (
        ("query", {"sql": f"DROP TABLE t{number}"}) if asks else ("read_file", {"path": "a.txt"})
    )
    action = Action(
        id=secrets.token_hex(8), agent=f"agent-{number % 10}", tool=tool, arguments=arguments
    )
    return Submission(
        action=action,
        digest=digest(node.identity.node, action.agent, tool, arguments),
        expires_at=FAR,
    )


async def drive(node: Node, rate: float, seconds: float) -> list[float]:
    """Submit at `rate` a second whatever the latency is; microseconds of each that asked nobody."""
    latencies: list[float] = []
    tasks: set[asyncio.Task[None]] = set()

    async def one(number: int) -> None:
        sub = submission(node, number)
        started = time.perf_counter_ns()
        await node.engine.gate.submit(sub)
        if number / rate > WARM_S:
            latencies.append((time.perf_counter_ns() - started) / 1000)

    begun = time.perf_counter()
    for number in range(round(rate * seconds)):
        delay = begun + number / rate - time.perf_counter()
        await asyncio.sleep(max(0.0, delay))
        tasks.add(asyncio.create_task(one(number)))
    await asyncio.wait(tasks, timeout=1.0)
    for task in tasks:
        task.cancel()
    return latencies


def main(home: str, rate: str, seconds: str, mode: str, out: str) -> None:
    """Run one measurement."""
    node = Node(Path(home), Settings(), SystemClock(), RECORDED)
    node.start()
    tune_interpreter()
    driving = node.call(drive(node, float(rate), float(seconds)))
    if mode == "console":
        console = Console(LocalDesk(node), node.clock)
        threading.Thread(
            target=lambda: (driving.result(), console.call_from_thread(console.exit, 0)),
            daemon=True,
        ).start()
        console.run()
    Path(out).write_text(json.dumps(driving.result()))
    node.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
