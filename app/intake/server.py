"""The Unix socket that agents talk to: one strict JSON object a line, many in flight.

The socket answers for what the gate says and adds nothing: whatever cannot be understood or
recorded is an error, and an error means deny.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Raw

from app.intake import wire
from app.tuning import AGENT
from components.actions import Action, Outcome
from components.canonical import Malformed, digest
from components.clock import Clock
from components.gate import Gate, Pending, Refusal, Released, Submission
from components.monitor.timer import Recorder

MAX_CONNECTIONS = 1_000
MAX_IN_FLIGHT = 256
"""Messages of one connection that are being answered; beyond, its lines wait in the kernel."""

Seal = Callable[[bytes], bytes]
"""Signs a verdict's bytes into a DSSE envelope."""


class SocketServer:
    """Serves one gate on one path. `status` makes the answer to a status query, `metrics` the text
    of one for figures.

    `parsing` records what it takes to understand a request and compute its digest; one that is
    refused for its form was understood as well as can be.
    """

    def __init__(
        self,
        path: Path,
        gate: Gate,
        node: str,
        clock: Clock,
        seal: Seal,
        status: Callable[[], wire.StatusReply],
        metrics: Callable[[], Awaitable[str]],
        parsing: Recorder | None = None,
    ) -> None:
        self._path = path
        self._gate = gate
        self._node = node
        self._clock = clock
        self._seal = seal
        self._status = status
        self._metrics = metrics
        self._parsing = parsing
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def start(self) -> None:
        """Listen. A socket file left by a dead node is replaced; the caller holds the lock."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listener.bind(str(self._path))
        finally:
            os.umask(before)
        listener.listen(256)
        listener.setblocking(False)
        self._server = await asyncio.start_unix_server(
            self._serve, sock=listener, limit=wire.MAX_LINE
        )

    async def stop(self) -> None:
        """Stop listening and hang up; what waits goes on waiting in the store."""
        if self._server:
            self._server.close()
        for connection in tuple(self._connections):
            connection.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, reader, writer)
        if len(self._connections) >= MAX_CONNECTIONS:
            connection.send(wire.refuse(429, "too many connections", retry_after_ms=1000))
            writer.close()
            return
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            connection.close()

    async def answer(
        self, message: wire.AnyMessage, send: "Send", came: int | None = None
    ) -> wire.Reply:
        """The reply to one message; `send` takes what comes before it.

        `came` is when its line came (ns, monotonic), for what is measured.
        """
        if getattr(message, "agent", "").lower() == AGENT:
            raise Refusal(403, "this is the name under which the node itself asks", field="agent")
        match message:
            case wire.StatusQuery():
                return self._status()
            case wire.MetricsQuery():
                return wire.MetricsReply(request_id=message.request_id, text=await self._metrics())
            case wire.Submit():
                return await self._submit(self._parsed(message, came), send)
            case wire.Query():
                found = await self._gate.query(message.agent, message.request_id)
                return self._found(message.request_id, found)
            case wire.Cancel():
                await self._gate.cancel(message.agent, message.request_id)
            case wire.Consume():
                at = await self._gate.consume(
                    message.agent, message.request_id, message.action_digest
                )
                return wire.Consumed(request_id=message.request_id, at=at)
            case wire.OutcomeReport():
                await self._gate.outcome(
                    Outcome(
                        request_id=message.request_id,
                        agent=message.agent,
                        status=message.status,
                        duration_us=message.duration_us,
                        detail=message.detail,
                    )
                )
        return wire.Recorded(request_id=message.request_id)

    async def _submit(self, submission: Submission, send: "Send") -> wire.Reply:
        request_id = submission.action.id
        released = await self._gate.submit(
            submission,
            lambda pending: send(self._found(request_id, pending)),
        )
        return self._found(request_id, released)

    def _parsed(self, message: wire.Submit, came: int | None) -> Submission:
        try:
            return self._submission(message)
        finally:
            self.parsed(came)

    def parsed(self, came: int | None) -> None:
        """A line that came then is understood, or refused."""
        if self._parsing is not None and came is not None:
            self._parsing.record(self._clock.monotonic() - came)

    def now(self) -> int:
        """The clock by which lines come (ns, monotonic)."""
        return self._clock.monotonic()

    def _submission(self, message: wire.Submit) -> Submission:
        if message.node != self._node:
            raise Refusal(404, f"this node is {self._node}", field="node")
        proposed = message.action
        try:
            computed = digest(self._node, message.agent, proposed.tool, proposed.arguments)
        except Malformed as error:
            raise Refusal(422, str(error), field="action") from None
        if computed != message.action_digest:
            raise Refusal(422, "the digest is not this action's", field="action_digest")
        action = Action(
            tool=proposed.tool,
            arguments=proposed.arguments,
            id=message.request_id,
            agent=message.agent,
            request=message.request,
            context=message.context,
            narrative=message.narrative,
        )
        return Submission(
            action=action,
            digest=computed,
            expires_at=message.expires_at,
            attempt=message.attempt,
        )

    def _found(self, request_id: str, found: Released | Pending) -> wire.Reply:
        if isinstance(found, Pending):
            return wire.Pending(
                request_id=request_id, decision_id=found.decision_id, deadline=found.deadline
            )
        return wire.VerdictReply(request_id=request_id, envelope=Raw(self._seal(found.payload)))


Send = Callable[[wire.Reply], None]


class _Connection:
    """One agent's connection: reads lines, answers each in its own time."""

    def __init__(
        self, server: SocketServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._room = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Read until the agent hangs up."""
        with contextlib.suppress(ConnectionError):
            while line := await self._line():
                await self._room.acquire()
                task = asyncio.create_task(self._handle(line))
                self._tasks.add(task)
                task.add_done_callback(self._finished)
        for task in tuple(self._tasks):
            task.cancel()

    async def _line(self) -> bytes:
        try:
            return (await self._reader.readuntil(b"\n"))[:-1] or b" "
        except asyncio.IncompleteReadError:
            return b""
        except asyncio.LimitOverrunError:
            self.send(wire.refuse(413, f"a line is longer than {wire.MAX_LINE} bytes"))
            return b""

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.release()

    async def _handle(self, line: bytes) -> None:
        request_id = ""
        came = self._server.now()
        try:
            message = wire.decode(line)
            request_id = getattr(message, "request_id", "")
            self.send(await self._server.answer(message, self.send, came))
        except wire.BadMessage as bad:
            self._server.parsed(came)
            self.send(bad.reply())
        except Refusal as refusal:
            self.send(
                wire.refuse(
                    refusal.code,
                    refusal.reason,
                    request_id=request_id,
                    field=refusal.field,
                    retry_after_ms=refusal.retry_after_ms or 0,
                )
            )
        except Exception as error:  # the agent must hear a deny, whatever it was
            self.send(wire.refuse(500, f"failed: {type(error).__name__}", request_id=request_id))
        # Errors too: who does not read them gets no more room, or they would fill the memory.
        with contextlib.suppress(ConnectionError):  # it is gone; it asks again when it is back
            await self._writer.drain()

    def send(self, reply: wire.Reply) -> None:
        """Queue one reply."""
        if not self._writer.is_closing():
            self._writer.write(wire.encode(reply))

    def close(self) -> None:
        """Hang up."""
        self._writer.close()
