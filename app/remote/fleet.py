"""One console over several nodes: it looks at one of them, and counts what waits at the others."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from app.deed_desk import DeedDesk, Seat
from app.deeds import AuditFilter, Deed
from app.desk import DeskError, Person, Progress
from app.remote.desk import RemoteDesk
from components.clock import Clock
from components.views import DecisionView, NodeRow, Snapshot


class FleetDesk(DeedDesk):
    """Implements `app.desk.Desk` over the desks of some nodes; the first is looked at first."""

    def __init__(self, desks: Sequence[RemoteDesk], clock: Clock) -> None:
        super().__init__(clock)
        self._desks = {desk.node: desk for desk in desks}
        self._here = desks[0]

    def tick(self) -> None:
        """As each desk's own."""
        for desk in self._desks.values():
            desk.tick()

    def close(self) -> None:
        """Detach everywhere and hang up."""
        for desk in self._desks.values():
            desk.close()

    @property
    def seat(self) -> Seat:
        """Who answers here."""
        return self._here.seat

    @property
    def node(self) -> str:
        """The node that is looked at."""
        return self._here.node

    def nodes(self) -> Sequence[str]:
        """Every node."""
        return tuple(self._desks)

    def switch_node(self, name: str) -> None:
        """Look at another node; raises `DeskError` where it is none of these."""
        desk = self._desks.get(name)
        if desk is None:
            raise DeskError(f"this console is not attached to {name}", 404)
        self._here = desk

    def operators(self) -> Sequence[Person]:
        """Whoever attached."""
        return self._here.operators()

    def switch_operator(self, name: str, passphrase: str) -> "Future[str]":
        """Nobody else has a key here."""
        return self._here.switch_operator(name, passphrase)

    def snapshot(self) -> Snapshot:
        """The newest snapshot of the node that is looked at, and what waits beside it."""
        here = self._here
        beside = tuple(
            NodeRow(name, desk.snapshot().health.waiting, desk.silent)
            for name, desk in self._desks.items()
            if desk is not here
        )
        snapshot = here.snapshot()
        return replace(snapshot, health=replace(snapshot.health, beside=beside))

    def decision(self, decision_id: str) -> DecisionView | None:
        """One waiting decision of the node that is looked at."""
        return self._here.decision(decision_id)

    def fate(self, decision_id: str) -> str:
        """How a decision of it ended."""
        return self._here.fate(decision_id)

    def do(self, deed: Deed, about: Sequence[str] = ()) -> "Future[str]":
        """Have the node that is looked at do something."""
        return self._here.do(deed, about)

    def ask(self, deed: Deed, progress: Progress = lambda *_: True) -> Any:
        """Have it do something that takes a while; blocks."""
        return self._here.ask(deed, progress)

    def audit_export(self, wanted: AuditFilter, target: Path, progress: Progress) -> str:
        """Write its entries as JSONL, here."""
        return self._here.audit_export(wanted, target, progress)

    def trend_export(self, operation: str, since: int, until: int, target: Path) -> str:
        """Write its figures as CSV, here."""
        return self._here.trend_export(operation, since, until, target)
