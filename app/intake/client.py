"""The agent's side of the local socket: propose an action, wait for a verdict that holds.

No valid verdict in time is a denial, and so is everything else that is not an allowing verdict
signed by the node whose key lies in the home folder. A connection that breaks is made again, and
the request is sent again under its id: the node answers a request once, however often it comes.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from msgspec import Struct

from app.epoch import Epochs
from app.home import NODE_PUB_NAME, socket_path
from app.intake.link import ANSWER_S, Link, NoNode, OnPending, SocketLink
from app.intake.verdicts import Permission, Pin, no_leave, pinned, weigh
from app.intake.wire import (
    AnyReply,
    Cancel,
    Consume,
    Consumed,
    ErrorReply,
    MetricsQuery,
    MetricsReply,
    OutcomeReport,
    ProposedAction,
    Recorded,
    StatusReply,
    Submit,
    VerdictReply,
    encode,
)
from components.actions import Action, OutcomeStatus, VerdictKind
from components.canonical import digest
from components.clock import Clock, SystemClock
from components.keys import KeyProblem, Keyring

if TYPE_CHECKING:
    from app.intake.mqtt import Target

__all__ = ["Client", "Elsewhere", "NoNode", "Permission", "call", "new_request_id"]

T = TypeVar("T")

_WITHDRAW_S = 1.0
_LONGEST_DETAIL = 4096
_EXPIRED = 408


def new_request_id(now: int) -> str:
    """A UUIDv7 for a request made at `now` (µs)."""
    random = secrets.randbits(74)
    bits = (now // 1000) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random % (1 << 62)
    text = f"{bits:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class Elsewhere(Struct, frozen=True):
    """A node that is reached over a broker; `pin` is the file with its public key."""

    target: "Target"
    pin: Path


class Client:
    """One agent at the node of a home folder (or at a `.sock`, the node's key beside it), or at one
    elsewhere, over its broker.
    """

    def __init__(self, where: Path | Elsewhere, agent: str, clock: Clock | None = None) -> None:
        self.agent = agent
        self.node = ""
        self._clock = clock or SystemClock()
        self._keys = Keyring()
        self._epochs = Epochs()
        if isinstance(where, Elsewhere):
            self._pin = where.pin
            self._link = self._over_broker(where.target)
        else:
            at_socket = where.suffix == ".sock"
            self._pin = (where.parent if at_socket else where) / NODE_PUB_NAME
            path = where if at_socket else socket_path(where.absolute())
            self._link = SocketLink(path, self._check)

    async def __aenter__(self) -> Self:
        await self._link.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up; the next call connects again."""
        await self._link.close()

    async def ask(
        self, action: Action, *, timeout_s: float = 300.0, on_pending: OnPending | None = None
    ) -> Permission:
        """Propose `action` and wait for the verdict, at most `timeout_s`.

        Raises `NoNode` if there is none to begin with, and `ValueError` for an action that no
        message can carry. A wait that is cancelled withdraws the request.
        """
        await self._link.connect()
        submit = self._submission(action, timeout_s)
        encode(submit)  # raises before anything is sent
        try:
            async with asyncio.timeout(timeout_s):
                reply = await self._link.exchange(submit, (VerdictReply,), on_pending)
        except TimeoutError:
            why = ": ".join(filter(None, ("no verdict came in time", self._link.trouble)))
            return no_leave(submit, why, "expired")
        except asyncio.CancelledError:
            withdrawn = Cancel(agent=self.agent, request_id=submit.request_id)
            await self._settle(withdrawn, _WITHDRAW_S)
            raise
        return self._permission(reply, submit)

    async def consume(self, leave: Permission) -> bool:
        """Claim the one use of an allowed action; on False it must not be done."""
        message = Consume(
            agent=self.agent,
            request_id=leave.request_id,
            action_digest=leave.digest,
            nonce=secrets.token_hex(16),
        )
        answer = await self._settle(message, ANSWER_S)
        return isinstance(answer, Consumed) and answer.nonce == message.nonce

    async def outcome(
        self, leave: Permission, status: OutcomeStatus, duration_us: int, detail: str = ""
    ) -> bool:
        """Report what came of the action; True when the node has it durably."""
        message = OutcomeReport(
            agent=self.agent,
            request_id=leave.request_id,
            status=status,
            duration_us=duration_us,
            detail=detail[:_LONGEST_DETAIL],
        )
        return isinstance(await self._settle(message, ANSWER_S), Recorded)

    async def metrics(self) -> str:
        """The node's figures, in the format of OpenMetrics. Raises `NoNode` if it tells none."""
        query = MetricsQuery(request_id=new_request_id(self._clock.now()))
        reply = await self._settle(query, ANSWER_S)
        if isinstance(reply, MetricsReply):
            return reply.text
        reason = reply.reason if isinstance(reply, ErrorReply) else "no answer came in time"
        raise NoNode(f"the node does not tell its figures: {reason}")

    def _over_broker(self, target: "Target") -> Link:
        from app.intake.mqtt_link import MqttLink  # takes a while, and most agents are local

        return MqttLink(target, self._pinned(), self.agent, self._check, self._clock)

    def _pinned(self) -> Pin:
        try:
            return pinned(self._pin)
        except FileNotFoundError:
            raise NoNode(f"{self._pin} is missing: copy it from the node's home") from None
        except (OSError, KeyProblem) as error:
            raise NoNode(f"the node's key cannot be read: {error}") from None

    def _check(self, status: StatusReply) -> None:
        pin = self._pinned()
        if status.key.strip() != pin.vkey:
            raise NoNode(f"the node that answers is not the one whose key is in {self._pin}")
        if self.node not in {"", status.node}:
            raise NoNode(f"the node is now called {status.node}, and was {self.node}")
        if not self._epochs.accept(status.node, status.epoch):
            raise NoNode("the node that answers is an older run: it was replaced")
        self.node, self._keys = status.node, pin.keys

    def _submission(self, action: Action, timeout_s: float) -> Submit:
        now = self._clock.now()
        return Submit(
            node=self.node,
            agent=self.agent,
            request_id=action.id or new_request_id(now),
            attempt=1,
            nonce=secrets.token_hex(16),
            issued_at=now,
            expires_at=now + round(timeout_s * 1e6),
            action=ProposedAction(action.tool, action.arguments),
            action_digest=digest(self.node, self.agent, action.tool, action.arguments),
            request=action.request,
            context=action.context,
            narrative=action.narrative,
        )

    def _permission(self, reply: AnyReply, submit: Submit) -> Permission:
        now = self._clock.now()
        if isinstance(reply, VerdictReply):
            if now >= submit.expires_at:
                return no_leave(submit, "the verdict came after the request's own end", "expired")
            return weigh(bytes(reply.envelope), submit, self._keys, now)
        assert isinstance(reply, ErrorReply)
        kind: VerdictKind = "expired" if reply.code == _EXPIRED else "deny"
        return no_leave(submit, f"{reply.reason} (error {reply.code})", kind)

    async def _settle(
        self, message: Cancel | Consume | OutcomeReport | MetricsQuery, within_s: float
    ) -> AnyReply | None:
        try:
            async with asyncio.timeout(within_s):
                return await self._link.exchange(message, (Consumed, Recorded, MetricsReply))
        except TimeoutError:
            return None


def call(where: Path | Elsewhere, agent: str, use: Callable[[Client], Awaitable[T]]) -> T:
    """Connect, do one thing with the client, hang up; for programs that are not asynchronous."""

    async def connected() -> T:
        async with Client(where, agent) as client:
            return await use(client)

    return asyncio.run(connected())
