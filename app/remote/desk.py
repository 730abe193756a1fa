"""A desk whose node is elsewhere."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from nacl.signing import SigningKey

from app.deed_desk import DeedDesk, Seat
from app.deeds import AuditFilter, Deed, ReadLeaves
from app.desk import DeskError, Person, Progress
from app.remote.exporting import export_audit, export_trend
from app.remote.link import ConsoleLink
from app.remote.session import Session
from components.clock import Clock
from components.keys import VerifierKey
from components.views import DecisionView, Snapshot

_LOOK_S = 0.25
_CSV_POINTS = 2_000


class RemoteDesk(DeedDesk):
    """Implements `app.desk.Desk` over a link; believes nothing that the node's key did not sign.

    `tick` is to be called some times a second, from any thread, until `close`.
    """

    def __init__(
        self,
        link: ConsoleLink,
        node_key: VerifierKey,
        operator: str,
        key: SigningKey,
        clock: Clock,
        *,
        observer: bool = False,
    ) -> None:
        super().__init__(clock)
        self._seat = Seat(operator, key)
        self._session = Session(link, node_key, self._seat, clock, observer)
        self._shelf = self._session.shelf

    def tick(self) -> None:
        """Attach, renew it, and give up what was not answered in time."""
        self._session.tick()

    def close(self) -> None:
        """Detach and hang up."""
        self._session.close()

    @property
    def seat(self) -> Seat:
        """Who answers here."""
        return self._seat

    @property
    def node(self) -> str:
        """The node's name."""
        return self._session.node

    @property
    def silent(self) -> bool:
        """Whether what is shown of the node may be old."""
        return self._session.standing.silent

    def nodes(self) -> Sequence[str]:
        """This one alone."""
        return (self.node,)

    def switch_node(self, name: str) -> None:
        """There is no other; raises `DeskError`."""
        if name != self.node:
            raise DeskError(f"this console is attached to {self.node} alone")

    def operators(self) -> Sequence[Person]:
        """Whoever attached."""
        synced = self._session.synced
        return (Person(self.operator, synced.tier if synced else 0, locked=False),)

    def switch_operator(self, name: str, passphrase: str) -> "Future[str]":
        """Nobody else has a key here."""
        del passphrase
        future: Future[str] = Future()
        why = f"{name} attaches with their own key: `assent attach --as {name}`"
        future.set_exception(DeskError(why, 403))
        return future

    def snapshot(self) -> Snapshot:
        """The newest snapshot, with what this end knows better of the node's health."""
        snapshot = self._shelf.snapshot
        health = self._session.standing.judged(snapshot.health, connected=self._session.connected)
        return snapshot if health is snapshot.health else replace(snapshot, health=health)

    def decision(self, decision_id: str) -> DecisionView | None:
        """One waiting decision in full, or None when it no longer waits; never blocks."""
        return self._shelf.decision(decision_id)

    def fate(self, decision_id: str) -> str:
        """How a decision that no longer waits ended."""
        return self._shelf.fate(decision_id)

    def do(self, deed: Deed, about: Sequence[str] = ()) -> "Future[str]":
        """Have the node do something."""
        return self._session.send(deed, about)

    def ask(self, deed: Deed, progress: Progress = lambda *_: True) -> Any:
        """Have the node do something that takes a while; blocks."""
        state, stopped = (0, 0), False

        def heard(done: int, total: int) -> bool:
            nonlocal state
            state = (done, total)
            return True

        future = self._session.send(deed, progress=heard)
        while not stopped:
            try:
                return future.result(_LOOK_S)
            except TimeoutError:
                stopped = not progress(*state)
        self._session.forget(future)
        raise DeskError("stopped before the end")

    def audit_export(self, wanted: AuditFilter, target: Path, progress: Progress) -> str:
        """Write the matching entries as JSONL, here. Blocks: call it from a worker thread."""
        size = self._shelf.snapshot.health.audit_size
        return export_audit(
            lambda before, limit: self.ask(ReadLeaves(wanted, before, limit)),
            size,
            target,
            progress,
        )

    def trend_export(self, operation: str, since: int, until: int, target: Path) -> str:
        """Write the columns of a span as CSV, here. Blocks: call it from a worker thread."""
        return export_trend(self.trend(operation, since, until, _CSV_POINTS), target)
