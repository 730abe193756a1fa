"""A real node with consoles elsewhere: links in memory that carry the bytes, and mischief."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from app.desk import DeskError
from app.node.identity import KEYRING_NAME, OPERATORS_FOLDER
from app.remote.consoles import Consoles
from app.remote.desk import RemoteDesk
from app.remote.heartbeat import heartbeat
from app.remote.showing import Kind
from app.settings import Settings
from components.actions import Action
from components.audit_system import LogEntry, Query, query
from components.clock import Clock, SystemClock
from components.keys import Keyring, TrustedKey, parse_verifier_key, update_keyring
from components.views import DecisionView
from tests.support import PATIENCE_S, Asking, RunningNode, running_node, shown, until

Mischief = Callable[[bytes], list[bytes]]
"""What becomes of a message on its way: nothing, itself, more, or something else."""

DROP = Action(tool="query", arguments={"sql": "DROP TABLE customers"})


def honest(message: bytes) -> list[bytes]:
    return [message]


class MemoryLink:
    """One console's way to the node: two queues, each emptied in order by a thread."""

    def __init__(self, up: Callable[[bytes], None]) -> None:
        self.connected = True
        self.up: Mischief = honest
        self.down: Mischief = honest
        self.sent: list[bytes] = []
        self.came: list[bytes] = []
        self._way_up = self._way(lambda: self.up, up, self.sent)
        self._heard: Callable[[bytes], None] = lambda _: None
        self._way_down = self._way(lambda: self.down, self._hand_over, self.came)

    def listen(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard

    def _hand_over(self, payload: bytes) -> None:
        self._heard(payload)

    def send(self, payload: bytes) -> None:
        self._way_up.put(payload)

    def deliver(self, payload: bytes) -> None:
        if self.connected:
            self._way_down.put(payload)

    def close(self) -> None:
        self._way_up.join()
        self.connected = False

    def _way(
        self, mischief: Callable[[], Mischief], to: Callable[[bytes], None], kept: list[bytes]
    ) -> "queue.Queue[bytes]":
        way: queue.Queue[bytes] = queue.Queue()

        def carry() -> None:
            while True:
                message = way.get()
                kept.append(message)
                try:
                    for one in mischief()(message):
                        to(one)
                finally:
                    way.task_done()

        threading.Thread(target=carry, daemon=True).start()
        return way


class Remote:
    """A node in a home, whose operators sit elsewhere."""

    def __init__(self, running: RunningNode) -> None:
        self.keys: dict[str, SigningKey] = {}
        self.links: dict[str, list[MemoryLink]] = {}
        self.vkey = parse_verifier_key(running.node.identity.vkey)
        self.published: list[tuple[str, Kind, bytes]] = []
        self.join(running)

    def join(self, running: RunningNode) -> None:
        """This node, or the same one started anew, takes what consoles send."""
        self.running, self.node = running, running.node
        self.consoles = self.node.call(self._made()).result(PATIENCE_S)
        self.node.engine.listen(self.consoles.hear_event)
        self.node.call(self._ticking())

    async def _made(self) -> Consoles:
        return Consoles(self.node, self._publish)

    async def _ticking(self) -> None:
        consoles = self.consoles
        while consoles is self.consoles:
            await consoles.tick()
            await asyncio.sleep(0.05)

    def _publish(self, operator: str, kind: Kind, payload: bytes) -> None:
        self.published.append((operator, kind, payload))
        for link in self.links.get(operator, ()):
            link.deliver(payload)

    def hear(self, operator: str, payload: bytes) -> None:
        """A message comes on an operator's topic."""
        if self.node.alive:
            self.node.call(self.consoles.hear(operator, payload)).result(PATIENCE_S)

    # People.

    @property
    def keyring(self) -> Path:
        return self.running.home / OPERATORS_FOLDER / KEYRING_NAME

    def enrol(
        self, name: str, tier: int = 3, *, observer: bool = False, key: SigningKey | None = None
    ) -> SigningKey:
        key = self.keys[name] = key or SigningKey.generate()
        trusted = TrustedKey(
            principal=name,
            public=bytes(key.verify_key),
            tier=1 if observer else tier,
            observer=observer,
        )
        update_keyring(self.keyring, lambda ring: ring.enrol(trusted))
        return key

    def revoke(self, name: str) -> None:
        def change(ring: Keyring) -> Keyring:
            for key in ring.of(name):
                ring = ring.revoke(key.key_id)
            return ring

        update_keyring(self.keyring, change)

    def link(self, name: str) -> MemoryLink:
        link = MemoryLink(lambda payload: self._up(name, payload))
        self.links.setdefault(name, []).append(link)
        return link

    def _up(self, name: str, payload: bytes) -> None:
        if self.node.alive:  # not awaited: a console waits for no other message
            self.node.call(self.consoles.hear(name, payload))

    def desk(self, name: str, clock: Clock | None = None, **options: Any) -> RemoteDesk:
        """A desk that has not attached yet."""
        return RemoteDesk(
            self.link(name), self.vkey, name, self.keys[name], clock or SystemClock(), **options
        )

    @contextmanager
    def attached(self, name: str, tier: int = 3, **options: Any) -> Iterator["Sitting"]:
        """An operator at a console elsewhere, attached and looking."""
        if name not in self.keys:
            self.enrol(name, tier, observer=options.pop("enrolled_observer", False))
        desk = self.desk(name, **options)
        sitting = Sitting(self, name, desk, self.links[name][-1])
        with heartbeat(desk.tick, 0.02):
            until(lambda: desk.snapshot().health.state != "frozen", "a snapshot")
            yield sitting
        desk.close()

    # What the node says.

    def entries(self, **wanted: str) -> list[LogEntry]:
        reader = self.node.store.reader()
        try:
            return query(reader, Query(**wanted), limit=100)
        finally:
            reader.close()

    def at_tier_three(self) -> Asking:
        """An agent wants what two people decide."""
        asking = self.running.ask(DROP)
        view = self.running.waiting("query")
        for _ in range(3 - view.tier):
            self.running.desk.escalate(view.id).result(PATIENCE_S)
        return asking


class Sitting:
    """An operator at work."""

    def __init__(self, remote: Remote, name: str, desk: RemoteDesk, link: MemoryLink) -> None:
        self.remote, self.name, self.desk, self.link = remote, name, desk, link

    def waiting(self, tool: str = "", also: Callable[[DecisionView], bool] | None = None) -> Any:
        """The first decision that waits (of a tool), as this console has it."""

        def find() -> DecisionView | None:
            for row in self.desk.snapshot().waiting:
                view = self.desk.decision(row.id)
                if view and tool in {"", view.tool} and (also is None or also(view)):
                    return view
            return None

        return until(find, f"a decision at {self.name}'s console")

    def answer(self, view: DecisionView, kind: Any, **more: Any) -> str:
        code = more.pop("code", view.code)
        return self.desk.answer(shown(view), kind, code=code, **more).result(PATIENCE_S)

    def refused(self, future: Any) -> DeskError:
        error = future.exception(PATIENCE_S)
        assert isinstance(error, DeskError), error
        return error


@contextmanager
def remote_node(home: Path, settings: Settings | None = None) -> Iterator[Remote]:
    with running_node(home, settings) as running:
        remote = Remote(running)
        yield remote
        remote.consoles.close()
