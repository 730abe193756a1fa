"""The faces of a session: one that waits, and one that awaits."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, TypedDict, TypeVar, Unpack

from assent_client.link import Link
from assent_client.local import LocalLink, default_home
from assent_client.permission import Permission, Piece
from assent_client.session import Session

T = TypeVar("T")


class BrokerOptions(TypedDict, total=False):
    """What is needed behind a broker: the `node`, and the file of its `key` (its `node.pub`).

    `ca`, `cert` and `keyfile` are PEM files; `username` is the agent's name unless given.
    """

    node: str
    key: str | os.PathLike[str]
    ca: str
    cert: str
    keyfile: str
    username: str
    password: str


class _Face:
    def __init__(
        self,
        where: str | os.PathLike[str] | None = None,
        agent: str = "agent",
        *,
        timeout_s: float = 300.0,
        **broker: Unpack[BrokerOptions],
    ) -> None:
        connect: Callable[[], Link]
        if str(where).startswith(("mqtt://", "mqtts://")):
            from assent_client.mqtt import MqttLink  # asks for the extra `mqtt`

            connect = partial(MqttLink, str(where), agent, **broker)
        elif broker:
            raise TypeError(f"{', '.join(broker)}: only with the URL of a broker, mqtts://…")
        else:
            connect = partial(LocalLink, Path(where) if where else default_home())
        self.session = Session(connect, agent)
        self.timeout_s = timeout_s

    @classmethod
    def sharing(cls, other: "_Face") -> Self:
        """This face of another's session."""
        face = cls.__new__(cls)
        face.session, face.timeout_s = other.session, other.timeout_s
        return face


class Assent(_Face):
    """An agent at a node, whose calls wait; any thread may make them.

    `where` is the node's home folder (default: `ASSENT_HOME`, or the platform's data folder), the
    path of its `.sock`, or the URL of a broker, `mqtts://host[:port]` or `mqtt://…`, with
    `BrokerOptions`. Raises `ValueError` or `TypeError` for what cannot be meant, and nothing else:
    whatever goes wrong later is a denial.
    """

    def ask(
        self,
        tool: str,
        arguments: dict[str, Any],
        *,
        request: str = "",
        context: Sequence[Piece] = (),
        narrative: str = "",
        timeout_s: float | None = None,
    ) -> Permission:
        """Propose an action and wait for the verdict. Never raises for a denial.

        `request` is what the user asked for, `context` what the agent had read, `narrative` why
        it does this. A wait that is interrupted withdraws the question.
        """
        session = self.session
        asked = session.question(
            tool, arguments, request=request, context=tuple(context), narrative=narrative
        )
        limit = self.timeout_s if timeout_s is None else timeout_s
        waiting = session.start(session.ask(asked, limit))
        try:
            return waiting.result()
        except BaseException:
            waiting.cancel()
            self._wait(session.withdraw(asked))
            raise

    def consume(self, permission: Permission) -> bool:
        """Claim the one use of an allowed action; on False it must not be done."""
        return self._wait(self.session.consume(permission))

    def outcome(self, permission: Permission, ok: bool, duration_us: int, detail: str = "") -> bool:
        """Report what came of the action; True when the node has it durably."""
        return self._wait(self.session.outcome(permission, ok, duration_us, detail))

    def close(self) -> None:
        """Hang up; the next call connects again."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.session.start(work).result()


class AsyncAssent(_Face):
    """As `Assent`, with calls that are awaited, on any loop."""

    async def ask(
        self,
        tool: str,
        arguments: dict[str, Any],
        *,
        request: str = "",
        context: Sequence[Piece] = (),
        narrative: str = "",
        timeout_s: float | None = None,
    ) -> Permission:
        """As `Assent.ask`; a wait that is cancelled withdraws the question."""
        session = self.session
        asked = session.question(
            tool, arguments, request=request, context=tuple(context), narrative=narrative
        )
        limit = self.timeout_s if timeout_s is None else timeout_s
        try:
            return await self._await(session.ask(asked, limit))
        except asyncio.CancelledError:
            await self._await(session.withdraw(asked))
            raise

    async def consume(self, permission: Permission) -> bool:
        """As `Assent.consume`."""
        return await self._await(self.session.consume(permission))

    async def outcome(
        self, permission: Permission, ok: bool, duration_us: int, detail: str = ""
    ) -> bool:
        """As `Assent.outcome`."""
        return await self._await(self.session.outcome(permission, ok, duration_us, detail))

    async def close(self) -> None:
        """Hang up; the next call connects again."""
        await asyncio.to_thread(self.session.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(self.session.start(work))
