"""What runs on the gate's thread: the components, wired, with their timers."""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.epoch import advance
from app.home import socket_path
from app.intake import wire
from app.intake.answering import Answering
from app.intake.server import SocketServer
from app.node.accepting import Accepting
from app.node.again import every
from app.node.alarms import Alarms, kind_of
from app.node.conflicts import Conflicts
from app.node.drafting import Policy
from app.node.hearing import Hearing
from app.node.identity import Identity
from app.node.learning import Learning
from app.node.monitoring import Monitoring
from app.node.pauses import Pauses
from app.node.policy import PolicyFiles, version_of
from app.node.restore import restore
from app.node.roster import Roster
from app.node.rule_files import RuleFiles
from app.node.serving import Serving
from app.node.vitals import Vitals
from app.node.warming import Warming
from app.node.witnessing import CaughtLogs
from app.presenter.events import EventLog
from app.presenter.snapshot import SnapshotBuilder
from app.presenter.status import grant_rows, health_view
from app.settings import Settings
from app.tuning import Tuning
from components.advisor.book import RecommendationBook
from components.audit_system import AuditLog, Entry
from components.clock import Clock
from components.gate import (
    Commands,
    Core,
    Event,
    Gate,
    Inbox,
    Judged,
    Ledger,
    Operators,
    Refusal,
    Screens,
    join,
)
from components.hitl import DecisionQueue, Grants, load_policies
from components.intent_firewall import BadPack, Sequences, Throttle
from components.love_engine import LoveEngine
from components.monitor import Conditions, HasFootprint, Monitor
from components.monitor.alerting import Transition
from components.monitor.breath import breathe
from components.monitor.timer import count_error
from components.views import DutyRow, Snapshot
from storage import LoopWriter, Store, StoreError

if TYPE_CHECKING:
    from app.metrics.telling import Telling

TIMER_S = 0.1
"""How often deadlines are looked at; answers check them to the microsecond themselves."""

TICK_S = 1.0
LEARNING_S = 1.0
"""How often patterns and suggestions are looked for."""

