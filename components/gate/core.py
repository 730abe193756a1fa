"""What the agents' side and the operators' side of the gate share: one way to change a decision.

A change is prepared on the queue, made durable, and only then applied and told. A commit that
fails takes it back, so that nothing is released that is not on disk.
"""

import asyncio
from collections.abc import Callable, Collection
from typing import Any, Protocol, TypeVar

from components.actions import Decision
from components.audit_system import Entry
from components.clock import Clock
from components.gate.events import Changed, DecidedBy, Event, Judged, Noted, TurnedAway
from components.gate.ledger import Ledger
from components.gate.meters import GateMeters, count_lapse
from components.gate.submission import Pending, Refusal, Released
from components.hitl import TERMINAL, Change, DecisionQueue, deciding
from components.monitor.footprint import Held, deep_size
from components.monitor.timer import Recorders
from storage import Job, StoreError

T = TypeVar("T")
Heard = Callable[[T, Exception | None, int], None]
"""Hears of a job: its result or its error, and when that came (ns, monotonic)."""


class Committer(Protocol):
    """Makes jobs durable, as `storage.LoopWriter` does."""

    def submit(self, job: Job[T], heard: Callable[[Any, Exception | None], None]) -> None:
        """Run a job; `heard` is called on the gate's thread with its result or its error."""
        ...

    async def commit(self, job: Job[T]) -> T:
        """Run a job; the result is there when the job is durable."""
        ...


_FEW = 4


class Live:
    """A request that is being judged or waits for a person, in this run of the node."""

    __slots__ = ("_listeners", "_pending", "_waiters", "digest", "started")

    def __init__(self, digest: str, started: int) -> None:
        self.digest = digest
        self.started = started
        self._pending: Pending | None = None
        # Of 100,000 that wait most have one caller or none, and an empty tuple takes no room.
        self._listeners: tuple[Callable[[Pending], None], ...] = ()
        self._waiters: Collection[asyncio.Future[Released]] = ()

    def waiter(self) -> "asyncio.Future[Released]":
        """A future of the verdict for one caller, who may go away alone."""
        future: asyncio.Future[Released] = asyncio.get_running_loop().create_future()
        if len(self._waiters) < _FEW:
            self._waiters = (*self._waiters, future)
        else:
            self._many().add(future)
        return future

    def forget(self, waiter: "asyncio.Future[Released]") -> None:
        """A caller no longer waits; agents that come and go for hours leave nothing behind."""
        if len(self._waiters) <= _FEW:
            self._waiters = tuple(one for one in self._waiters if one is not waiter)
        else:
            self._many().discard(waiter)

    def _many(self) -> "set[asyncio.Future[Released]]":
        """The callers as a set: a flood of them for one request must not cost its square."""
        if not isinstance(self._waiters, set):
            self._waiters = set(self._waiters)
        return self._waiters

    def tell(self, listener: Callable[[Pending], None]) -> None:
        """Have `listener` hear once that a person is asked: now, or as soon as it is so."""
        if self._pending:
            listener(self._pending)
        else:
            self._listeners += (listener,)

    @property
    def waits(self) -> bool:
        """Whether a person is asked."""
        return self._pending is not None

    def wait(self, pending: Pending) -> None:
        """A person is asked."""
        self._pending = pending
        for listener in self._listeners:
            listener(pending)
        self._listeners = ()

    def release(self, released: Released) -> None:
        """The verdict is durable."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(released)

    def fail(self, refusal: Refusal) -> None:
        """The request is refused."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(refusal)


