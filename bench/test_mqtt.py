"""The bridge: a round trip beside a raw TCP echo, what it sustains, what its feed costs the gate.

The node runs in a process of its own and so does the broker (a real mosquitto); agents are in this
one. The echo is a process that sends back what it gets, with the sizes of a request and its answer.
"""

import asyncio
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import pytest

from app.bridge.bridge import Bridge
from app.home import NODE_PUB_NAME, socket_path
from app.intake.client import Client, Elsewhere
from app.intake.mqtt import Target
from app.node.node import Node
from app.node.serving import RECORDED
from app.session import tune_interpreter
from app.settings import Settings
from bench.test_gate import FAR, simple_action
from bench.test_monitor_gate import pace
from components.actions import Action, Outcome
from components.canonical import digest
from components.clock import SystemClock
from components.gate import Submission
from tests.broker import Mosquitto, mosquitto
from tests.support import until

TRIPS = 1_000
SUSTAINED_S = 8.0
BROKER_MESSAGES = 80_000
REQUEST_BYTES, ANSWER_BYTES = 450, 1_250
FEED_PER_S, FEED_ACTIONS = 1_000, 8_000
"""Each action is two events, its verdict and its outcome: 2,000 events a second."""

ROUNDS = int(os.environ.get("ASSENT_BENCH_ROUNDS", "5"))

