"""A broker by itself, and a node that is reached over it: what either passes on a second."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.home import NODE_PUB_NAME
from app.intake.client import Client, Elsewhere
from app.intake.mqtt import Target
from bench.figures import Limits, single
from bench.places import scratch
from bench.scale.rows import Book
from bench.stress.memory import await_start
from bench.stress.running import Work
from components.actions import Action

if TYPE_CHECKING:
    from tests.broker import Mosquitto

PROGRAMS = ("mosquitto_pub", "mosquitto_sub")
ALONE, OVER = "scale.broker.alone", "scale.broker.node"
PAIRS, BYTES = 8, 1_250
AGENTS, UNDER_WAY = 10, 8
_SETTINGS = "[limits]\nrate_per_s = 1e6\nburst = 1_000_000\n"
_PER_S = Limits(kind="scale", unit="/s", at_least=True)


def names() -> tuple[str, ...]:
    """The figures that are to be found."""
    return ALONE, OVER


def measure(seconds: float, book: Book, work: Work) -> None:
    """Both, on the same machine: broker, node and agents share its processors."""
    if not shutil.which("mosquitto"):
        for name in names():
            work.skip(name, "mosquitto is not installed")
        return
    with scratch("scale") as folder, _broker(folder) as broker:
        alone = None
        if away := [name for name in PROGRAMS if not shutil.which(name)]:
            work.skip(ALONE, f"{away[0]} is not installed (package mosquitto-clients)")
        else:
            alone = _alone(broker, max(round(10_000 * seconds), 400))
            book["broker.alone"] = [(0.0, alone)]
            work.add(
                single(ALONE, alone, _PER_S,
                       note=f"Messages of {BYTES:,} bytes at QoS 1, from {PAIRS} publishers to as "
                       "many subscribers")
            )  # fmt: skip
        work.tell(0.5, "a node over the broker")
        home = folder / "home"
        home.mkdir(mode=0o700)
        with _node(home, broker):
            over = asyncio.run(_requests(broker, home / NODE_PUB_NAME, seconds))
        work.add(
            single(OVER, over, _PER_S, reference="the broker alone" if alone else "",
                   reference_value=alone,
                   note=f"Verdicts to {AGENTS} agents, {UNDER_WAY} requests under way from each")
        )  # fmt: skip
        book["broker.node"] = [(0.0, over)]


@contextmanager
def _broker(folder: Path) -> "Iterator[Mosquitto]":
    from tests.broker import mosquitto  # it needs more than a run without a broker

    place = folder / "broker"
    place.mkdir(mode=0o700)
    with mosquitto(place) as running:
        yield running


@contextmanager
def _node(home: Path, broker: "Mosquitto") -> Iterator[None]:
    (home / "assent.toml").write_text(_SETTINGS, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "run", "--headless", "--mqtt", broker.url],
        env=os.environ | {"ASSENT_HOME": str(home)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await_start(process, home)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _alone(broker: "Mosquitto", messages: int) -> float:
    where = ["-V", "5", "-p", str(broker.port), "-q", "1"]
    each = messages // PAIRS
    lines = b"\n".join([b"x" * BYTES] * each) + b"\n"
    topics = [f"bench/{at}" for at in range(PAIRS)]
    hearing = [
        subprocess.Popen(["mosquitto_sub", *where, "-C", str(each), "-t", topic],
                         stdout=subprocess.DEVNULL)
        for topic in topics
    ]  # fmt: skip
    try:
        time.sleep(0.5)  # until they have subscribed
        started = time.perf_counter()
        for topic in topics:
            telling = subprocess.Popen(
                ["mosquitto_pub", *where, "-l", "-t", topic], stdin=subprocess.PIPE
            )
            threading.Thread(target=telling.communicate, args=(lines,), daemon=True).start()
        for process in hearing:
            process.wait()
        return each * PAIRS / (time.perf_counter() - started)
    finally:
        for process in hearing:
            process.kill()
            process.wait()


async def _requests(broker: "Mosquitto", pin: Path, seconds: float) -> float:
    """Verdicts a second; each agent asks again as soon as it is answered."""
    answered = 0

    async def ask(client: Client, number: int, end: float) -> None:
        nonlocal answered
        while time.perf_counter() < end:
            action = Action(tool="read_file", arguments={"path": f"{number}/{answered}.txt"})
            leave = await client.ask(action, timeout_s=60)
            answered += leave.allowed

    async with contextlib.AsyncExitStack() as opened:
        clients = [
            await opened.enter_async_context(
                Client(Elsewhere(_target(broker, at), pin), f"agent-{at}")
            )
            for at in range(AGENTS)
        ]
        started = time.perf_counter()
        await asyncio.gather(
            *(ask(one, at, started + seconds)
              for at, one in enumerate(clients) for _ in range(UNDER_WAY))
        )  # fmt: skip
        return answered / (time.perf_counter() - started)


def _target(broker: "Mosquitto", agent: int) -> Target:
    return Target(host="127.0.0.1", port=broker.port, client_id=f"agent-{agent}")
