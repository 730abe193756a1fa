"""The Unix socket that agents talk to: one strict JSON object a line, many in flight."""

import asyncio
import contextlib
import os
import select
import socket
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from app.intake import wire
from app.intake.answering import Answering

MAX_CONNECTIONS = 1_000
MAX_IN_FLIGHT = 256
"""Messages of one connection that are being answered; beyond, its lines wait in the kernel."""

_LOOK_S = 1.0
"""How often it is looked whether somebody who says no more still listens."""


class SocketServer:
    """Serves one gate's answers on one path."""

    def __init__(self, path: Path, answering: Answering) -> None:
        self.answering = answering
        self._path = path
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


class _Asks(Struct):
    """Who asks for what, in a line that was understood."""

    agent: str = ""
    request_id: str = ""


class _Place:
    """A place among the messages that are being answered; given back once."""

    def __init__(self, room: asyncio.Semaphore) -> None:
        self._room: asyncio.Semaphore | None = room
        self.task: asyncio.Task[None] | None = None
        self.of = ("", "")

    def free(self) -> None:
        """Give it back."""
        room, self._room = self._room, None
        if room is not None:
            room.release()


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
        self._waiting: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Read until the agent hangs up; who only ends what it says is answered first."""
        with contextlib.suppress(ConnectionError):
            while line := await self._line():
                await self._writer.drain()  # who does not read what is told is not read either
                await self._room.acquire()
                place = _Place(self._room)
                task = place.task = asyncio.create_task(self._handle(line, place))
                self._tasks.add(task)
                task.add_done_callback(partial(self._finished, place))
            if self._reader.at_eof():
                await self._answered()
        for task in tuple(self._tasks):
            task.cancel()

    async def _line(self) -> bytes:
        try:
            return (await self._reader.readuntil(b"\n"))[:-1] or b" "
        except asyncio.IncompleteReadError as end:
            return end.partial
        except asyncio.LimitOverrunError:
            self.send(wire.refuse(413, f"a line is longer than {wire.MAX_LINE} bytes"))
            return b""

    async def _answered(self) -> None:
        """Wait for what is being answered, as long as somebody is there to hear it."""
        while self._tasks and not self._is_deserted():
            await asyncio.wait(self._tasks, timeout=_LOOK_S)

    def _is_deserted(self) -> bool:
        """Whether the other end is closed as a whole, not only for writing."""
        if self._writer.is_closing():
            return True
        hung_up = select.poll()
        hung_up.register(self._writer.get_extra_info("socket").fileno(), select.POLLHUP)
        return bool(hung_up.poll(0))

    def _finished(self, place: "_Place", task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._waiting.get(place.of) is task:
            del self._waiting[place.of]
        place.free()

    async def _handle(self, line: bytes, place: "_Place") -> None:
        def send(reply: wire.Reply) -> None:
            self.send(reply)
            if isinstance(reply, wire.Pending):
                self._wait(line, place)

        self.send(await self._server.answering.reply(line, send))
        # Errors too: who does not read them gets no more room, or they would fill the memory.
        with contextlib.suppress(ConnectionError):  # it is gone; it asks again when it is back
            await self._writer.drain()

    def _wait(self, line: bytes, place: "_Place") -> None:
        """A person is asked: that keeps nobody from being answered.

        Who asks for the same again is answered once, and the earlier line is not.
        """
        place.free()
        who = msgspec.json.decode(line, type=_Asks)
        place.of = who.agent, who.request_id
        earlier = self._waiting.get(place.of)
        if earlier is not None and earlier is not place.task:
            earlier.cancel()
        if place.task is not None:
            self._waiting[place.of] = place.task

    def send(self, reply: wire.Reply) -> None:
        """Queue one reply."""
        if not self._writer.is_closing():
            self._writer.write(wire.encode(reply))

    def close(self) -> None:
        """Hang up."""
        self._writer.close()
