"""The node on this machine: its home folder, and the Unix socket in it."""

import asyncio
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from assent_client.canonical import canonical
from assent_client.link import ANSWER_S, MAX_REPLY, Link, NoNode, Reply
from assent_client.signed import NodeKey

_LONGEST_SOCKET_PATH = 100  # bytes; beyond, a node listens in a runtime folder


class LocalLink(Link):
    """One socket connection, made when needed and made again when lost."""

    def __init__(self, where: Path) -> None:
        super().__init__()
        at_socket = where.suffix == ".sock"
        self._pin = (where.parent if at_socket else where) / "node.pub"
        self._where = where
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()

    async def ready(self) -> None:
        """Connect if need be. Raises `NoNode`."""
        await self._connection()

    async def close(self) -> None:
        """Hang up."""
        if self._listener:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        if self._writer:
            await _closed(self._writer)

    async def _send(self, message: dict[str, Any]) -> None:
        writer = await self._connection()
        writer.write(canonical(message) + b"\n")
        await writer.drain()

    async def _connection(self) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is None or self._listener is None or self._listener.done():
                try:
                    async with asyncio.timeout(ANSWER_S):
                        reader, self._writer = await self._greet()
                except (OSError, ValueError) as error:
                    why = str(error) or "it is silent"
                    raise NoNode(f"no node answers at {self._where}: {why}") from None
                self._listener = asyncio.create_task(self._listen(reader, self._writer))
            return self._writer

    async def _greet(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        key = NodeKey.read(self._pin)
        reader, writer = await asyncio.open_unix_connection(
            _socket(self._where), limit=MAX_REPLY + 1
        )
        try:
            writer.write(canonical({"v": 1, "kind": "status"}) + b"\n")
            status = Reply.read(await reader.readline()).body
            if status.get("key") != key.text:
                raise ValueError(f"it is not the one whose key is in {self._pin}")
            self.node, self.key = str(status.get("node")), key
        except BaseException:
            await _closed(writer)
            raise
        return reader, writer

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self._deliver(Reply.read(line))
        except (OSError, ValueError):
            pass  # a node that breaks the protocol is as good as gone
        finally:
            self._lost()
            writer.close()


def default_home() -> Path:
    """`ASSENT_HOME`, or the platform's data folder."""
    if chosen := os.environ.get("ASSENT_HOME"):
        return Path(chosen)
    data = os.environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(data):  # noqa: PTH117 - an empty text is no path
        return Path(data) / "assent"
    mac = sys.platform == "darwin"
    return Path.home() / ("Library/Application Support" if mac else ".local/share") / "assent"


def _socket(where: Path) -> Path:
    """Where the node of a home listens: there, or in the runtime folder if that path is long."""
    if where.suffix == ".sock":
        return where
    home = where.absolute()
    path = home / "assent.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = f"assent/{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}.sock"
    return next((folder / name for folder in _runtime() if (folder / name).is_socket()), path)


def _runtime() -> Iterator[Path]:
    chosen = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(chosen):  # noqa: PTH117
        yield Path(chosen)
    if sys.platform == "darwin":
        yield Path.home() / "Library/Caches/TemporaryItems"
    yield Path(f"/run/user/{os.getuid()}")
    yield Path(tempfile.gettempdir()) / f"runtime-{os.getuid()}"


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
