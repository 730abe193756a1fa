"""Who sits at the console: the operator in the seat, and how another person takes it."""

import asyncio

from app import people
from app.deed_desk import Seat
from app.desk import DeskError, Person
from app.node.node import Node
from components.audit_system import Entry
from components.keys import KeyProblem, Unauthorised


class Seats:
    """Holds the seat. The console's own operator has it first, and may always take it back."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._own = Seat(node.identity.operator, node.identity.operator_key)
        self.taken = self._own

    def people(self) -> tuple[Person, ...]:
        """Who may sit here: the console's own operator first, then those with a locked key."""
        try:
            rows = people.enrolled(self._node.home, self._node.clock.now())
        except KeyProblem as problem:
            raise DeskError(str(problem), 401) from problem
        valid = [row for row in rows if row.state == "valid" and not row.observer]
        return tuple(
            Person(row.name, row.tier, locked=False) for row in valid if row.name == self._own.name
        ) + tuple(
            Person(row.name, row.tier, locked=True)
            for row in valid
            if row.name != self._own.name and row.opens == "passphrase"
        )

    def tier(self, seat: Seat) -> int:
        """Up to what tier somebody in the seat may act; `DeskError` for who may not any more."""
        node = self._node
        try:
            return node.identity.keyring().find_answering(seat.key_id, node.clock.now()).tier
        except (KeyProblem, Unauthorised) as problem:
            raise DeskError(str(problem), 401) from problem

    async def switch(self, name: str, passphrase: str) -> str:
        """Seat another person, once it is recorded. Runs on the gate's thread."""
        before = self.taken
        if name == before.name:
            return f"{name} is the operator already"
        seat = await self._opened(name, passphrase)
        tier = self.tier(seat)
        await self._node.engine.core.note(
            Entry(
                kind="operator.switched",
                operator=name,
                detail={"from": before.name, "key_id": seat.key_id, "tier": tier},
            )
        )
        self.taken = seat
        return f"{name} answers now, up to tier {tier}"

    async def _opened(self, name: str, passphrase: str) -> Seat:
        if name == self._own.name:
            return self._own
        home, now = self._node.home, self._node.clock.now()
        try:
            # Half a second of work: not on this thread, nor on the console's.
            return Seat(name, await asyncio.to_thread(people.unlock, home, name, passphrase, now))
        except (KeyProblem, Unauthorised) as problem:
            raise DeskError(str(problem), 401) from problem
