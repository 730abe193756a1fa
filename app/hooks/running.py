"""One run of a hook: an event on standard input, one answer, and an end before the deadline.

The agent lets a tool run when its hook breaks or is late. So every way out of here is an answer
that blocks, unless the node's verdict says otherwise: errors, signals, an event loop that hangs.
"""

import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

import msgspec

from app.cli.saying import why
from app.home import home
from app.hooks.calls import Calls, Note
from app.hooks.contract import BLOCK, Contract, Reply
from app.hooks.events import MAX_EVENT, BadEvent, Call, call_of, finished_of, name_of
from app.hooks.last_word import LastWord
from app.hooks.transcript import remembered
from app.intake.client import Client, NoNode, Permission
from components.actions import Action, ContextPiece
from components.canonical import MAX_BYTES
from components.clock import SystemClock

_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_GRACE_S = 2.0  # from the deadline to the moment when the hook ends itself
_TELLING_S = 20.0  # for an outcome, which keeps nobody waiting
_LOOK_S = 1.0  # how often to look whether anybody waits for the answer
_OTHER_BYTES = 48 * 1024  # of a message, besides arguments and outputs
_MOST_CONTEXT = 128 * 1024
_LONGEST_FACT = 400  # characters


def node_for(agent: str) -> Client:
    """The node that is asked. The one place that knows how it is reached."""
    return Client(home(), agent)


def run_hook(contract: Contract, agent: str, timeout_s: float) -> NoReturn:
    """Answer the event on standard input within `timeout_s`, and end."""
    Run(contract, agent, timeout_s).run()


class Run:
    """One run. `_event` is what is being answered, as soon as that is known."""

    def __init__(self, contract: Contract, agent: str, timeout_s: float) -> None:
        self._contract = contract
        self._agent = agent
        self._clock = SystemClock()
        self._end_ns = self._clock.monotonic() + round(timeout_s * 1e9)
        self._last = LastWord()
        self._event = ""

    def run(self) -> NoReturn:
        """Answer and end."""
        for number in _ENDS:
            signal.signal(number, self._stopped)
        guard = threading.Timer(self._left_s() + _GRACE_S, self._late)
        guard.daemon = True
        guard.start()
        try:
            raw = _read_all()
            self._event = name_of(raw)
            if self._event in self._contract.tells:
                self._tell(raw)
            if self._event not in self._contract.asks:
                raise BadEvent(f"{self._contract.title} sent {self._event!r}, which asks nothing")
            asyncio.run(self._answer(call_of(raw)))
        except BaseException as error:
            self._fail(_told(error))

    async def _answer(self, call: Call) -> NoReturn:
        """Ask the node and end; also ends by an answer when it is stopped while it waits."""
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        for number in _ENDS:
            loop.add_signal_handler(number, task.cancel)
        watch = asyncio.create_task(_cancel_when_alone(task, os.getppid()))
        try:
            leave = await self._asked(call)
            watch.cancel()
            self._note(call, leave)
            self._last.say(self._contract.decided(self._event, leave))
        except BaseException as error:
            self._fail(_told(error))

    async def _asked(self, call: Call) -> Permission:
        action = self._action(call)
        async with node_for(self._agent) as node:
            return await node.ask(action, timeout_s=max(0.001, self._left_s()))

    def _action(self, call: Call) -> Action:
        room = MAX_BYTES - _OTHER_BYTES - len(msgspec.json.encode(call.tool_input))
        path = os.path.expanduser(call.transcript_path or "")  # noqa: PTH111 - it may be no path
        found = remembered(path, self._contract.recollect, min(room, _MOST_CONTEXT))
        return Action(
            tool=call.tool_name,
            arguments=call.tool_input,
            request=found.request,
            context=(
                ContextPiece(self._contract.name, False, _circumstances(call)),
                *found.outputs,
            ),
        )

    def _note(self, call: Call, leave: Permission) -> None:
        if not (leave.allowed and call.tool_use_id):
            return
        note = Note(leave.request_id, leave.tool, leave.digest, self._clock.now())
        with suppress(OSError):  # its outcome will not be told; the answer is as good
            Calls(home(), self._agent).note(call.session_id, call.tool_use_id, note)

    def _tell(self, raw: bytes) -> NoReturn:
        """Tell the node what came of a call. Whatever happens, nobody is troubled by it."""
        with suppress(BaseException):
            asyncio.run(asyncio.wait_for(self._report(raw), min(_TELLING_S, self._left_s())))
        self._last.say(Reply(0))

    async def _report(self, raw: bytes) -> None:
        ended = finished_of(raw)
        note = Calls(home(), self._agent).take(ended.session_id, ended.tool_use_id or "")
        if note is None:
            return
        taken = (
            self._clock.now() - note.at if ended.duration_ms is None else ended.duration_ms * 1e3
        )
        leave = Permission(
            request_id=note.request_id, verdict="allow", reasons=(), rule="",
            tool=note.tool, arguments={}, digest=note.digest,
        )  # fmt: skip
        failed = self._contract.tells[self._event]
        async with node_for(self._agent) as node:
            await node.outcome(leave, "failed" if failed else "ok", max(0, round(taken)))

    def _stopped(self, _: int, __: FrameType | None) -> None:
        self._fail("stopped before there was a verdict")

    def _late(self) -> None:
        self._fail("no answer in time")

    def _fail(self, reason: str) -> NoReturn:
        if self._event in self._contract.tells:
            self._last.say(Reply(0))
        try:
            reply = self._contract.failed(self._event, reason)
        except BaseException:
            reply = Reply(BLOCK, err="Assent: failed")
        self._last.say(reply)

    def _left_s(self) -> float:
        return (self._end_ns - self._clock.monotonic()) / 1e9


def _read_all() -> bytes:
    """Standard input to its end, of which at most `MAX_EVENT` bytes and one are kept.

    An agent whose event is not read to the end may take that for a hook that failed.
    """
    if sys.stdin.isatty():
        raise BadEvent("the event comes on standard input, from the agent; see --help")
    raw = sys.stdin.buffer.read(MAX_EVENT + 1)
    while sys.stdin.buffer.read(1024 * 1024):
        pass
    return raw


def _circumstances(call: Call) -> str:
    """Where a call comes from, in a line. It is agent text, as the outputs are."""
    facts: tuple[tuple[str, Any], ...] = (
        ("event", call.hook_event_name),
        ("subagent", call.agent_type),
        ("folder", call.cwd),
        ("permission mode", call.permission_mode),
        ("session", call.session_id),
    )
    return "\n".join(f"{name}: {str(value)[:_LONGEST_FACT]}" for name, value in facts if value)


async def _cancel_when_alone(task: "asyncio.Task[Any]", parent: int) -> None:
    """Give up when whoever started the hook is gone: an answer would reach nobody."""
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells of a parent's end
        await asyncio.sleep(_LOOK_S)
    task.cancel()


def _told(error: BaseException) -> str:
    """What went wrong, in a sentence."""
    if isinstance(error, asyncio.CancelledError):
        return "stopped before there was a verdict"
    if isinstance(error, NoNode):
        return f"{error}; start one with `assent run`, or set ASSENT_HOME to the folder of another"
    if isinstance(error, (ValueError, OSError)):
        return why(error) or type(error).__name__
    return f"failed: {type(error).__name__}"