STATUS_VALID_US = 30 * 1_000_000
SUPERSEDED = "superseded"
_REPLACED = "this node was replaced: it runs elsewhere"
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
        self._started = clock.monotonic()
        self._epoch = advance(store, clock)
        self._reader = store.steady_reader()
        self.monitor = Monitor(clock, breathe)
        self.conditions = Conditions(clock)
        self._hearing = Hearing(self.conditions.report)
        self.events = EventLog()
        self.roster = Roster(clock)
        self.duty: tuple[DutyRow, ...] = ()
        self.policies = serving.policies(load_policies(settings.hitl))
        self.queue = DecisionQueue(clock, self.policies)
        self.grants = Grants(clock, self.policies)
        self._files = PolicyFiles(store.home, settings)
        self.learned_pack = self._files.learned
        self._caught = CaughtLogs(store.home, self.conditions)
        self._measure_store()
        self._make_gate(settings, serving.throttled)
        self._make_learner(settings)
        kept = lambda event: self.events.add(event, clock.now())  # noqa: E731
        self._conflicts = Conflicts(self.conditions.report, clock)
        self._hearing.add(kept, self.roster.hear, self.learner.hear, self._act_on)
        self._hearing.add(self._conflicts.hear)
        if listener:
            self.listen(listener)
        self.accepting = Accepting(self)
        self.advice = RecommendationBook(store.writer, clock, self._reader)
        self.tuning = Tuning(store.home, identity.node, self.gate, self.advice, clock)
        self.monitoring = self._make_monitoring(settings)
        self._snapshots = SnapshotBuilder(
            clock, self.core.pending, self.events,
            lambda: self.monitoring.view,
            partial(health_view, self),
            lambda: self.roster.rows(self.core.paused, self.throttle.broken),
            lambda: grant_rows(self.grants.in_force()),
            lambda: self.learning.view,
        )  # fmt: skip
        self.snapshot: Snapshot = self._snapshots.build()
        self._tasks: list[asyncio.Task[None]] = []
        self._telling: Telling | None = None
        self._warming = Warming()
        self.answering = self._make_answering()
        self._server = (
            SocketServer(socket_path(store.home), self.answering) if serving.listen else None
        )

    def _measure_store(self) -> None:
        """The writer's transactions, how long jobs wait for one, and the log's own work."""
        commit, wait = self.monitor.meter("storage.commit"), self.monitor.meter("storage.wait")
        writer = self.store.writer
        writer.on_batch(lambda _, ns: commit.record(ns))
        writer.on_take(lambda _, ns: wait.record(ns))
        writer.on_fail(lambda error: count_error(error, commit))
        self.audit.measure(self.monitor.meter)
        self._pauses = Pauses(self.clock, self.monitor.meter("runtime.gc_pause").record)

    def _make_gate(self, settings: Settings, throttled: bool) -> None:
        clock, node = self.clock, self.identity.node
        meter = self.monitor.meter
        love = LoveEngine()
        self.sequences = Sequences(clock)
        self.screens = Screens(self._files.load(), love, self.sequences, clock, meter)
        self.policy = version_of(self.screens.firewall, love.version, self.policies)
        valid_us = round(settings.gate.verdict_valid_s * 1_000_000)
        self.core = Core(
            self.queue,
            Ledger(self.audit, node, clock, valid_us),
            LoopWriter(self.store.writer, asyncio.get_running_loop()),
            self._hearing.tell,
            clock,
            meter,
        )
        limits = settings.limits
        self.throttle = Throttle(
            clock,
            rate_per_s=limits.rate_per_s if throttled else _UNLIMITED,
            burst=limits.burst if throttled else int(_UNLIMITED),
        )
        policy = lambda: self.policy  # noqa: E731
        self.gate = Gate(
            self.core, self.screens, Inbox(self._reader), self.throttle, self.grants, policy
        )
        self.operators = Operators(
            self.core, self.screens, self.grants, policy, self.identity.keyring, node
        )

    def _make_learner(self, settings: Settings) -> None:
        self._reloading = asyncio.Lock()
        self._recorded_policy = ""
        self.learning = Learning(
            self.store,
            self.clock,
            self.conditions.report,
            settings.performance.experience_batch,
            self.monitor.meter,
            self.policies,
            self._in_force,
            self.grants.in_force,
        )
        self.evolution, self.learner = self.learning.evolution, self.learning.learner
        self.alignment, self.window = self.learning.alignment, self.learning.window

    def _in_force(self) -> Policy:
        """The policy, for who tries it on past actions beside the gate."""
        firewall, love = self.screens.firewall, self.screens.love
        return Policy(
            self.policy,
            lambda action: join(firewall.validate(action), love.check_ethics(action), ()),
            self._files.workspace,
        )

    def _make_monitoring(self, settings: Settings) -> Monitoring:
        store, clock, conditions = self.store, self.clock, self.conditions
        loop = asyncio.get_running_loop()
        self.vitals = Vitals(
            self.monitor.meter("runtime.loop_lag").record,
            self.core,
            self.evolution,
            self.policies,
            store,
            clock,
            self.learning,
        )

        def tell(change: Transition) -> None:
            if not change.grave:  # it is in the log; the stream is for what people act on
                return
            with contextlib.suppress(RuntimeError):  # the loop has ended
                told = (kind_of(change), change.operator, "", change.text)
                loop.call_soon_threadsafe(self.core.tell, *told)

        alarms = Alarms(store, self.audit, clock, conditions, tell)
        files = RuleFiles(store.home, settings)
        return Monitoring(
            store, clock, self.monitor, conditions, alarms, files, self.vitals.gauges, self._parts
        )

    def _parts(self) -> dict[str, list[HasFootprint]]:
        """What each component is made of now; the firewall is exchanged with its rules."""
        return {
            "gate": [self.core],
            "intent_firewall": [self.screens.firewall, self.sequences, self.throttle],
            "love_engine": [self.screens.love, self.alignment, self.window],
            "hitl": [self.queue, self.grants],
            "evolution_core": [self.evolution, self.learning],
            "audit_system": [self.audit],
            "monitor": [self.monitor],
        }

    def _make_answering(self) -> Answering:
        identity = self.identity
        return Answering(
            self.gate,
            identity.node,
            self.clock,
            partial(identity.seal, wire.VERDICT_TYPE),
            self.status,
            self._figures,
            Commands(self.core, identity.keyring, identity.node, self.accepting.orders()).carry_out,
            self.monitor.meter("gate.parse"),
        )

    async def start(self) -> None:
        """Restore what waited, record the start, listen."""
        restore(self)
        self._pauses.install()
        await asyncio.to_thread(self.monitoring.start)
        await self.core.note(
            Entry(kind="node.started", policy_version=self.policy, detail={"version": 1})
        )
        self._recorded_policy = self.policy
        self.tuning.start()
        if self._server:
            await self._server.start()
        again = partial(every, self.conditions.report)
        self._tasks = [
            asyncio.create_task(self.vitals.beat()),
            again(TIMER_S, "timers", self.operators.act_on_time),
            again(TICK_S, "tick", self._tick),
            again(TICK_S, "rules", self.reload_rules),
            again(TICK_S, "rescreening", self.operators.rescreen),
            again(TICK_S, "witness", self._caught.watch),
            again(LEARNING_S, "learning", self._learn),
        ]

    async def stop(self) -> None:
        """Stop listening, record the stop, make every experience durable."""
        if self._server:
            await self._server.stop()
        await self.tuning.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pauses.remove()
        await asyncio.to_thread(self.monitoring.stop)
        self.learning.save_alignment()
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
        await asyncio.to_thread(self.monitoring.look)
        self.refresh()
        return self.snapshot

    def state(self) -> wire.RunState:
        """What agents are told of this node."""
        if self.core.retired or self.core.stopped or self.store.writer.frozen:
            return "paused"
        return "draining" if self.core.draining else "open"

    async def retire(self, shown_by: str) -> None:
        """Step down, for good: `shown_by`, a signed status, shows that the node runs elsewhere."""
        self.conditions.report(SUPERSEDED, _REPLACED)
        detail = {"epoch": self._epoch, "shown_by": shown_by}
        with contextlib.suppress(StoreError):  # what cannot be recorded is so all the same
            await self.core.retire(_REPLACED, Entry(kind="node.retired", detail=detail))

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Have one more hear of every event from now on, on the gate's thread."""
        self._hearing.add(listener)

    def uptime_s(self) -> float:
        """Seconds since the start."""
        return (self.clock.monotonic() - self._started) / 1e9

    def status(self) -> wire.StatusReply:
        """Who this node is and whether it takes actions, as told to agents, who ask it first."""
        self._warming.begin()
        return wire.StatusReply(
            node=self.identity.node,
            state=self.state(),
            key=self.identity.vkey,
            epoch=self._epoch,
            valid_until=self.clock.now() + STATUS_VALID_US,
            waiting=len(self.queue) or len(self.core.live),
            entries=self.audit.head.size,
            root=self.audit.head.root,
        )

    async def _figures(self) -> str:
        """The text for who asks at the socket; what it takes is imported when first wanted."""
        if self._telling is None:
            from app.metrics.source import source_of
            from app.metrics.telling import Telling

            self._telling = Telling(source_of(self), self.clock)
        return await self._telling.text()

    def _act_on(self, event: Event) -> None:
        if not isinstance(event, Judged):
            return
        found = event.decision or event.assessed
        if event.verdict.verdict == "allow" and found:
            self.screens.allowed(event.action, found.safety)
        if event.decided_by == "operator":
            self.learning.save_alignment()

    async def _tick(self) -> None:
        self.vitals.look()
        self._conflicts.look()
        if overdue := self.learner.overdue():
            await asyncio.shield(self._give_up(overdue))
        await self.operators.stops.record_stop()

    async def _give_up(self, overdue: list[tuple[str, str]]) -> None:
        """Await these outcomes no longer: first for the store, so that none counts twice."""
        await self.core.commit(self.core.ledger.unreported(overdue))
        self.learner.give_up(overdue)

    async def _learn(self) -> None:
        """Patterns are looked for beside the gate, not on its thread."""
        await asyncio.to_thread(self.learning.look)

    async def reload_rules(self) -> None:
        """Take up the rule packs where their files have changed; one call at a time.

        A policy that could not be recorded then is recorded by a later call: verdicts name it.
        """
        async with self._reloading:
            if self._files.changed():
                await self._reload_rules()
            if self._recorded_policy != self.policy:
                await self._record_policy()

    async def _reload_rules(self) -> None:
        try:
            # Beside the gate: it takes as long as some hundred actions.
            firewall = await asyncio.to_thread(self._files.load)
        except BadPack as problem:
            self.conditions.report("rules-refused", str(problem))
            return
        self.conditions.report("rules-refused", "")
        self.screens.firewall = firewall
        self.policy = version_of(firewall, self.screens.love.version, self.policies)

    async def _record_policy(self) -> None:
        policy = self.policy
        await self.core.note(Entry(kind="policy.changed", policy_version=policy))
        self._recorded_policy = policy
