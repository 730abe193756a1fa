"""One run of a node from start to summary: with a console or without, with demo agents or not."""

import contextlib
import gc
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from app.cli.saying import refuse, why
from app.home import home, prepare
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.settings import BadSettings, PerformanceSettings, Settings, load
from components.audit_system import AuditProblem
from components.clock import SystemClock
from components.hitl import BadPolicy
from components.keys import KeyProblem
from storage import StoreError

if TYPE_CHECKING:
    from app.headless import EventPrinter
    from app.summary import Tally
    from components.gate import Event

_DENY_S = 30.0


class NotServed(Exception):  # noqa: N818 - what happened
    """What was asked for beside the gate cannot be had; the text says why."""


def cannot_start() -> tuple[type[Exception], ...]:
    """What keeps a node from starting. To name it all takes the import of what screens."""
    from components.intent_firewall import BadPack

    return (
        StoreError, KeyProblem, BadPack, BadPolicy, BadSettings, AuditProblem, OSError, NotServed,
    )  # fmt: skip


def tune_interpreter(chosen: PerformanceSettings = PerformanceSettings()) -> None:  # noqa: B008
    """Settle Python for two busy threads: short turns, and no search through what never dies.

    Painting then cannot hold up the gate, and fewer collections stop both threads.
    """
    sys.setswitchinterval(chosen.switch_interval_ms / 1000)
    gc.collect()
    gc.freeze()
    gc.set_threshold(chosen.gc_threshold, 20, 50)
    gc.enable()


class Beside(Struct, frozen=True):
    """What is asked for beside the gate: where the metrics are served, and the demo agents."""

    metrics: str | None = None
    demo: bool = False


class Running:
    """One run of a node: `begin` it, `close` what is beside it.

    `problem` is what kept it from beginning. What it takes is imported as it begins: a console
    stands before that.
    """

    def __init__(self, folder: Path, settings: Settings, beside: Beside) -> None:
        self.node = Node(folder, settings, SystemClock(), listener=self._hear)
        self.problem: Exception | None = None
        self.tally: Tally
        self.printer: EventPrinter | None = None
        self._beside = beside
        self._open = contextlib.ExitStack()

    def begin(self, printer: "EventPrinter | None" = None) -> bool:
        """Start the node and what is beside it; whether that went well. Blocks; on any thread."""
        self.printer = printer
        try:
            self._begin()
        except Exception as error:  # told once the terminal is no console's
            self.problem = error
        return self.problem is None

    def _begin(self) -> None:
        from app.summary import Tally

        self.tally = Tally()
        self.node.start()
        self._open.enter_context(served(self.node, self._beside.metrics))
        self._open.enter_context(bridged(self.node))
        if self._beside.demo:
            self._open.enter_context(demo_agents(self.node))
        tune_interpreter(self.node.settings.performance)

    def frame(self, took_ns: int) -> None:
        """Measure one frame of the console; those before the node is ready are not."""
        if self.node.ready:
            self.node.engine.monitor.meter("console.frame").record(took_ns)

    def _hear(self, event: "Event") -> None:
        self.tally.hear(event)
        if self.printer is not None:
            self.printer.hear(event)

    def close(self) -> None:
        """End what is beside the node."""
        self._open.close()


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
    began = time.monotonic()
    try:
        running = _opened(console, mqtt, Beside(metrics, demo))
    except cannot_start() as error:
        return refuse("assent run", why(error), 2, as_json=as_json)
    node, status = running.node, 0
    try:
        if console:
            status = _run_console(running, seconds)
        else:
            _run_headless(running, seconds, quiet=as_json)
        running.close()
        if running.problem is not None:
            return _not_begun(running.problem, as_json)
        if not node.ready:  # whoever sat there left at once
            return status
        if not node.alive:
            return refuse(
                "assent", "the gate failed; agents take that for a denial", 1, as_json=as_json
            )
        summary = running.tally.summary(node.fresh_snapshot(), time.monotonic() - began)
    finally:
        running.close()
        node.stop()
    if status == 0 and (seconds is not None or not console or as_json):
        from app.summary import in_words

        print(json.dumps(summary) if as_json else in_words(summary), flush=True)
    return status


def _opened(console: bool, mqtt: str | None, beside: Beside) -> Running:
    """A run of this home, open: what is wrong with it is told before anything is painted."""
    folder = prepare(home())
    settings = _with_broker(load(folder), mqtt)
    if console:
        _check_keys(settings)
    running = Running(folder, settings, beside)
    running.node.open()
    return running


def _not_begun(problem: Exception, as_json: bool) -> int:
    if not isinstance(problem, cannot_start()):
        raise problem
    return refuse("assent run", why(problem), 2, as_json=as_json)


def _run_headless(running: Running, seconds: float | None, *, quiet: bool) -> None:
    from app.headless import EventPrinter, run_headless

    printer = EventPrinter()
    if running.begin(printer):
        run_headless(running.node, printer, seconds, quiet=quiet)


def _check_keys(settings: Settings) -> None:
    """Refuse keys that cannot be bound before anything is started."""
    from app.console import BadKeymap, remapped

    try:
        remapped(settings.console.keys)
    except BadKeymap as error:
        raise BadSettings(f"[console.keys]: {error}") from None


def _run_console(running: Running, seconds: float | None) -> int:
    """The console; where it broke nobody can answer, so what waits is denied."""
    from app.console import GONE, run_console

    node, desk = running.node, LocalDesk(running.node)
    chosen = node.settings.console

    def begin() -> bool:
        if running.begin():
            desk.begin()
        return running.problem is None

    status = run_console(
        desk,
        node.clock,
        theme=chosen.theme,
        keymap=chosen.keys,
        seconds=seconds,
        notify=chosen.notify,
        frame=running.frame,
        begin=begin,
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
