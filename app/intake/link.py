"""A connection to the node that mends itself: what is sent over it is sent until it is answered."""

import asyncio
import itertools
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec.structs import replace

from app.intake.wire import (
    MAX_REPLY,
    AnyReply,
    Cancel,
    Consume,
    ErrorReply,
    MetricsQuery,
    OutcomeReport,
    Pending,
    StatusQuery,
    StatusReply,
    Submit,
    decode_reply,
    encode,
)

ANSWER_S = 10.0
"""How long to wait for what a node answers at once, in seconds."""

_SILENCE_S = 30.0  # after that much silence the same request is sent again
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 2.0
_CODE_GONE = 503
_chance = random.SystemRandom()  # a generator of its own: the shared one is its user's to seed

_Inbox = asyncio.Queue[AnyReply | None]  # None: the connection was lost

Request = Submit | Cancel | Consume | OutcomeReport | MetricsQuery
OnPending = Callable[[Pending], None]
Check = Callable[[StatusReply], None]


class NoNode(Exception):  # noqa: N818 - it says what is missing
    """No node answers, or not the one whose key is pinned; the text says which."""


class Link(ABC):
    """One way to a node, made when needed and made again when lost.

    `trouble` is why what was sent last has to be sent again, for people.
    """

    trouble = ""

    def __init__(self) -> None:
        self._inboxes: dict[str, _Inbox] = {}

    @abstractmethod
    async def connect(self) -> None:
        """Have a connection to the node whose key is pinned; `NoNode` if there is none."""

    @abstractmethod
    async def close(self) -> None:
        """Hang up."""

    @abstractmethod
    async def _send(self, message: Request) -> None:
        """Send once. Raises `NoNode` or `OSError`."""

    async def exchange(
        self,
        message: Request,
        wanted: tuple[type[AnyReply], ...],
        on_pending: OnPending | None = None,
    ) -> AnyReply:
        """Send until an answer of a wanted kind comes, or an error that no retry mends.

        Does not end by itself while no node answers: bound it with a timeout.
        """
        with self._inbox(message.request_id) as inbox:
            for attempt in itertools.count(1):
                if isinstance(message, Submit):
                    message = replace(message, attempt=attempt)
                reply = await self._attempt(message, inbox, wanted, on_pending)
                if not isinstance(reply, ErrorReply) or not reply.retryable:
                    break
                self.trouble = reply.reason
                await asyncio.sleep(_pause(attempt, reply))
            return reply

    async def _attempt(
        self,
        message: Request,
        inbox: _Inbox,
        wanted: tuple[type[AnyReply], ...],
        on_pending: OnPending | None,
    ) -> AnyReply:
        """Send once; the answer that ends the attempt."""
        try:
            await self._send(message)
            while True:
                async with asyncio.timeout(_SILENCE_S):
                    reply = await inbox.get()
                if reply is None:
                    return _lost("the connection was lost")
                if isinstance(reply, (ErrorReply, *wanted)):
                    return reply
                self.trouble = ""  # it waits
                if isinstance(reply, Pending) and on_pending:
                    on_pending(reply)
        except (NoNode, OSError) as error:  # OSError: also the TimeoutError of a silent node
            return _lost(str(error))

    def _deliver(self, reply: AnyReply) -> None:
        request_id = "" if isinstance(reply, StatusReply) else reply.request_id
        if inbox := self._inboxes.get(request_id):
            inbox.put_nowait(reply)

    def _broken(self) -> None:
        """Whoever waits for an answer sends again."""
        self._fail(None)

    def _fail(self, reply: ErrorReply | None) -> None:
        """Tell whoever waits for an answer."""
        for inbox in self._inboxes.values():
            inbox.put_nowait(reply)

    @contextmanager
    def _inbox(self, request_id: str) -> Iterator[_Inbox]:
        inbox = self._inboxes[request_id] = _Inbox()
        try:
            yield inbox
        finally:
            del self._inboxes[request_id]


class SocketLink(Link):
    """A connection to the Unix socket of a node on this machine.

    `check` judges the node's own word of who it is, at every connection; it raises `NoNode`.
    """

    def __init__(self, socket: Path, check: Check) -> None:
        super().__init__()
        self._socket = socket
        self._check = check
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()

    async def connect(self) -> None:
        """Have a connection to the node; `NoNode` if there is none."""
        await self._connected()

    async def _send(self, message: Request) -> None:
        writer = await self._connected()
        writer.write(encode(message))
        await writer.drain()

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is None or self._listener is None or self._listener.done():
                try:
                    async with asyncio.timeout(ANSWER_S):
                        reader, writer = await self._greet()
                except (OSError, ValueError) as error:
                    why = getattr(error, "strerror", None) or str(error) or "it is silent"
                    raise NoNode(f"no node answers at {self._socket}: {why}") from None
                self._writer = writer
                self._listener = asyncio.create_task(self._listen(reader, writer))
            return self._writer

    async def close(self) -> None:
        """Hang up."""
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        if self._writer is not None:
            await _closed(self._writer)

    async def _greet(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_unix_connection(self._socket, limit=MAX_REPLY + 1)
        try:
            writer.write(encode(StatusQuery()))
            status = decode_reply((await reader.readline()).removesuffix(b"\n"))
            if not isinstance(status, StatusReply):
                raise ValueError("it does not say who it is")
            self._check(status)
        except BaseException:
            await _closed(writer)
            raise
        return reader, writer

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self._deliver(decode_reply(line.removesuffix(b"\n")))
        except (OSError, ValueError):
            pass  # a node that breaks the protocol is as good as gone
        finally:
            writer.close()
            self._broken()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def _lost(reason: str) -> ErrorReply:
    return ErrorReply(code=_CODE_GONE, reason=reason, retryable=True)


def _pause(attempt: int, reply: AnyReply) -> float:
    """Seconds until the next attempt: the node's word, or longer each time, spread by chance."""
    asked = reply.retry_after_ms / 1000 if isinstance(reply, ErrorReply) else 0.0
    growing = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(attempt, 10))
    return asked or growing * _chance.uniform(0.5, 1.0)
