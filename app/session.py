"""One run of a node from start to summary: with a console or without, with demo agents or not."""

import contextlib
import gc
import json
import subprocess
import sys
import time
from collections.abc import Iterator

from msgspec.structs import replace

from app.cli.saying import refuse, why
from app.headless import EventPrinter, run_headless
from app.home import home, prepare
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.settings import BadSettings, PerformanceSettings, Settings, load
from app.summary import Tally, in_words
from components.audit_system import AuditProblem
from components.clock import SystemClock
from components.gate import Event
from components.hitl import BadPolicy
from components.intent_firewall import BadPack
from components.keys import KeyProblem
from storage import StoreError

CANNOT_START = (StoreError, KeyProblem, BadPack, BadPolicy, BadSettings, AuditProblem, OSError)
_DENY_S = 30.0


def tune_interpreter(chosen: PerformanceSettings = PerformanceSettings()) -> None:  # noqa: B008
    """Settle Python for two busy threads: short turns, and no search through what never dies.

    Painting then cannot hold up the gate, and fewer collections stop both threads.
    """
    sys.setswitchinterval(chosen.switch_interval_ms / 1000)
    gc.collect()
    gc.freeze()
    gc.set_threshold(chosen.gc_threshold, 20, 50)


def run_node(
    *,
    console: bool,
    demo: bool,
    seconds: float | None,
    as_json: bool,
    metrics: str | None = None,
    mqtt: str | None = None,
) -> int:
    """Run the node of this home; the result is the exit status.

    `metrics` is the address at which its figures are served for Prometheus; `mqtt` the broker's, in
    place of the one in the settings.
    """
    tally, printer = Tally(), EventPrinter()

    def hear(event: Event) -> None:
        tally.hear(event)
        if not console:
            printer.hear(event)

    started = time.monotonic()
    try:
        folder = prepare(home())
        settings = _with_broker(load(folder), mqtt)
        if console:
            _check_keys(settings)
        node = Node(folder, settings, SystemClock(), listener=hear)
        node.start()
        tune_interpreter(settings.performance)
    except CANNOT_START as error:
        return refuse("assent run", why(error), 2, as_json=as_json)
    status = 0
    try:
        with (
            served(node, metrics),
            bridged(node),
            demo_agents(node) if demo else contextlib.nullcontext(),
        ):
            if console:
                status = _run_console(node, seconds)
            else:
                run_headless(node, printer, seconds, quiet=as_json)
        if not node.alive:
            print("assent: the gate failed; agents take that for a denial", file=sys.stderr)
            return 1
        summary = tally.summary(node.fresh_snapshot(), time.monotonic() - started)
    except NotServed as error:
        return refuse("assent run", str(error), 2, as_json=as_json)
    finally:
        node.stop()
    if status == 0 and (seconds is not None or not console or as_json):
        print(json.dumps(summary) if as_json else in_words(summary), flush=True)
    return status


def _check_keys(settings: Settings) -> None:
    """Refuse keys that cannot be bound before anything is started."""
    from app.console import BadKeymap, remapped

    try:
        remapped(settings.console.keys)
    except BadKeymap as error:
        raise BadSettings(f"[console.keys]: {error}") from None


def _run_console(node: Node, seconds: float | None) -> int:
    """The console; where it broke nobody can answer, so what waits is denied."""
    from app.console import GONE, run_console

    chosen = node.settings.console
    status = run_console(
        LocalDesk(node),
        node.clock,
        theme=chosen.theme,
        keymap=chosen.keys,
        seconds=seconds,
        notify=chosen.notify,
        frame=node.engine.monitor.meter("console.frame").record,
    )
    if status not in {0, GONE} and node.alive:
        denying = node.call(node.engine.operators.deny_all("the console failed"))
        try:
            denying.result(timeout=_DENY_S)
        except TimeoutError:
            print("assent: not all is denied yet; the rest expires in its time", file=sys.stderr)
    return status


def _with_broker(settings: Settings, url: str | None) -> Settings:
    if url is None:
        return settings
    return replace(settings, mqtt=replace(settings.mqtt, url="" if url == "none" else url))


class NotServed(Exception):  # noqa: N818 - what happened
    """What was asked for beside the gate cannot be had; the text says why."""


@contextlib.contextmanager
def bridged(node: Node) -> Iterator[None]:
    """The bridge to the broker of the settings, if there is one. Raises `NotServed`.

    A broker that is away is no reason not to run: the node says so, and goes on trying.
    """
    if not node.settings.mqtt.url:
        yield
        return
    from app.bridge.bridge import Bridge
    from app.bridge.target import BadTarget, target_of
    from app.broker.witnesses import BadWitness

    name = node.identity.node
    try:
        target = target_of(node.settings.mqtt, node.home, name, f"assent-{name}")
        bridge = Bridge(node, target)
    except (BadTarget, BadWitness) as error:
        raise NotServed(f"the bridge: {error}") from error
    bridge.start()
    try:
        yield
    finally:
        bridge.stop()


@contextlib.contextmanager
def served(node: Node, address: str | None) -> Iterator[None]:
    """The figures for Prometheus at an address, if there is one. Raises `NotServed`."""
    if address is None:
        yield
        return
    from app.metrics import BadAddress, serve
    from app.metrics.source import source_of

    try:
        server = serve(address, source_of(node.engine))
    except BadAddress as error:
        raise NotServed(f"--metrics: {error}") from error
    try:
        yield
    finally:
        server.close()


@contextlib.contextmanager
def demo_agents(node: Node) -> Iterator[None]:
    """The demo agents, in a process of their own that ends with this one's pipe."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "app.demo", "--home", str(node.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
