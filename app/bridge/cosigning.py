"""This node as a witness: it cosigns the logs of other nodes, which it hears at the broker.

Each answer is told with `retain`, so that a node that was away finds the newest one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct

from app.bridge.feed import CheckpointNote
from app.bridge.topics import Topics
from app.home import WITNESS_FOLDER
from app.intake.mqtt import Packet, Subscription
from app.node.node import Node
from components.audit_system import (
    AuditProblem,
    Consistency,
    MalformedNote,
    Stale,
    Witness,
    parse_consistency,
)
from components.canonical import Malformed, parse
from components.keys import VerifierKey

T = TypeVar("T")
Publish = Callable[[Packet], Awaitable[bool]]


class Pace(Struct, frozen=True):
    """How often (s) a checkpoint goes to witnesses, and how often a witness answers, at most;
    after how long (s) without a cosignature of a log that grows a witness is late.
    """

    every_s: float = 10.0
    late_s: float = 600.0


class CosignedNote(Struct, frozen=True):
    """What a witness says of a log: the checkpoint it cosigned just now, empty for none, and of
    how many entries the log was when it last did: there its proof must begin.
    """

    node: str
    size: Annotated[int, Meta(ge=0)]
    note: str = ""
    v: Literal[1] = 1


_encode = msgspec.json.Encoder().encode


def read_note(payload: bytes, kind: type[T]) -> T:
    """A body as it came. Raises `MalformedNote`."""
    try:
        return msgspec.convert(parse(payload), kind)
    except (Malformed, msgspec.ValidationError) as error:
        raise MalformedNote(f"the body cannot be read: {error}") from None


class Cosigning:
    """Cosigns the logs of these keys. Of the bridge's loop; what waits for the disk is beside it.

    A log that is caught is a condition of the node: see `app.node.witnessing`.
    """

    def __init__(
        self, node: Node, logs: Iterable[VerifierKey], publish: Publish, pace: Pace
    ) -> None:
        identity = node.identity
        self._node = identity.node
        self._topics = Topics(identity.node)
        self._logs = {Topics(log.name).checkpoint: log for log in logs}
        self._witness = Witness(node.home / WITNESS_FOLDER, identity.node, identity.key, node.clock)
        self._publish = publish
        self._clock = node.clock
        self._every_ns = round(pace.every_s * 1e9)
        self._heard: dict[str, bytes] = {}
        self._next: dict[str, int] = {}
        self.ignored = 0

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """The checkpoints of those logs, also such as are there already."""
        return tuple(Subscription(topic, retained=True) for topic in self._logs)

    def hear(self, packet: Packet) -> bool:
        """Take a checkpoint, in place of one that was not looked at yet; False for what is none."""
        if packet.topic not in self._logs:
            return False
        self._heard[packet.topic] = packet.payload
        return True

    async def step(self) -> None:
        """Answer what is due."""
        now = self._clock.monotonic()
        for topic in [one for one in self._heard if now >= self._next.get(one, 0)]:
            log, payload = self._logs[topic], self._heard.pop(topic)
            self._next[topic] = now + self._every_ns
            try:
                answer = await asyncio.to_thread(self._answer, log, payload)
            except AuditProblem:
                self.ignored += 1
            else:
                await self._publish(
                    Packet(topic=self._topics.cosign(log.name), payload=answer, retain=True)
                )

    def _answer(self, log: VerifierKey, payload: bytes) -> bytes:
        told = read_note(payload, CheckpointNote)
        proofs = {} if told.proofs is UNSET else told.proofs
        text = proofs.get(self._node)
        proof = Consistency() if text is None else parse_consistency(text)
        try:
            note = self._witness.cosign(told.checkpoint, str(log), proof)
        except Stale:
            note = ""
        return _encode(CosignedNote(self._node, self._witness.size(log.name), note))