class Core:
    """Queue, ledger and live requests; used on the gate's thread only."""

    def __init__(
        self,
        queue: DecisionQueue,
        ledger: Ledger,
        committer: Committer,
        emit: Callable[[Event], None],
        clock: Clock,
        meter: Recorders,
    ) -> None:
        self.queue = queue
        self.ledger = ledger
        self.emit = emit
        self.clock = clock
        self.live: dict[tuple[str, str], Live] = {}
        self._held = 0  # of the live ones: those that wait for a person
        self.stopped = False
        self.draining = False
        self.retired = ""
        self.paused: set[str] = set()
        self._waiting: dict[tuple[str, str], str] = {}
        self._committer = committer
        self.meters = GateMeters.of(meter)

    def footprint(self) -> Held:
        """The requests under way, those that wait for a person, and the agents that are paused."""
        held = deep_size(self.live, self._waiting, self.paused)
        return Held(len(self.live) + len(self._waiting), held)

    def remember(self, decision: Decision) -> None:
        """Know a waiting decision by its request."""
        self._waiting[decision.action.agent, decision.action.id] = decision.id

    def waiting(self, agent: str, request_id: str) -> Decision | None:
        """The decision that a request waits for."""
        return self.queue.get(self._waiting.get((agent, request_id), ""))

    @property
    def in_flight(self) -> int:
        """How many requests wait for the machine; what was restored and nobody asks for is none."""
        return len(self.live) - self._held

    def hold(self, live: Live, decision: Decision) -> None:
        """A person is asked about a live request."""
        self._held += 1
        live.wait(Pending(decision.id, decision.deadline))

    def let_go(self, agent: str, request_id: str) -> Live | None:
        """A request is live no more."""
        live = self.live.pop((agent, request_id), None)
        if live is not None and live.waits:
            self._held -= 1
        return live

    def pending(self, limit: int) -> list[Decision]:
        """The first decisions that a person should see (see `DecisionQueue.pending`), timed."""
        started = self.clock.monotonic()
        found = self.queue.pending(limit)
        self.meters.pending.record(self.clock.monotonic() - started)
        return found

    async def commit(self, job: Job[T]) -> T:
        """Make one job durable, timed; a store that cannot is a `Refusal`, as is a retired node."""
        self.check_retired()
        started = self.clock.monotonic()
        try:
            result = await self._committer.commit(job)
        except StoreError as error:
            self._count_uncommitted(error)
            raise store_refusal(error) from error
        self.meters.commit.record(self.clock.monotonic() - started)
        return result

    def submit(self, job: Job[T], heard: Heard[T]) -> None:
        """Make one job durable, timed; `heard` follows on this thread, with a result or an error.

        Nobody awaits it: it goes on when whoever caused it is gone.
        """
        started = self.clock.monotonic()

        def timed(result: T, error: Exception | None) -> None:
            now = self.clock.monotonic()
            if error is None:
                self.meters.commit.record(now - started)
            elif isinstance(error, StoreError):  # else it was the job: a request known already
                self._count_uncommitted(error)
            heard(result, error, now)

        self._committer.submit(job, timed)

    def _count_uncommitted(self, error: StoreError) -> None:
        """Every job appends an entry; what it takes to append one, the log itself measures."""
        count_lapse(error, self.meters.commit, self.meters.log_action)

    async def note(self, entry: Entry) -> None:
        """Record something that changes no decision, and tell it."""
        await self.commit(self.ledger.note(entry))
        self.tell(entry.kind, entry.operator, entry.agent)

    def tell(self, kind: str, operator: str = "", agent: str = "", text: str = "") -> None:
        """Tell something that is in the audit log."""
        self.emit(Noted(kind, operator, agent, text))

    def check_retired(self) -> None:
        """Refuse, for good, what a node is asked that runs elsewhere."""
        if self.retired:
            raise Refusal(423, self.retired)

    async def retire(self, why: str, entry: Entry) -> None:
        """Judge, decide and record nothing any more: whoever waits is refused with `why`.

        It takes effect at once and is recorded after, as the last thing; `StoreError` where it
        could not be.
        """
        self.retired = why
        for (agent, request_id), live in tuple(self.live.items()):
            live.fail(Refusal(423, why))
            self.emit(TurnedAway(agent, request_id, 423, why))
        self.live.clear()
        self._held = 0
        await self._committer.commit(self.ledger.note(entry))
        self.tell(entry.kind, text=why)

    async def carry_out(
        self,
        change: Change,
        *,
        since: int | None = None,
        operator: str = "",
        rule: str = "",
        reasons: tuple[str, ...] = (),
    ) -> Decision:
        """Make a prepared change durable, then apply it; a failed commit takes it back.

        `since` is when the call for it came (ns, monotonic), for what is measured. Goes on when
        the caller is cancelled: an agent that hangs up in the middle would leave the change in
        flight for ever.
        """
        if since is None:
            since = self.clock.monotonic()
        return await asyncio.shield(self._carry_out(change, since, operator, rule, reasons))

    async def _carry_out(
        self, change: Change, since: int, operator: str, rule: str, reasons: tuple[str, ...]
    ) -> Decision:
        ends = change.after.state in TERMINAL
        meters = self.meters.changes.get(change.kind, ())
        released: Released | None = None
        try:
            if ends:
                released = or_raise(
                    await self.commit(self.ledger.settle(change.after, rule, reasons))
                )
            else:
                await self.commit(self.ledger.change(change.after, change.kind, operator))
        except Exception as error:  # not a cancellation, at the loop's end: it may yet succeed then
            self.queue.revert(change)
            count_lapse(error, *meters, *((self.meters.verdict,) if ends else ()), late=True)
            raise
        heard = self.clock.monotonic()
        decision = self.queue.apply(change)
        for meter in meters:
            meter.record(heard - since)
        if released:
            self._tell_settled(decision, released, since, heard)
        else:
            self.emit(Changed(change.kind, decision, operator))
        return decision

    def _tell_settled(self, decision: Decision, released: Released, since: int, heard: int) -> None:
        self._waiting.pop((decision.action.agent, decision.action.id), None)
        live = self.let_go(decision.action.agent, decision.action.id)
        if live:
            live.release(released)
        now = self.clock.monotonic()
        self.meters.release.record(now - heard)
        self.meters.verdict.record(now - since)
        by_person = bool(deciding(decision))
        otherwise: DecidedBy = "rule" if decision.state == "denied" else "timeout"
        wait_us = max(0, released.verdict.issued_at - decision.created_at)
        if by_person:
            self.meters.person.record(wait_us * 1000)
        self.emit(
            Judged(
                (decision.state == "allowed" and decision.modified) or decision.action,
                None,
                released.verdict,
                "operator" if by_person else otherwise,
                gate_us=(now - since) // 1000,
                wait_us=wait_us,
                decision=decision,
            )
        )


def or_raise(answer: T | Refusal) -> T:
    """What a job returned, or the refusal it returned in its place, raised."""
    if isinstance(answer, Refusal):
        raise answer
    return answer


def store_refusal(error: StoreError) -> Refusal:
    """What an agent hears of a store that cannot record: 423 when frozen, else try again."""
    frozen = error.code == 423
    return Refusal(
        423 if frozen else 503, f"not recorded: {error}", retry_after_ms=None if frozen else 1000
    )
