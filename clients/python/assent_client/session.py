"""One agent's business with one node, on a loop of its own in a thread of its own.

So that a program that waits elsewhere, or whose own loop is busy, keeps its connection, and so
that programs with and without a loop do the same in the same way.
"""

import asyncio
import atexit
import copy
import secrets
import selectors
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from assent_client.canonical import Malformed, action_digest, canonical
from assent_client.link import ANSWER_S, MAX_MESSAGE, NAME, Link, NoNode
from assent_client.permission import Permission, Question, VerdictKind

T = TypeVar("T")
_Selector: type[selectors.BaseSelector] = getattr(
    selectors, "PollSelector", selectors.DefaultSelector
)
"""Not epoll: a forked child that lets go of its copy would take the parent's sockets out of it."""
_WITHDRAW_S = 1.0
_LONGEST_DETAIL = 4096
_EXPIRED = 408


class Session:
    """Asks over the link that `connect` makes. Its coroutines run through `start`."""

    def __init__(self, connect: Callable[[], Link], agent: str) -> None:
        if not NAME.fullmatch(agent):
            raise ValueError(
                f"{agent!r} cannot name an agent: letters, digits, _ . - only, 64 at most"
            )
        self.agent = agent
        self._connect = connect
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self._link = connect()  # tells now what cannot be meant

    def start(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run a coroutine on the session's loop; any thread may call."""
        with self._guard:
            if not self._runs():
                self._loop = asyncio.SelectorEventLoop(_Selector())
                self._link = self._connect()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name=f"assent-{self.agent}", daemon=True
                )
                self._thread.start()
                atexit.register(self.close)  # or a task that never ended is told of
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Hang up; what still waits is denied. The next call connects again."""
        with self._guard:
            atexit.unregister(self.close)
            if self._runs() and self._thread:
                asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._loop.close()
                self._thread = None

    def _runs(self) -> bool:
        """Whether the thread is there. What a fork left of the parent's is made silent."""
        if self._thread is None or self._thread.is_alive():
            return self._thread is not None
        self._loop.set_exception_handler(lambda _, __: None)
        return False

    async def _end(self) -> None:
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await self._link.close()

    def question(self, tool: str, arguments: dict[str, Any], **more: Any) -> Question:
        """An action to ask about, under an id of its own; `arguments` are copied."""
        fault = ""
        try:
            canonical(arguments)
        except Malformed as error:
            fault, arguments = str(error), {}
        return Question(
            agent=self.agent,
            request_id=_uuid7(),
            tool=tool,
            arguments=copy.deepcopy(arguments),
            fault=fault,
            **more,
        )

    async def ask(self, asked: Question, timeout_s: float) -> Permission:
        """Wait for the verdict, at most `timeout_s`; whatever goes wrong is a denial."""
        if asked.fault:
            return asked.refused(asked.fault)
        try:
            expires_at = _now() + round(timeout_s * 1e6)
            async with asyncio.timeout(timeout_s):
                await self._link.ready()
                node = self._link.node
                digest = action_digest(node, self.agent, asked.tool, asked.arguments)
                asked = replace(asked, node=node, digest=digest, expires_at=expires_at)
                message = asked.submission(secrets.token_hex(16), _now())
                if len(canonical({**message, "attempt": 2**50})) > MAX_MESSAGE:
                    return asked.refused(f"a request has {MAX_MESSAGE} bytes at most")
                reply = await self._link.exchange(message, "verdict")
        except TimeoutError:
            why = ": ".join(filter(None, ("no verdict came in time", self._link.trouble)))
            return asked.refused(why, "expired")
        except (NoNode, Malformed) as error:
            return asked.refused(str(error))
        except asyncio.CancelledError:
            return asked.refused("the wait was given up")
        except Exception as error:  # an agent must never take a fault for leave
            return asked.refused(f"failed: {error!r}")
        if reply.kind == "verdict":
            return asked.weigh(reply.body.get("envelope"), self._link.key, _now())
        code = reply.body.get("code")
        kind: VerdictKind = "expired" if code == _EXPIRED else "deny"
        return asked.refused(f"{reply.body.get('reason')} (error {code})", kind)

    async def withdraw(self, asked: Question) -> bool:
        """Take back a question that may still wait for a person."""
        return await self._settle("cancel", "recorded", asked.request_id, _WITHDRAW_S)

    async def consume(self, permission: Permission) -> bool:
        """Claim the one use of an allowed action; on False it must not be done.

        An answer that was lost is asked for again. The node says `consumed` once, so that a
        repetition can only make a True into a False; and it says to whom, since others may listen
        under this agent's name.
        """
        nonce = secrets.token_hex(16)
        return permission.allowed and await self._settle(
            "consume",
            "consumed",
            permission.request_id,
            action_digest=permission.digest,
            nonce=nonce,
        )

    async def outcome(
        self, permission: Permission, ok: bool, duration_us: int, detail: str
    ) -> bool:
        """Report what came of the action; True when the node has it durably."""
        return await self._settle(
            "outcome",
            "recorded",
            permission.request_id,
            status="ok" if ok else "failed",
            duration_us=duration_us,
            detail=detail.encode(errors="backslashreplace").decode()[:_LONGEST_DETAIL],
        )

    async def _settle(
        self, kind: str, wanted: str, request_id: str, within_s: float = ANSWER_S, **more: Any
    ) -> bool:
        message = {"v": 1, "kind": kind, "agent": self.agent, "request_id": request_id, **more}
        with suppress(TimeoutError, ValueError, asyncio.CancelledError):
            async with asyncio.timeout(within_s):
                reply = await self._link.exchange(message, wanted)
                return reply.kind == wanted and reply.body.get("nonce") == message.get("nonce")
        return False


def _now() -> int:
    return time.time_ns() // 1000


def _uuid7() -> str:
    bits = secrets.randbits(74)
    low = 0b10 << 62 | bits & (1 << 62) - 1
    text = f"{(_now() // 1000) << 80 | 7 << 76 | bits >> 62 << 64 | low:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
