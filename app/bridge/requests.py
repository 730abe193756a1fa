"""Agents' requests over MQTT: each judged once, and answered until it is heard.

Runs on the bridge's loop; the gate is asked on its own. What waits for a person holds nothing
here: when it is decided, the store says that the verdict goes out this way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from app.bridge.checks import AgentMessage, read
from app.bridge.outbox import Entry, Key, Outbox
from app.bridge.topics import Origin, Topics
from app.intake import wire
from app.intake.answering import Answering
from app.intake.mqtt import Packet, ended
from components.actions import Verdict
from components.clock import Clock
from components.gate.records import read_verdict
from components.keys import payload_of
from storage import SteadyReader

ROUTE = "mqtt"
"""How the store calls the way of requests that came here."""

MAX_IN_FLIGHT = 2_000
"""Requests being judged, beyond which more are answered 429."""

_RETRY_MS = 500
_LATE_S = 60
"""How long a broker keeps an answer whose request is at its end."""

_UNSENT = (
    "SELECT agent, request_id, verdict, expires_at FROM requests "
    "WHERE route=? AND state='decided' AND received_at>?"
)
_ONE = "SELECT verdict, expires_at FROM requests WHERE agent=? AND request_id=? AND route=?"
_LONGEST_US = 86_400 * 1_000_000

OnGate = Callable[[Coroutine[Any, Any, wire.Reply]], "Future[wire.Reply]"]
Publish = Callable[[Packet], Awaitable[bool]]


class Requests:
    """Answers what agents send to a node."""

    def __init__(
        self,
        topics: Topics,
        answering: Answering,
        on_gate: OnGate,
        publish: Publish,
        reader: SteadyReader,
        clock: Clock,
    ) -> None:
        self._topics = topics
        self._answering = answering
        self._on_gate = on_gate
        self._publish = publish
        self._reader = reader
        self._clock = clock
        self.outbox = Outbox(clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight = 0
        self.ignored = 0

    def resume(self) -> None:
        """Take up what a node before this one may not have sent."""
        now = self._clock.now()
        for agent, request_id, payload, expires_at in self._reader.execute(
            _UNSENT, (ROUTE, now - _LONGEST_US)
        ):
            verdict = read_verdict(payload)
            until = _wanted_until(verdict, expires_at)
            if until > now:
                reply = self._answering.sealed(request_id, payload)
                self._put((agent, request_id), reply, verdict, until)

    def hear(self, packet: Packet, origin: Origin) -> None:
        """Take a message; the answer follows. What was planted to be kept is no request."""
        if packet.retain:
            self.ignored += 1
            return
        came = self._clock.monotonic()
        try:
            message = read(
                packet, origin, self._topics.response(origin.principal), self._clock.now()
            )
        except wire.BadMessage as bad:
            self.start(self._send(origin.principal, bad.reply()))
            return
        if self._in_flight >= MAX_IN_FLIGHT:
            busy = wire.refuse(
                429, "the node is busy", request_id=message.request_id, retry_after_ms=_RETRY_MS
            )
            self.start(self._send(origin.principal, busy))
            return
        self._in_flight += 1
        self.start(self._handle(message, came))

    def decided(self, agent: str, request_id: str) -> None:
        """A person, or time, decided: if the request came this way, its verdict goes this way."""
        row = self._reader.execute(_ONE, (agent, request_id, ROUTE)).fetchone()
        if row is None or not row[0]:
            return
        payload, expires_at = row
        self.start(self._release((agent, request_id), payload, expires_at))

    async def resend(self) -> None:
        """Send again what is due."""
        for entry in self.outbox.due():
            await self._post(entry)

    async def resend_all(self) -> None:
        """Send everything again, as to a broker that may have forgotten it."""
        for entry in self.outbox.all():
            await self._post(entry)

    async def stop(self) -> None:
        """Give up what is being answered; agents ask again."""
        await ended(*self._tasks)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something until it ends, or everything does."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, message: AgentMessage, came: int) -> None:
        try:
            reply = await asyncio.wrap_future(self._on_gate(self._judged(message, came)))
        finally:
            self._in_flight -= 1
        key = message.agent, message.request_id
        if isinstance(reply, wire.Consumed | wire.Recorded):
            self.outbox.settle(key)
        if isinstance(reply, wire.VerdictReply) and isinstance(message, wire.Submit):
            self._keep(message, reply)
        await self._send(message.agent, reply)

    async def _judged(self, message: AgentMessage, came: int) -> wire.Reply:
        """On the gate's loop: the verdict, or that somebody is asked, whichever is first."""
        told: asyncio.Future[wire.Reply] = asyncio.get_running_loop().create_future()

        def hear(reply: wire.Reply) -> None:
            if not told.done():
                told.set_result(reply)

        answer = asyncio.ensure_future(self._answering.reply_to(message, hear, came, ROUTE))
        try:
            await asyncio.wait((answer, told), return_when=asyncio.FIRST_COMPLETED)
            return answer.result() if answer.done() else told.result()
        finally:
            answer.cancel()

    def _keep(self, message: wire.Submit, reply: wire.VerdictReply) -> None:
        """An allow is sent again until it is used, reported or at its end; a deny is not."""
        verdict = read_verdict(payload_of(bytes(reply.envelope)))
        if verdict.verdict == "allow":
            until = _wanted_until(verdict, message.expires_at)
            self._put((message.agent, message.request_id), reply, verdict, until)

    async def _release(self, key: Key, payload: bytes, expires_at: int) -> None:
        verdict, soon = read_verdict(payload), self._clock.now() + _LATE_S * 1_000_000
        until = max(_wanted_until(verdict, expires_at), soon)
        await self._post(self._put(key, self._answering.sealed(key[1], payload), verdict, until))

    def _put(self, key: Key, reply: wire.VerdictReply, verdict: Verdict, until: int) -> Entry:
        only_told = verdict.verdict != "allow"
        return self.outbox.put(key, self._packet(key[0], reply, until), until, only_told=only_told)

    async def _post(self, entry: Entry) -> None:
        if await self._publish(entry.packet) and entry.only_told:
            self.outbox.settle(entry.key)

    async def _send(self, agent: str, reply: wire.Reply) -> None:
        await self._publish(self._packet(agent, reply, self._clock.now() + _LATE_S * 1_000_000))

    def _packet(self, agent: str, reply: wire.Reply, until: int) -> Packet:
        request_id = getattr(reply, "request_id", "")
        return Packet(
            topic=self._topics.response(agent),
            payload=wire.encode(reply).removesuffix(b"\n"),
            correlation=request_id.encode() or None,
            expiry_s=max(1, (until - self._clock.now()) // 1_000_000),
        )


def _wanted_until(verdict: Verdict, expires_at: int) -> int:
    """Until when an agent has a use for a verdict (µs UTC)."""
    return max(expires_at, verdict.not_after) if verdict.verdict == "allow" else expires_at
