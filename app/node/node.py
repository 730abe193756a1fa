"""A node: the store, the components and the gate on a thread of their own.

To open it takes little, and settles whether it can start; what screens is imported by its start.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from app.home import LEARNED_PACK
from app.node.identity import Identity, load_identity
from app.node.serving import Serving
from app.presenter.opening import opening_snapshot
from app.settings import Settings
from app.startable import check_startable
from components.audit_system import AuditLog
from components.clock import Clock
from components.hitl import load_policies
from components.views import Snapshot
from storage import WAITING, Store, open_store

if TYPE_CHECKING:
    from app.node.engine import Engine
    from components.gate import Event

T = TypeVar("T")
Listener = Callable[["Event"], None]
START_LIMIT_S = 30.0
FRESH_LIMIT_S = 10.0
STOP_LIMIT_S = 60.0
"""After this long a gate that does not end is left behind; what it had acknowledged is durable."""

SILENT_AFTER_S = 3.0
"""A gate that owes a snapshot for so long is shown as silent."""

_WAITING = f"SELECT count(*) FROM decisions WHERE {WAITING}"  # noqa: S608 - the store's words


class Node:
    """Runs one home. Make it, `open` it, `start` it, talk to its `engine` by `call`, `stop` it.

    Between the two a console can show `opening` already; `ready` says whether the node serves.
    """

    def __init__(
        self,
        home: Path,
        settings: Settings,
        clock: Clock,
        serving: Serving = Serving(),  # noqa: B008 - frozen
        listener: Listener | None = None,
    ) -> None:
        self.home = home
        self.settings = settings
        self.clock = clock
        self._serving = serving
        self._listener = listener
        self._thread = threading.Thread(target=self._work, name="gate", daemon=True)
        self._ready: Future[None] = Future()
        self._stopping: asyncio.Event | None = None
        self._newest: Snapshot | None = None
        self._owed_since = 0
        self.opening: Snapshot | None = None
        self.store: Store
        self.audit: AuditLog
        self.identity: Identity
        self.engine: Engine
        self.loop: asyncio.AbstractEventLoop

    def open(self) -> None:
        """Open the store and check the log, the keys, the class policies and the home's own packs.

        Raises `StoreError`, `KeyProblem`, `BadPack`, `BadPolicy`, `AuditProblem`, or `MoveProblem`,
        with nothing left open.
        """
        tuned = self.settings.performance
        self.store = open_store(self.home, largest_batch=tuned.largest_batch)
        try:
            check_startable(self.home)  # with its lock held, so that no move is under way
            self.identity = load_identity(self.home, self.settings, first=_is_new(self.store))
            self.audit = AuditLog.open(
                self.store, self.identity.key, self.identity.node, self.clock
            )
            load_policies(self.settings.hitl)
            _check_packs(self.home, self.settings)
            head = self.audit.head
            self.opening = opening_snapshot(
                self.identity.node, _waiting(self.store), head.size, head.root, self.clock.now()
            )
        except BaseException:
            self.store.close()
            raise

    def start(self) -> None:
        """Open it unless it is open, restore what waits, and serve; returns once it does.

        Raises what `open` does, or `OSError`, with nothing left open.
        """
        if self.opening is None:
            self.open()
        try:
            self._thread.start()
            self._ready.result(START_LIMIT_S)
        except BaseException:
            self.store.close()
            raise

    def stop(self) -> None:
        """Stop serving, make durable what is left, and close. What waits goes on waiting."""
        if self._thread.is_alive() and self._stopping:
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(STOP_LIMIT_S)
        self.store.close()

    @property
    def alive(self) -> bool:
        """Whether the gate's thread runs."""
        return self._thread.is_alive()

    @property
    def ready(self) -> bool:
        """Whether it has started: only then there is an engine to call."""
        return self._ready.done() and self._ready.exception() is None

    def call(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run a coroutine on the gate's thread; any thread may call."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def snapshot(self) -> Snapshot:
        """The newest snapshot; asks the gate's thread for the next one. Never blocks.

        A gate that has failed or hangs makes no other: the last one then says so.
        """
        newest, now = self.engine.snapshot, self.clock.monotonic()
        if newest is not self._newest:
            self._newest, self._owed_since = newest, now
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.engine.refresh)
        silent_s = (now - self._owed_since) / 1e9
        return newest if silent_s < SILENT_AFTER_S else _silent(newest, silent_s)

    def fresh_snapshot(self) -> Snapshot:
        """A snapshot that has seen everything up to now; waits for the gate's thread."""
        return self.call(self.engine.look()).result(FRESH_LIMIT_S)

    def _work(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _main(self) -> None:
        from app.node.engine import Engine

        self.loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self.engine = Engine(
            self.store, self.audit, self.identity, self.settings, self.clock,
            self._serving, self._listener,
        )  # fmt: skip
        await self.engine.start()
        self._ready.set_result(None)
        try:
            await self._stopping.wait()
        finally:
            await self.engine.stop()


def _silent(last: Snapshot, seconds: float) -> Snapshot:
    detail = f"the gate has not answered for {seconds:.0f} s; nothing is decided"
    return replace(last, health=replace(last.health, state="frozen", detail=detail))


def _is_new(store: Store) -> bool:
    return not _told(store, "SELECT EXISTS (SELECT 1 FROM audit_entries)")


def _waiting(store: Store) -> int:
    return _told(store, _WAITING)


def _told(store: Store, query: str) -> int:
    with contextlib.closing(store.reader()) as reader:
        return int(reader.execute(query).fetchone()[0])


def _check_packs(home: Path, settings: Settings) -> None:
    """Raise `BadPack` where the home's own packs cannot be used; those that ship can."""
    if settings.firewall.packs or (home / LEARNED_PACK).exists():
        from app.node.policy import PolicyFiles

        PolicyFiles(home, settings).own_packs()
