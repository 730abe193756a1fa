"""What is sent to the node is sent until it is answered, whatever brings it there."""

import asyncio
import random
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from assent_client.canonical import Malformed, parse
from assent_client.signed import NodeKey

MAX_MESSAGE = 256 * 1024
MAX_REPLY = 2 * MAX_MESSAGE
ANSWER_S = 10.0
"""How long to wait for what a node answers at once, in seconds."""

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What can name an agent or a node."""

_SILENCE_S = 30.0  # after that much silence the same message is sent again
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 2.0


class NoNode(Exception):  # noqa: N818 - it says what is missing
    """No node can be reached, or not the one whose key is pinned; the text says which."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the node says about a request."""

    kind: str
    request_id: str
    body: dict[str, Any]

    @classmethod
    def read(cls, raw: bytes) -> "Reply":
        """Raises `Malformed` for what is no reply."""
        if len(raw) > MAX_REPLY:
            raise Malformed(f"{len(raw)} bytes; at most {MAX_REPLY} are accepted")
        match parse(raw):
            case {"kind": str(kind)} as body if isinstance(body.get("request_id", ""), str):
                return cls(kind, body.get("request_id", ""), body)
        raise Malformed("no reply of this protocol")

    @property
    def retry_after_s(self) -> float | None:
        """After how long the same message may be sent again; None if it may not."""
        if self.kind != "error" or self.body.get("retryable") is not True:
            return None
        wait: object = self.body.get("retry_after_ms")
        return float(wait) / 1000 if isinstance(wait, int) and wait >= 0 else 0.0


class Link(ABC):
    """A connection that mends itself. `node` and `key` are known once it is `ready`.

    Of one event loop. `trouble` is what last kept it from working, for people.
    """

    node: str
    key: NodeKey
    trouble = ""

    def __init__(self) -> None:
        self._inboxes: dict[str, asyncio.Queue[Reply | None]] = {}  # None: send it again

    @abstractmethod
    async def ready(self) -> None:
        """Connect if need be. Raises `NoNode` where waiting would not help."""

    @abstractmethod
    async def close(self) -> None:
        """Hang up."""

    @abstractmethod
    async def _send(self, message: dict[str, Any]) -> None:
        """Send once it can be sent. Raises `NoNode` or `OSError`."""

    async def exchange(self, message: dict[str, Any], wanted: str) -> Reply:
        """Send until an answer of the wanted kind comes, or an error that no retry mends.

        Does not end by itself while no node answers: bound it with a timeout.
        """
        request_id = message["request_id"]
        inbox = self._inboxes[request_id] = asyncio.Queue()
        try:
            attempt = 0
            while True:
                attempt += 1
                if message["kind"] == "submit":
                    message = {**message, "attempt": attempt}
                reply = await self._attempt(message, inbox, wanted)
                if reply and (reply.kind == wanted or reply.retry_after_s is None):
                    return reply
                if reply:
                    self.trouble = str(reply.body.get("reason"))
                asked = reply.retry_after_s if reply else None
                await asyncio.sleep(asked or _pause(attempt))
        finally:
            if self._inboxes.get(request_id) is inbox:  # not one that came after
                del self._inboxes[request_id]

    async def _attempt(
        self, message: dict[str, Any], inbox: "asyncio.Queue[Reply | None]", wanted: str
    ) -> Reply | None:
        """Send once; the answer that ends the attempt, or None if it was lost."""
        try:
            await self._send(message)
            self.trouble = ""
            async with asyncio.timeout(_SILENCE_S):
                while reply := await inbox.get():
                    if reply.kind in {wanted, "error"}:
                        return reply
        except (NoNode, OSError) as error:  # OSError: also the TimeoutError of a silent node
            self.trouble = str(error) or self.trouble
        return None

    def _deliver(self, reply: Reply) -> None:
        if inbox := self._inboxes.get(reply.request_id):
            inbox.put_nowait(reply)

    def _lost(self) -> None:
        """What was sent may have been lost: have it sent again."""
        for inbox in self._inboxes.values():
            inbox.put_nowait(None)


def _pause(attempt: int) -> float:
    """Seconds until the next attempt: longer each time, spread by chance."""
    growing = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(attempt, 10))
    return growing * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
