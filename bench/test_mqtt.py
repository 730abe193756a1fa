"""The bridge: a round trip beside a raw TCP echo, what it sustains, what its feed costs the gate.

The node runs in a process of its own and so does the broker (a real mosquitto); agents are in this
one. The echo is a process that sends back what it gets, with the sizes of a request and its answer.
"""

import asyncio
import contextlib
import os
import shutil
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

import pytest

from app.bridge.bridge import Bridge
from app.home import NODE_PUB_NAME, socket_path
from app.intake.client import Client, Elsewhere
from app.intake.mqtt import Target
from app.node.node import Node
from bench.figures import Limits
from bench.gate_node import allowed, gate_node, simple_action
from bench.measuring import Beside
from bench.places import scratch
from bench.test_monitor_gate import pace
from components.actions import Action, Outcome
from tests.broker import Mosquitto, mosquitto
from tests.support import until

TRIPS = 1_000
SUSTAINED_S = 8.0
BROKER_MESSAGES = 80_000
REQUEST_BYTES, ANSWER_BYTES = 450, 1_250
FEED_PER_S, FEED_ACTIONS = 1_000, 8_000
"""Each action is two events, its verdict and its outcome: 2,000 events a second."""

ROUNDS = 5

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
def pin(broker: Mosquitto) -> Iterator[Path]:
    """The public key of a node that runs beside."""
    with scratch("mqtt") as home:
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


