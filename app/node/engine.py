"""What runs on the gate's thread: the components, wired, with their timers."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial

from app.home import socket_path
from app.intake import wire
from app.intake.server import SocketServer
from app.node.identity import Identity
from app.node.learner import Learner
from app.node.policy import PolicyFiles, version_of
from app.node.restore import HALF_WINDOW, restore
from app.node.roster import Roster
from app.node.serving import Serving
from app.node.watch import Watch
from app.presenter.events import EventLog
from app.presenter.snapshot import SnapshotBuilder
from app.presenter.status import grant_rows, health_view, learning_view
from app.settings import Settings
from components.audit_system import AuditLog, Entry
from components.clock import Clock
from components.evolution_core import EvolutionCore
from components.gate import (
    Core,
    Event,
    Gate,
    Inbox,
    Judged,
    Ledger,
    Operators,
    Refusal,
    Screens,
    TurnedAway,
)
from components.hitl import DecisionQueue, Grants, load_policies
from components.intent_firewall import BadPack, Sequences, Throttle
from components.keys import sign_dsse
from components.love_engine import Alignment, LiveWindow, LoveEngine, compute_love_metric
from components.monitor import Alerts, Monitor
from components.views import LearningView, Snapshot
from storage import LoopWriter, Store, StoreError

TIMER_S = 0.1
"""How often deadlines are looked at; answers check them to the microsecond themselves."""

TICK_S = 1.0
LEARNING_S = 1.0
"""How often patterns and suggestions are looked for."""

STATUS_VALID_US = 30 * 1_000_000
SHOWN_PATTERNS = 50
_UNLIMITED = 1e9


class Engine:
    """All components of a node. Made and used on the gate's thread."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        identity: Identity,
        settings: Settings,
        clock: Clock,
        serving: Serving,
        listener: Callable[[Event], None] | None,
    ) -> None:
        self.store, self.audit, self.identity, self.clock = store, audit, identity, clock
        self._listener = listener
        self._started = clock.monotonic()
        self._epoch = clock.now()
        self._ticked = 0.0
        self._reader = store.reader()
        self.monitor = Monitor(clock)
        self.alerts = Alerts(clock)
        self.events = EventLog()
        self.roster = Roster(clock)
        self.policies = serving.policies(load_policies(settings.hitl))
        self.queue = DecisionQueue(clock, self.policies)
        self.grants = Grants(clock, self.policies)
        self._files = PolicyFiles(store.home, settings)
        self._make_gate(settings, serving.throttled)
        self._watch = Watch(store, self.alerts)
        self._make_learner()
        self._snapshots = SnapshotBuilder(
            clock, self.queue, self.events, self.monitor.rows,
            partial(health_view, self),
            lambda: self.roster.rows(self.core.paused, self.throttle.broken),
            lambda: grant_rows(self.grants.in_force()),
            lambda: self._learned,
        )  # fmt: skip
        self.snapshot: Snapshot = self._snapshots.build()
        self._tasks: list[asyncio.Task[None]] = []
        self._server = self._make_server() if serving.listen else None

    def _make_gate(self, settings: Settings, throttled: bool) -> None:
        clock, node = self.clock, self.identity.node
        meter = self.monitor.meter
        self.gate_meter = meter("gate", "Gate")
        love = LoveEngine()
        self.screens = Screens(self._files.load(), love, Sequences(clock), clock, meter)
        self.policy = version_of(self.screens.firewall, love.version, self.policies)
        valid_us = round(settings.gate.verdict_valid_s * 1_000_000)
        self.core = Core(
            self.queue,
            Ledger(self.audit, node, clock, valid_us),
            LoopWriter(self.store.writer, asyncio.get_running_loop()),
            self._hear,
            clock,
            meter,
        )
        limits = settings.limits
        self.throttle = Throttle(
            clock,
            rate_per_s=limits.rate_per_s if throttled else _UNLIMITED,
            burst=limits.burst if throttled else int(_UNLIMITED),
        )
        version = lambda: self.policy  # noqa: E731
        self.gate = Gate(
            self.core, self.screens, Inbox(self._reader), self.throttle, self.grants, version
        )
        self.operators = Operators(
            self.core, self.screens, self.grants, version, self.identity.keyring, node
        )

    def _make_learner(self) -> None:
        self.evolution = EvolutionCore.open(
            self.store, self.clock, partial(self._watch.report, "experiences")
        )
        self.alignment = Alignment()
        self.window = LiveWindow(HALF_WINDOW)
        self._learned = self._learning()
        meter = self.monitor.meter("evolution_core", "Evolution Core")
        self.learner = Learner(self.evolution, self.alignment, self.window, self.clock, meter)

    def _make_server(self) -> SocketServer:
        identity = self.identity

        def seal(payload: bytes) -> bytes:
            return sign_dsse(wire.VERDICT_TYPE, payload, identity.key, identity.key_id)

        path = socket_path(self.store.home)
        return SocketServer(path, self.gate, identity.node, self.clock, seal, self._status)

    async def start(self) -> None:
        """Restore what waited, record the start, listen."""
        restore(self)
        self._ticked = asyncio.get_running_loop().time()
        await self.core.note(
            Entry(kind="node.started", policy_version=self.policy, detail={"version": 1})
        )
        if self._server:
            await self._server.start()
        self._tasks = [
            asyncio.create_task(self._every(TIMER_S, "timers", self.operators.act_on_time)),
            asyncio.create_task(self._every(TICK_S, "tick", self._tick)),
            asyncio.create_task(self._every(TICK_S, "rules", self._reload_rules)),
            asyncio.create_task(self._every(TICK_S, "rescreening", self.operators.rescreen)),
            asyncio.create_task(self._every(LEARNING_S, "learning", self._learn)),
        ]

    async def stop(self) -> None:
        """Stop listening, record the stop, make every experience durable."""
        if self._server:
            await self._server.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._save_alignment()
        # A frozen store cannot take these; what it has is whole all the same.
        with contextlib.suppress(Refusal):
            await self.core.note(Entry(kind="node.stopped"))
        with contextlib.suppress(StoreError):
            await asyncio.to_thread(self.evolution.flush)
        self._reader.close()

    def refresh(self) -> None:
        """Build the next snapshot into the latest-wins slot."""
        self.snapshot = self._snapshots.build()

    async def look(self) -> Snapshot:
        """The node as it is now, with what was measured up to now."""
        self.monitor.tick()
        self.refresh()
        return self.snapshot

    def _learning(self) -> LearningView:
        totals = self.evolution.metrics.totals()
        before, after = self.window.halves()
        return learning_view(
            totals.seen,
            totals.success_rate,
            self.evolution.recognize_patterns()[:SHOWN_PATTERNS],
            self.evolution.suggest_improvements()[:SHOWN_PATTERNS],
            compute_love_metric(before, after).value,
            self.alignment.evaluate(),
        )

    def state(self) -> wire.RunState:
        """What agents are told of this node."""
        return "paused" if self.core.stopped or self.store.writer.frozen else "open"

    def uptime_s(self) -> float:
        """Seconds since the start."""
        return (self.clock.monotonic() - self._started) / 1e9

    def _status(self) -> wire.StatusReply:
        return wire.StatusReply(
            node=self.identity.node,
            state=self.state(),
            key=self.identity.vkey,
            epoch=self._epoch,
            valid_until=self.clock.now() + STATUS_VALID_US,
        )

    def _save_alignment(self) -> None:
        state = self.alignment.state()
        self.store.writer.submit(
            lambda tx: tx.execute(
                "INSERT INTO evolution_state (name, up_to, body) VALUES ('alignment', 0, ?) "
                "ON CONFLICT (name) DO UPDATE SET body=excluded.body",
                (state,),
            ),
            lambda *_: None,
        )

    def _hear(self, event: Event) -> None:
        self.events.add(event, self.clock.now())
        self.roster.hear(event)
        self.learner.hear(event)
        if isinstance(event, Judged):
            self._judged(event)
        if isinstance(event, TurnedAway) and event.code == 409:
            self.alerts.raise_("id-conflict", f"{event.agent}: {event.reason}")
        if self._listener:
            self._listener(event)

    def _judged(self, event: Judged) -> None:
        found = event.decision or event.assessed
        if event.verdict.verdict == "allow" and found:
            self.screens.allowed(event.action, found.safety)
        if event.decided_by == "operator":
            self._save_alignment()

    async def _every(self, seconds: float, name: str, step: Callable[[], Awaitable[None]]) -> None:
        """Take a step again and again; one that fails raises an alert, and the next is taken."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await step()
                self.alerts.clear(name)
            except Exception as error:
                self.alerts.raise_(name, f"{name} failed: {error!r}")

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        late_s = loop.time() - self._ticked - TICK_S
        try:
            self.monitor.tick()
            self._watch.tick(lag_s=max(0.0, late_s))
            if overdue := self.learner.overdue():
                await asyncio.shield(self._give_up(overdue))
        finally:
            self._ticked = loop.time()  # what a tick itself takes is no lateness of the next

    async def _give_up(self, overdue: list[tuple[str, str]]) -> None:
        """Await these outcomes no longer: first for the store, so that none counts twice."""
        await self.core.commit(self.core.ledger.unreported(overdue))
        self.learner.give_up(overdue)

    async def _learn(self) -> None:
        """Patterns are looked for beside the gate, not on its thread."""
        self._learned = await asyncio.to_thread(self._learning)

    @property
    def loop_lag_us(self) -> float:
        """By how much the last one-second timer was late."""
        return self._watch.lag_us

    async def _reload_rules(self) -> None:
        if not self._files.changed():
            return
        try:
            # Beside the gate: it takes as long as some hundred actions.
            firewall = await asyncio.to_thread(self._files.load)
        except BadPack as problem:
            self.alerts.raise_("rules-refused", str(problem))
            return
        self.alerts.clear("rules-refused")
        self.screens.firewall = firewall
        self.policy = version_of(firewall, self.screens.love.version, self.policies)
        await self.core.note(Entry(kind="policy.changed", policy_version=self.policy))
