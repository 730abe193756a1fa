"""OpenAI Agents SDK: tool calls that need approval are decided by Assent.

A tool is asked about if it says so: `@function_tool(needs_approval=True)`. The SDK runs a call as
the model wrote it or not at all; so where the operator changed the arguments, it is rejected, and
the model is told what to call instead.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from agents import Agent, Runner, RunResult, RunResultStreaming, RunState
from agents.items import ToolApprovalItem

from assent_client import Piece
from assent_client.adapters.judging import About, Call, Client, changed, judge_all_async


async def resolve(
    assent: Client, result: RunResult | RunResultStreaming, **about: Unpack[About]
) -> RunState[Any]:
    """Decide all interruptions of a result; `Runner.run(agent, state)` goes on from there."""
    state = result.to_state()
    items = result.interruptions
    judged = await judge_all_async(assent, [_call(item) for item in items], **about)
    for item, decided in zip(items, judged, strict=True):
        if decided.allowed and not decided.modified:
            state.approve(item)
        else:
            why = changed(decided, item.name) if decided.allowed else decided.why
            state.reject(item, rejection_message=why)
    return state


async def run(
    agent: Agent[Any],
    input: str | list[Any],  # noqa: A002 - as `Runner.run` has it
    assent: Client,
    *,
    timeout_s: float | None = None,
    **options: Any,
) -> RunResult:
    """Run an agent and decide its interruptions until it ends; `options` are `Runner.run`'s."""
    result = await Runner.run(agent, input, **options)
    while result.interruptions:
        known: About = {**about(result.to_input_list()), "timeout_s": timeout_s}
        state = await resolve(assent, result, **known)
        result = await Runner.run(agent, state, **options)
    return result


def about(items: Sequence[Any]) -> About:
    """What input items tell: what the user asked last, what tools gave, what the agent said."""
    known = [item for item in items if isinstance(item, Mapping)]
    names = {item.get("call_id"): item["name"] for item in known if item.get("name")}
    return {
        "request": _last(known, "user"),
        "context": [
            Piece(source=_source(item, names), text=_text(item["output"]))
            for item in known
            if item.get("output")
        ],
        "narrative": _last(known, "assistant"),
    }


def _call(item: ToolApprovalItem) -> Call:
    return Call(item.qualified_name or item.name, item.arguments, item.call_id or "")


def _source(item: Mapping[str, Any], names: Mapping[Any, Any]) -> str:
    return str(item.get("name") or names.get(item.get("call_id")) or "tool")


def _last(items: Sequence[Mapping[str, Any]], role: str) -> str:
    found = (_text(item.get("content")) for item in reversed(items) if item.get("role") == role)
    return next(found, "")


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    return "\n".join(
        str(part["text"])
        if isinstance(part, Mapping) and "text" in part
        else json.dumps(part, default=str)
        for part in parts
    )
