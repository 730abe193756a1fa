"""The desk of a console in the node's own process."""

from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.deed_desk import DeedDesk, Seat
from app.deeds import AuditFilter, Deed
from app.desk import DeskError, Person, Progress
from app.node.node import Node
from app.node.seats import Seats
from components.views import DecisionView, Snapshot

if TYPE_CHECKING:
    from app.node.service import DeskService

_STARTING = "The node is still starting."


class LocalDesk(DeedDesk):
    """Implements `app.desk.Desk` over a node in this process; answers are signed by whoever sits
    there.

    The node is open, and may still be starting: until `begin` nothing is done or looked up.
    """

    def __init__(self, node: Node) -> None:
        super().__init__(node.clock)
        self._node = node
        self._seats = Seats(node)
        self._begun: DeskService | None = None
        if node.ready:
            self.begin()

    def begin(self) -> None:
        """Do and look up from now on; the node is ready. Any thread may call."""
        from app.node.service import DeskService

        self._begun = DeskService(self._node)

    @property
    def seat(self) -> Seat:
        """Who answers now."""
        return self._seats.taken

    @property
    def node(self) -> str:
        """The node's name."""
        return self._node.identity.node

    def nodes(self) -> Sequence[str]:
        """This one alone."""
        return (self.node,)

    def switch_node(self, name: str) -> None:
        """There is no other; raises `DeskError`."""
        if name != self.node:
            raise DeskError(f"this console is in {self.node} itself; `assent attach` has others")

    def operators(self) -> Sequence[Person]:
        """Who may answer here, as the keyring says now."""
        return self._seats.people()

    def switch_operator(self, name: str, passphrase: str) -> "Future[str]":
        """Seat another person: from then on answers are signed with their key."""
        return self._call(partial(self._seats.switch, name, passphrase))

    def snapshot(self) -> Snapshot:
        """The newest snapshot; never blocks."""
        if self._begun is None and self._node.opening is not None:
            return self._node.opening
        return self._node.snapshot()

    def decision(self, decision_id: str) -> DecisionView | None:
        """One waiting decision in full, or None when it no longer waits; never blocks."""
        return self._begun.decision(decision_id) if self._begun else None

    def fate(self, decision_id: str) -> str:
        """How a decision that no longer waits ended."""
        return self._node.engine.queue.fate(decision_id) if self._begun else ""

    def is_paused(self, agent: str) -> bool:
        """Whether an agent is paused."""
        return self._begun is not None and agent in self._node.engine.core.paused

    def is_stopped(self) -> bool:
        """Whether all intake is paused."""
        return self._begun is not None and self._node.engine.core.stopped

    def do(self, deed: Deed, about: Sequence[str] = ()) -> "Future[str]":
        """Have something done by who sits here, if they are still trusted."""
        del about
        seat = self.seat

        async def checked() -> str:
            from app.node.service import Who

            tier = 0 if deed.safe else self._seats.tier(seat)
            return await self._service.do(deed, Who(seat.name, seat.key_id, tier))

        return self._call(checked)

    def ask(self, deed: Deed, progress: Progress = lambda *_: True) -> Any:
        """Look something up; blocks."""
        return self._service.ask(deed, progress, thaw=True)

    def audit_export(self, wanted: AuditFilter, target: Path, progress: Progress) -> str:
        """Write the matching entries as JSONL. Blocks: call it from a worker thread."""
        return self._service.audit.export(wanted, target, progress)

    def trend_export(self, operation: str, since: int, until: int, target: Path) -> str:
        """Write the buckets of a span as CSV. Blocks: call it from a worker thread."""
        return self._service.monitor.export(operation, since, until, target)

    @property
    def _service(self) -> "DeskService":
        if self._begun is None:
            raise DeskError(_STARTING, 503)
        return self._begun

    def _call(self, work: Callable[[], Coroutine[Any, Any, str]]) -> "Future[str]":
        if self._begun is not None:
            return self._node.call(work())
        future: Future[str] = Future()
        future.set_exception(DeskError(_STARTING, 503))
        return future