@pytest.fixture(scope="module")
def clients() -> None:
    """mosquitto's own clients."""
    for program in ("mosquitto_sub", "mosquitto_pub"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed (package mosquitto-clients)")


def agent(broker: Mosquitto, pin: Path, number: int = 0) -> Client:
    target = Target(host="127.0.0.1", port=broker.port, client_id=f"agent-{number}")
    return Client(Elsewhere(target, pin), f"agent-{number}")


def question(number: int) -> Action:
    return Action(
        tool="read_file", arguments={"path": f"reports/{number}.txt"}, request="summarise"
    )


def echo(count: int) -> list[float]:
    """A raw TCP echo of the same sizes, to a process and back; µs."""
    process = subprocess.Popen(
        [sys.executable, "-c", _ECHO, str(REQUEST_BYTES), str(ANSWER_BYTES)], stdout=subprocess.PIPE
    )
    assert process.stdout
    port, taken, request = int(process.stdout.readline()), [], b"x" * REQUEST_BYTES
    with contextlib.closing(socket.create_connection(("127.0.0.1", port))) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            started, left = perf_counter_ns(), ANSWER_BYTES
            peer.sendall(request)
            while left:
                left -= len(peer.recv(left))
            taken.append((perf_counter_ns() - started) / 1e3)
    process.wait()
    process.stdout.close()
    return taken


async def trips(client: Client, count: int) -> list[float]:
    taken = []
    for number in range(count):
        started = perf_counter_ns()
        assert (await client.ask(question(number), timeout_s=30)).allowed
        taken.append((perf_counter_ns() - started) / 1e3)
    return taken


@pytest.mark.figure("goal.mqtt_round_trip_vs_tcp_echo")
def test_round_trip(beside: Beside, broker: Mosquitto, pin: Path) -> None:
    """One request after the other; the medians of each round are held against each other."""
    count = TRIPS // 5 if beside.quick else TRIPS
    every: list[float] = []

    async def measured(client: Client) -> list[float]:
        async with client:
            await trips(client, 100)
            return await trips(client, count)

    def ours() -> float:
        taken = asyncio.run(measured(agent(broker, pin)))
        every.extend(taken)
        return statistics.median(taken)

    beside.turns(
        ours, lambda: statistics.median(echo(count)), "a raw TCP echo of the same sizes",
        rounds=ROUNDS, unit="µs", note="Ours passes a broker twice and is durable before it leaves",
    )  # fmt: skip
    beside.extra("P99 (µs)", statistics.quantiles(every, n=100)[98])
    here = asyncio.run(measured(Client(pin.parent, "agent-0")))
    beside.extra(
        "to the same verdict by the socket, without a broker (µs)", statistics.median(here)
    )


@pytest.mark.usefixtures("clients")
@pytest.mark.figure("other.mqtt.broker_alone_per_s")
def test_broker_alone(beside: Beside, broker: Mosquitto) -> None:
    """What the broker passes on at QoS 1, from eight publishers to eight subscribers."""
    where = ["-V", "5", "-p", str(broker.port), "-q", "1"]
    lines = b"\n".join([b"x" * ANSWER_BYTES] * (BROKER_MESSAGES // 8)) + b"\n"

    def turn() -> float:
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
        return BROKER_MESSAGES / (time.perf_counter() - started)

    rate = beside.benchmark.pedantic(turn, rounds=1)
    beside.number(rate, bound=Limits(unit="/s", at_least=True))


WAYS = [("socket", 10), ("mqtt", 1), ("mqtt", 10), ("mqtt", 100)]


@pytest.mark.parametrize(
    ("way", "agents"),
    [
        pytest.param(*one, marks=pytest.mark.figure(f"other.mqtt.sustained_{one[0]}_{one[1]}"))
        for one in WAYS
    ],
)
def test_sustained(beside: Beside, broker: Mosquitto, pin: Path, way: str, agents: int) -> None:
    """Each agent has eight requests under way; every one of them is answered by a verdict."""
    lasting = SUSTAINED_S / 4 if beside.quick else SUSTAINED_S
    asked = answered = 0
    taken: list[float] = []

    async def ask(client: Client, until_s: float) -> None:
        nonlocal asked, answered
        while time.perf_counter() < until_s:
            asked += 1
            started = perf_counter_ns()
            leave = await client.ask(question(asked), timeout_s=60)
            taken.append((perf_counter_ns() - started) / 1e6)
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
                *(ask(client, started + lasting) for client in clients for _ in range(8))
            )
            return time.perf_counter() - started

    seconds = beside.benchmark.pedantic(lambda: asyncio.run(measured()), rounds=1)
    beside.number(answered / seconds, bound=Limits(unit="/s", at_least=True))
    cuts = statistics.quantiles(taken, n=100)
    beside.extra("P50 (ms)", cuts[49])
    beside.extra("P99 (ms)", cuts[98])
    beside.extra("lost", asked - answered)


@contextlib.contextmanager
def told(node: Node, broker: Mosquitto) -> Iterator[None]:
    """With a bridge that tells all to one who hears it."""
    target = Target(host="127.0.0.1", port=broker.port, client_id=node.identity.node)
    bridge = Bridge(node, target)
    bridge.start()
    until(lambda: bridge.connected, "the bridge")
    hearing = subprocess.Popen(
        ["mosquitto_sub", "-V", "5", "-p", str(broker.port), "-t", "assent/1/#"],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        bridge.stop()
        hearing.kill()
        hearing.wait()


def gate_p99(folder: Path, broker: Mosquitto | None, count: int) -> float:
    """The P99 in µs of the gate at a steady rate; with a bridge that tells all, or without."""
    taken: list[float] = []
    actions = [simple_action(number) for number in range(count)]
    with gate_node(folder) as node:

        async def judge(number: int) -> None:
            action = actions[number]
            started = perf_counter_ns()
            await allowed(node, action)
            taken.append((perf_counter_ns() - started) / 1e3)
            outcome = Outcome(request_id=action.id, agent=action.agent, status="ok")
            await node.engine.gate.outcome(outcome)

        with told(node, broker) if broker else contextlib.nullcontext():
            node.call(pace(range(count), judge, FEED_PER_S)).result()
    return statistics.quantiles(taken, n=100)[98]


@pytest.mark.usefixtures("clients")
@pytest.mark.figure("other.mqtt.feed_slows_gate")
def test_feed(beside: Beside, broker: Mosquitto) -> None:
    count = FEED_ACTIONS // 8 if beside.quick else FEED_ACTIONS
    with scratch("feed") as folder:
        gate_p99(folder, broker, count)
        beside.turns(
            lambda: gate_p99(folder, broker, count), lambda: gate_p99(folder, None, count),
            "the gate without a bridge", rounds=ROUNDS, unit="µs", bound=Limits(unit="×", goal=1.1),
            note="P99 with a feed of 2,000 events a second",
        )  # fmt: skip
