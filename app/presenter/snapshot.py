"""The snapshot of a node, built on the gate's thread when a console asks for the next one."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from app.presenter.decision import waiting_row
from app.presenter.events import EventLog
from app.presenter.monitor import MonitorView
from components.actions import Decision
from components.clock import Clock
from components.views import (
    AgentRow,
    GrantRow,
    Health,
    LearningView,
    Snapshot,
    WaitingRow,
)

SHOWN_WAITING = 200

T = TypeVar("T")


class SnapshotBuilder:
    """Builds snapshots in which what did not change is the same object as before."""

    def __init__(
        self,
        clock: Clock,
        pending: Callable[[int], Iterable[Decision]],
        events: EventLog,
        monitor: Callable[[], MonitorView],
        health: Callable[[], Health],
        agents: Callable[[], tuple[AgentRow, ...]],
        grants: Callable[[], tuple[GrantRow, ...]],
        learning: Callable[[], LearningView],
    ) -> None:
        self._clock = clock
        self._pending = pending
        self._events = events
        self._monitor = monitor
        self._health = health
        self._agents = agents
        self._grants = grants
        self._learning = learning
        self._seq = 0
        self._rows: dict[tuple[str, int], WaitingRow] = {}
        self._last: Snapshot | None = None

    def build(self) -> Snapshot:
        """The node as it is now."""
        self._seq += 1
        last = self._last or _Nothing
        found = self._monitor()
        snapshot = Snapshot(
            seq=self._seq,
            time=self._clock.now(),
            health=self._health(),
            operations=_same(last.operations, found.components),
            waiting=_same(last.waiting, self._waiting()),
            events=self._events.rows(),
            agents=_same(last.agents, self._agents()),
            grants=_same(last.grants, self._grants()),
            learning=_same(last.learning, self._learning()),
            alerts=_same(last.alerts, found.alerts),
            gauges=_same(last.gauges, found.gauges),
            memory=_same(last.memory, found.memory),
            all_operations=_same(last.all_operations, found.operations),
            baseline=found.baseline,
            baseline_offered=found.baseline_offered,
        )
        self._last = snapshot
        return snapshot

    def _waiting(self) -> tuple[WaitingRow, ...]:
        """The first rows of the queue; a row is made again only for a new version."""
        rows = {
            (decision.id, decision.version): self._rows.get((decision.id, decision.version))
            or waiting_row(decision)
            for decision in self._pending(SHOWN_WAITING)
        }
        self._rows = rows
        return tuple(rows.values())


class _Nothing:
    """Stands for the snapshot before the first."""

    operations = waiting = agents = grants = learning = None
    alerts = gauges = memory = all_operations = None


def _same(before: T | None, now: T) -> T:
    return before if before is not None and before == now else now
