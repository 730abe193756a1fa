"""This node's log before witnesses: its newest checkpoint for all, and what they cosigned of it.

Each witness says from where on it wants proof; the proofs travel with the checkpoint.
"""

import asyncio
from collections.abc import Sequence
from contextlib import closing

from app.bridge.cosigning import CosignedNote, Pace, Publish, read_note
from app.bridge.feed import checkpoint_body
from app.bridge.topics import Topics
from app.home import WITNESS_FOLDER
from app.intake.mqtt import Packet, Subscription
from app.node.node import Node
from components.audit_system import (
    AuditProblem,
    Cosigned,
    MalformedNote,
    WitnessKey,
    newest_from_each,
    read_checkpoint,
)
from components.keys import parse_verifier_key
from storage import StoreError

LATE = "witness-late"
SHORTER = "log-shorter"


class Witnesses:
    """Tells the newest checkpoint, and keeps what these witnesses cosign. Of the bridge's loop;
    what waits for the disk is beside it. Without witnesses every step may tell a checkpoint.
    """

    def __init__(
        self, node: Node, keys: Sequence[WitnessKey], publish: Publish, pace: Pace
    ) -> None:
        self._node = node
        self._name = node.identity.node
        self._topic = Topics(self._name).checkpoint
        self._witnesses = {Topics(key.name).cosign(self._name): key for key in keys}
        self._vkey = parse_verifier_key(node.identity.vkey)
        self._kept = Cosigned(node.home / WITNESS_FOLDER)
        self._publish = publish
        self._clock = node.clock
        self._every_ns = round(pace.every_s * 1e9) if keys else 0
        self._late_ns = round(pace.late_s * 1e9)
        self._heard: dict[str, bytes] = {}
        self._sizes: dict[str, int] = {}
        self._cosigned: dict[str, int] = {}
        self._behind: dict[str, int] = {}
        self._told, self._told_from = -1, dict[str, int]()
        self._next = 0
        self.ignored = 0

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """What the witnesses say of this log, also what they said already."""
        return tuple(Subscription(topic, retained=True) for topic in self._witnesses)

    def hear(self, packet: Packet) -> bool:
        """Take what a witness says, in place of what it said before; False for anything else."""
        if packet.topic not in self._witnesses:
            return False
        self._heard[packet.topic] = packet.payload
        return True

    def forget(self) -> None:
        """Tell everything again, as to a broker that may have forgotten it; nobody is late yet."""
        self._told = -1
        self._behind.clear()

    async def step(self) -> None:
        """Keep what was said, tell the newest checkpoint where that is due, look what is amiss."""
        heard, self._heard = self._heard, {}
        for topic, payload in heard.items():
            await self._take(self._witnesses[topic], payload)
        if self._clock.monotonic() >= self._next and self._is_news():
            await self._tell()
        self._look()

    async def _take(self, witness: WitnessKey, payload: bytes) -> None:
        try:
            size, cosigned = await asyncio.to_thread(self._keep, witness, payload)
        except AuditProblem:
            self.ignored += 1
            return
        self._sizes[witness.name] = size
        if cosigned > self._cosigned.get(witness.name, 0):
            self._cosigned[witness.name] = cosigned
            self._behind.pop(witness.name, None)

    def _keep(self, witness: WitnessKey, payload: bytes) -> tuple[int, int]:
        """The size that a witness remembers, and that of the checkpoint that it cosigned."""
        told = read_note(payload, CosignedNote)
        if told.node != witness.name:
            raise MalformedNote(f"{told.node!r} speaks as {witness.name!r}")
        if not told.note:
            return told.size, 0
        self._kept.add(told.note, self._vkey, (witness,))
        return told.size, read_checkpoint(told.note).size

    def _is_news(self) -> bool:
        """Whether the log grew, or a witness that is behind wants proof from elsewhere."""
        size = self._node.engine.audit.head.size
        return size != self._told or any(
            wanted not in {size, self._told_from.get(name)} for name, wanted in self._sizes.items()
        )

    async def _tell(self) -> None:
        began, wanted = self._clock.monotonic(), dict(self._sizes)
        try:
            size, body = await asyncio.to_thread(self._body, wanted)
        except (AuditProblem, StoreError):
            return  # whoever watches the store says so; the next step tries again
        if await self._publish(Packet(topic=self._topic, payload=body, retain=True)):
            self._told, self._told_from = size, wanted
            self._next = began + self._every_ns

    def _body(self, wanted: dict[str, int]) -> tuple[int, bytes]:
        """The newest checkpoint with a proof for each witness that knows a part of the log."""
        with closing(self._node.store.reader()) as reader:
            newest, proofs = newest_from_each(reader, set(wanted.values()) - {0})
        texts = {name: str(proofs[size]) for name, size in wanted.items() if size in proofs}
        return newest.size, checkpoint_body(self._name, newest.note, texts)

    def _look(self) -> None:
        now, size = self._clock.monotonic(), self._node.engine.audit.head.size
        for witness in self._witnesses.values():
            if self._cosigned.get(witness.name, 0) < size:
                self._behind.setdefault(witness.name, now)
            else:
                self._behind.pop(witness.name, None)
        late = sorted(name for name, since in self._behind.items() if now - since > self._late_ns)
        known = max(self._cosigned.values(), default=0)
        report = self._node.engine.conditions.report
        report(LATE, f"cosigned by {', '.join(late)} no more, while the log grows" if late else "")
        report(
            SHORTER,
            f"{known:,} entries of this log were cosigned, and it has {size:,}: it was rolled "
            "back, or goes on elsewhere"
            if known > size
            else "",
        )
