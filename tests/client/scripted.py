"""A node that answers as a test tells it to, over a real socket, with real signatures."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec import Raw
from nacl.signing import SigningKey

from app.home import NODE_PUB_NAME, socket_path
from app.intake.wire import (
    VERDICT_TYPE,
    AnyMessage,
    Consume,
    Consumed,
    Recorded,
    Reply,
    StatusQuery,
    StatusReply,
    Submit,
    VerdictReply,
    decode,
    encode,
)
from components.actions import Receipt, Verdict
from components.keys import key_id, sign_dsse, verifier_key

FAR = 2**52  # µs: long after any test

Answer = Callable[["ScriptedNode", AnyMessage, "Hand"], Awaitable[None]]


class Hand:
    """One connection, as a script sees it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    def send(self, reply: Reply) -> None:
        self.writer.write(encode(reply))

    def hang_up(self) -> None:
        self.writer.close()


class ScriptedNode:
    """Answers submissions by `script`, one entry each, the last one again and again."""

    def __init__(self, home: Path, *script: Answer) -> None:
        self.home = home
        self.key = SigningKey.generate()
        self.node = "n1"
        self.vkey = verifier_key(self.node, self.key)
        self.script = list(script) or [allow]
        self.lines: list[bytes] = []
        self.heard: list[AnyMessage] = []
        self.news = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._hands: list[Hand] = []
        (home / NODE_PUB_NAME).write_text(self.vkey + "\n")

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(
            self._serve, socket_path(self.home), limit=2**20
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for hand in self._hands:
            hand.hang_up()
        await self._server.wait_closed()
        socket_path(self.home).unlink(missing_ok=True)
        self._server = None

    def of(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.heard if isinstance(message, kind)]

    async def until(self, kind: type[Any], count: int = 1) -> None:
        while len(self.of(kind)) < count:
            self.news.clear()
            await self.news.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hand = Hand(writer)
        self._hands.append(hand)
        try:
            while line := await reader.readline():
                message = decode(line[:-1])
                self.lines.append(line)
                self.heard.append(message)
                self.news.set()
                await self._answer(message, hand)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(self, message: AnyMessage, hand: Hand) -> None:
        match message:
            case StatusQuery():
                hand.send(
                    StatusReply(
                        node=self.node, state="open", key=self.vkey, epoch=1, valid_until=FAR
                    )
                )
            case Submit():
                answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                await answer(self, message, hand)
            case Consume():
                hand.send(Consumed(request_id=message.request_id, at=1, nonce=message.nonce))
            case _:
                hand.send(Recorded(request_id=message.request_id))

    def sealed(
        self,
        message: Submit,
        *,
        key: SigningKey | None = None,
        kind: str = VERDICT_TYPE,
        **more: Any,
    ) -> VerdictReply:
        """A verdict on `message`, allowing unless `more` says otherwise, signed."""
        body = {
            "verdict_id": "v1",
            "node": message.node,
            "request_id": message.request_id,
            "agent": message.agent,
            "action_digest": message.action_digest,
            "verdict": "allow",
            "reasons": ("no rule objects",),
            "rule": "gate.nothing-objects",
            "stages": (),
            "policy_version": "p",
            "issued_at": message.issued_at,
            "not_after": FAR,
            "audit": Receipt(1, "00"),
        }
        payload = msgspec.json.encode(Verdict(**{**body, **more}))
        signer = key or self.key
        envelope = sign_dsse(kind, payload, signer, key_id(self.key.verify_key.encode()))
        return VerdictReply(request_id=message.request_id, envelope=Raw(envelope))


def verdict(**more: Any) -> Answer:
    """A script entry: answer with a verdict."""

    async def answer(node: ScriptedNode, message: AnyMessage, hand: Hand) -> None:
        assert isinstance(message, Submit)
        hand.send(node.sealed(message, **more))

    return answer


allow = verdict()


def reply(make: Callable[[Submit], Reply]) -> Answer:
    """A script entry: answer with what `make` makes of the submission."""

    async def answer(node: ScriptedNode, message: AnyMessage, hand: Hand) -> None:
        assert isinstance(message, Submit)
        hand.send(make(message))

    return answer


async def hang_up(node: ScriptedNode, message: AnyMessage, hand: Hand) -> None:
    """A script entry: break the connection without an answer."""
    hand.hang_up()


async def say_nothing(node: ScriptedNode, message: AnyMessage, hand: Hand) -> None:
    """A script entry: no answer at all."""
