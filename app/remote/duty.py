"""Who is attached: let in, kept while they renew it and are trusted, recorded, and shown."""

import contextlib
from typing import Any

from app.desk import DeskError
from app.node.node import Node
from app.node.service import DeskService
from app.remote.attached import Attached
from app.remote.offers import Offers
from app.remote.wire import LEASE_S, Sync
from components.audit_system import Entry
from components.gate import Refusal
from components.keys import KeyProblem, TrustedKey, Unauthorised
from components.views import DutyRow

MOST_ATTACHED = 64


class Duty:
    """The operators at consoles elsewhere, by name. On the gate's thread."""

    def __init__(self, node: Node, service: DeskService) -> None:
        self._node = node
        self._engine = node.engine
        self._clock = node.clock
        self._service = service
        self.attached: dict[str, Attached] = {}

    async def sync(self, sync: Sync, key: TrustedKey) -> Attached:
        """Let somebody in, or hear that they are still there or leave. Raises `DeskError`."""
        name, until = key.principal, self._clock.monotonic() + int(LEASE_S * 1e9)
        known = self.attached.get(name)
        # A second console of somebody who answers may observe; it sees to that by itself.
        observer = key.observer or (sync.observer and (known is None or known.observer))
        if known is None and len(self.attached) >= MOST_ATTACHED:
            raise DeskError("too many operators are attached already", 429)
        if known is not None and (known.key, known.observer) == (key, observer):
            attached = known
        else:
            offers = Offers(self._engine.queue, self._service)
            attached = Attached(key, observer, offers, self._clock.now(), until)
        attached.renew(until)
        attached.offers.have(sync.have)
        if sync.leaving:
            await self._detach(name, "left")
        elif attached is not known:
            await self._attach(attached)
        return attached

    async def look(self) -> None:
        """Detach who was not heard for a while, or is trusted no more."""
        now = self._clock.monotonic()
        late = [(name, "not heard") for name, one in self.attached.items() if one.until < now]
        for name, why in late + self._distrusted():
            await self._detach(name, why)

    def close(self) -> None:
        """Nobody is attached any more."""
        for one in self.attached.values():
            one.leave()
        self.attached.clear()
        self._show()

    async def _attach(self, one: Attached) -> None:
        if before := self.attached.get(one.key.principal):
            before.leave()
        self.attached[one.key.principal] = one
        self._show()
        detail = {"key_id": one.key.key_id, "tier": one.key.tier, "observer": one.observer}
        await self._note("operator.attached", one.key.principal, detail)

    async def _detach(self, name: str, why: str) -> None:
        if gone := self.attached.pop(name, None):
            gone.leave()
            self._show()
            await self._note("operator.detached", name, {"reason": why})

    async def _note(self, kind: str, operator: str, detail: dict[str, Any]) -> None:
        # A frozen store takes no note; who comes to see after it is let in all the same.
        with contextlib.suppress(Refusal):
            await self._engine.core.note(Entry(kind=kind, operator=operator, detail=detail))

    def _show(self) -> None:
        self._engine.duty = tuple(
            DutyRow(name, one.key.tier, one.observer, one.since)
            for name, one in sorted(self.attached.items())
        )

    def _distrusted(self) -> list[tuple[str, str]]:
        """Who is attached by a key that is trusted no more, or otherwise than it was."""
        if not self.attached:
            return []
        try:
            ring, now = self._node.identity.keyring(), self._clock.now()
        except KeyProblem:
            return [(name, "the keyring cannot be read") for name in self.attached]
        found = []
        for name, one in self.attached.items():
            try:
                if ring.find(one.key.key_id, now) != one.key:
                    found.append((name, "the keyring was changed"))
            except Unauthorised as error:
                found.append((name, str(error)))
        return found
