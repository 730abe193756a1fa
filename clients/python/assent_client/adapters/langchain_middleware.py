"""A LangChain middleware that has every tool call judged right before it runs."""

import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.messages import BaseMessage, ToolMessage
from langgraph.errors import GraphBubbleUp
from langgraph.types import Command

from assent_client import Assent, AsyncAssent, Piece
from assent_client.adapters.judging import (
    About,
    Call,
    Client,
    Judgement,
    failed,
    judge_all,
    judge_all_async,
)
from assent_client.adapters.langchain_messages import about, tool_outputs

Result = ToolMessage | Command[Any]
Context = Callable[[Sequence[BaseMessage]], Sequence[Piece]]


class AssentMiddleware(AgentMiddleware):
    """Runs what Assent allows, with the arguments it allows, and reports what came of it.

    Put it last in the list of middleware, so that nothing changes a call after it was judged.
    `context` picks what the judges see of the conversation; beyond 256 KiB the call is denied.
    """

    def __init__(
        self,
        assent: Client,
        *,
        context: Context = tool_outputs,
        timeout_s: float | None = None,
    ) -> None:
        super().__init__()
        self._assent = Assent.sharing(assent)
        self._awaited = AsyncAssent.sharing(assent)
        self._context = context
        self._timeout_s = timeout_s

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Result]
    ) -> Result:
        """Judge, run, report. A call that is denied becomes a message with status `error`."""
        judged, assent = self._judge(request), self._assent
        if judged.permission is None:
            return _denied(request, judged)
        started = time.perf_counter_ns()
        try:
            result = handler(_as_judged(request, judged))
        except GraphBubbleUp:
            raise  # the tool paused the graph; when it goes on, the call is judged anew
        except BaseException as error:  # also where it is cancelled: it may be half done
            with contextlib.suppress(Exception):
                assent.outcome(judged.permission, *_outcome(started, error))
            raise
        with contextlib.suppress(Exception):
            assent.outcome(judged.permission, *_outcome(started, result))
        return _noted(result, judged)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Result]]
    ) -> Result:
        """As `wrap_tool_call`."""
        judged, assent = await self._ajudge(request), self._awaited
        if judged.permission is None:
            return _denied(request, judged)
        started = time.perf_counter_ns()
        try:
            result = await handler(_as_judged(request, judged))
        except GraphBubbleUp:
            raise
        except BaseException as error:
            with contextlib.suppress(Exception):
                await assent.outcome(judged.permission, *_outcome(started, error))
            raise
        with contextlib.suppress(Exception):
            await assent.outcome(judged.permission, *_outcome(started, result))
        return _noted(result, judged)

    def _judge(self, request: ToolCallRequest) -> Judgement:
        try:
            return judge_all(self._assent, [_call(request)], **self._about(request))[0]
        except Exception as error:
            return failed(error)

    async def _ajudge(self, request: ToolCallRequest) -> Judgement:
        try:
            known = self._about(request)
            return (await judge_all_async(self._awaited, [_call(request)], **known))[0]
        except Exception as error:
            return failed(error)

    def _about(self, request: ToolCallRequest) -> About:
        messages = _messages(request.state)
        return {
            **about(messages),
            "context": self._context(messages),
            "timeout_s": self._timeout_s,
        }


def _messages(state: Any) -> Sequence[BaseMessage]:
    if isinstance(state, list):
        return state
    found = state.get("messages") if isinstance(state, dict) else getattr(state, "messages", None)
    return found or ()


def _call(request: ToolCallRequest) -> Call:
    return Call(request.tool_call["name"], request.tool_call["args"])


def _as_judged(request: ToolCallRequest, judged: Judgement) -> ToolCallRequest:
    return request.override(tool_call={**request.tool_call, "args": judged.arguments})


def _denied(request: ToolCallRequest, judged: Judgement) -> ToolMessage:
    call = request.tool_call
    return ToolMessage(judged.why, name=call["name"], tool_call_id=call["id"], status="error")


def _outcome(started: int, result: Result | BaseException) -> tuple[bool, int, str]:
    """What `Assent.outcome` takes: whether it went well, microseconds, and what went wrong."""
    duration_us = (time.perf_counter_ns() - started) // 1000
    if isinstance(result, BaseException):
        return False, duration_us, f"{type(result).__name__}: {result}"
    if isinstance(result, ToolMessage) and result.status == "error":
        return False, duration_us, str(result.text)
    return True, duration_us, ""


def _noted(result: Result, judged: Judgement) -> Result:
    """Tell the model what ran where that is not what it called."""
    if not judged.modified or not isinstance(result, ToolMessage):
        return result
    note = f"The operator changed the arguments. What ran: {judged.arguments}"
    content = (
        f"{note}\n{result.content}"
        if isinstance(result.content, str)
        else [{"type": "text", "text": note}, *result.content]
    )
    return result.model_copy(update={"content": content})