_ECHO = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0)); print(server.getsockname()[1], flush=True)
peer, _ = server.accept(); peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
asked, answer = int(sys.argv[1]), b"x" * int(sys.argv[2])
while True:
    left = asked
    while left:
        got = peer.recv(left)
        if not got: sys.exit()
        left -= len(got)
    peer.sendall(answer)
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture(scope="module")
def pin(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The public key of a node that runs beside."""
    home = Path(os.environ.get("ASSENT_BENCH_DIR", tmp_path_factory.mktemp("home")))
    (home / "assent.toml").write_text("[limits]\nrate_per_s = 1e6\nburst = 1_000_000\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "run", "--headless", "--mqtt", broker.url],
        env=os.environ | {"ASSENT_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    try:
        until(socket_path(home).exists, "the node")
        yield home / NODE_PUB_NAME
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def agent(broker: Mosquitto, pin: Path, number: int = 0) -> Client:
    target = Target(host="127.0.0.1", port=broker.port, client_id=f"agent-{number}")
    return Client(Elsewhere(target, pin), f"agent-{number}")


def question(number: int) -> Action:
    return Action(
        tool="read_file", arguments={"path": f"reports/{number}.txt"}, request="summarise"
    )


def cuts(taken: list[int]) -> tuple[float, float]:
    """P50 and P99 in µs."""
    found = statistics.quantiles(taken, n=100)
    return found[49] / 1e3, found[98] / 1e3


def echo() -> tuple[float, float]:
    """A raw TCP echo of the same sizes, to a process and back."""
    process = subprocess.Popen(
        [sys.executable, "-c", _ECHO, str(REQUEST_BYTES), str(ANSWER_BYTES)], stdout=subprocess.PIPE
    )
    assert process.stdout
    port, taken, request = int(process.stdout.readline()), [], b"x" * REQUEST_BYTES
    with contextlib.closing(socket.create_connection(("127.0.0.1", port))) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(TRIPS):
            started, left = perf_counter_ns(), ANSWER_BYTES
            peer.sendall(request)
            while left:
                left -= len(peer.recv(left))
            taken.append(perf_counter_ns() - started)
    process.wait()
    process.stdout.close()
    return cuts(taken)


async def trips(client: Client, count: int) -> list[int]:
    taken = []
    for number in range(count):
        started = perf_counter_ns()
        assert (await client.ask(question(number), timeout_s=30)).allowed
        taken.append(perf_counter_ns() - started)
    return taken


def test_round_trip(benchmark: Any, broker: Mosquitto, pin: Path) -> None:
    found: list[tuple[float, float, float, float]] = []

    async def measured() -> list[int]:
        async with agent(broker, pin) as client:
            await trips(client, 100)
            return await trips(client, TRIPS)

    def turn() -> None:
        found.append((*cuts(asyncio.run(measured())), *echo()))

    benchmark.pedantic(turn, rounds=ROUNDS, iterations=1)
    p50, p99, echo50, echo99 = (statistics.median(one) for one in zip(*found, strict=True))
    benchmark.extra_info |= {
        "p50_us": round(p50),
        "p99_us": round(p99),
        "echo_p50_us": round(echo50),
        "echo_p99_us": round(echo99),
        "p50_vs_echo": round(statistics.median(one[0] / one[2] for one in found), 1),
        "p99_vs_echo": round(statistics.median(one[1] / one[3] for one in found), 1),
        "goal_vs_echo": 20,
    }
    print(benchmark.extra_info)


def test_broker_alone(benchmark: Any, broker: Mosquitto) -> None:
    """What the broker passes on at QoS 1, from eight publishers to eight subscribers."""
    where = ["-V", "5", "-p", str(broker.port), "-q", "1"]
    lines = b"\n".join([b"x" * ANSWER_BYTES] * (BROKER_MESSAGES // 8)) + b"\n"

    def turn() -> None:
        topics = [f"bench/{number}" for number in range(8)]
        hearing = [
            subprocess.Popen(
                ["mosquitto_sub", *where, "-C", str(BROKER_MESSAGES // 8), "-t", topic],
                stdout=subprocess.DEVNULL,
            )
            for topic in topics
        ]
        time.sleep(0.5)
        started = time.perf_counter()
        telling = [
            subprocess.Popen(["mosquitto_pub", *where, "-l", "-t", topic], stdin=subprocess.PIPE)
            for topic in topics
        ]
        for process in telling:
            threading.Thread(target=process.communicate, args=(lines,)).start()
        for process in hearing:
            process.wait()
        taken.append(time.perf_counter() - started)

    taken: list[float] = []
    benchmark.pedantic(turn, rounds=1, iterations=1)
    benchmark.extra_info["messages_per_s"] = round(BROKER_MESSAGES / taken[0])
    print(benchmark.extra_info)


@pytest.mark.parametrize(
    ("way", "agents"), [("socket", 10), ("mqtt", 1), ("mqtt", 10), ("mqtt", 100)]
)
def test_sustained(benchmark: Any, broker: Mosquitto, pin: Path, way: str, agents: int) -> None:
    """Each agent has eight requests under way; every one of them is answered by a verdict."""
    asked = answered = 0
    taken: list[int] = []

    async def ask(client: Client, until_s: float) -> None:
        nonlocal asked, answered
        while time.perf_counter() < until_s:
            asked += 1
            started = perf_counter_ns()
            leave = await client.ask(question(asked), timeout_s=60)
            taken.append(perf_counter_ns() - started)
            answered += leave.allowed

    async def measured() -> float:
        async with contextlib.AsyncExitStack() as opened:
            clients = [
                await opened.enter_async_context(
                    agent(broker, pin, number)
                    if way == "mqtt"
                    else Client(pin.parent, f"agent-{number}")
                )
                for number in range(agents)
            ]
            started = time.perf_counter()
            await asyncio.gather(
                *(ask(client, started + SUSTAINED_S) for client in clients for _ in range(8))
            )
            return time.perf_counter() - started

    seconds = benchmark.pedantic(lambda: asyncio.run(measured()), rounds=1, iterations=1)
    p50, p99 = cuts(taken)
    benchmark.extra_info |= {
        "way": way,
        "agents": agents,
        "per_s": round(answered / seconds),
        "p50_ms": round(p50 / 1e3, 1),
        "p99_ms": round(p99 / 1e3, 1),
        "lost": asked - answered,
    }
    print(benchmark.extra_info)


def gate_p99(folder: Path, broker: Mosquitto | None) -> float:
    """The P99 in µs of the gate at a steady rate; with a bridge that tells all, or without."""
    node = Node(folder, Settings(), SystemClock(), RECORDED)
    node.start()
    bridge = subscriber = None
    if broker:
        name = node.identity.node
        bridge = Bridge(node, Target(host="127.0.0.1", port=broker.port, client_id=name))
        bridge.start()
        until(lambda: bridge.connected, "the bridge")
        subscriber = subprocess.Popen(
            ["mosquitto_sub", "-V", "5", "-p", str(broker.port), "-t", "assent/1/#"],
            stdout=subprocess.DEVNULL,
        )
    try:
        return paced(node)
    finally:
        if bridge and subscriber:
            bridge.stop()
            subscriber.kill()
            subscriber.wait()
        node.stop()


def paced(node: Node) -> float:
    taken: list[int] = []
    name, gate = node.identity.node, node.engine.gate
    actions = [simple_action(number) for number in range(FEED_ACTIONS)]

    async def judge(number: int) -> None:
        action = actions[number]
        started = perf_counter_ns()
        key = digest(name, action.agent, action.tool, action.arguments)
        await gate.submit(Submission(action=action, digest=key, expires_at=FAR))
        taken.append(perf_counter_ns() - started)
        await gate.outcome(Outcome(request_id=action.id, agent=action.agent, status="ok"))

    node.call(pace(range(FEED_ACTIONS), judge, FEED_PER_S)).result()
    return cuts(taken)[1]


def test_feed(benchmark: Any, broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> None:
    base = Path(os.environ.get("ASSENT_BENCH_DIR", tmp_path_factory.mktemp("feed")))
    tune_interpreter()
    found: list[tuple[float, float]] = []

    def turn() -> None:
        sides = (None, broker) if len(found) % 2 else (broker, None)
        p99 = {side is None: gate_p99(base / f"{len(found)}-{n}", side) for n, side in
               enumerate(sides)}  # fmt: skip
        found.append((p99[True], p99[False]))

    gate_p99(base / "warm", broker)
    benchmark.pedantic(turn, rounds=ROUNDS, iterations=1)
    benchmark.extra_info |= {
        "p99_without_us": round(statistics.median(one[0] for one in found)),
        "p99_with_us": round(statistics.median(one[1] for one in found)),
        "p99_with_vs_without": round(statistics.median(b / a for a, b in found), 3),
        "goal": 1.1,
    }
    print(benchmark.extra_info)
