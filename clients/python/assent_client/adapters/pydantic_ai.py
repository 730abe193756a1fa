"""Pydantic AI: tool calls that need approval are decided by Assent.

A tool is asked about if it says so: `@agent.tool_plain(requires_approval=True)`, or a toolset's
`approval_required()`; the agent's output type has to include `DeferredToolRequests`.
"""

from collections.abc import Sequence
from typing import Any, Unpack

from pydantic_ai import (
    Agent,
    AgentRunResult,
    DeferredToolRequests,
    DeferredToolResults,
    ModelMessage,
    ModelResponse,
    ToolApproved,
    ToolDenied,
    ToolReturnPart,
    UserPromptPart,
)

from assent_client import Piece
from assent_client.adapters.judging import About, Call, Client, Judgement, judge_all_async


async def decide(
    assent: Client, requests: DeferredToolRequests, **about: Unpack[About]
) -> DeferredToolResults:
    """Decide all calls that wait for approval. Calls to be run elsewhere are left to the caller."""
    asked = requests.approvals
    calls = [Call(call.tool_name, call.args or {}, call.tool_call_id) for call in asked]
    judged = await judge_all_async(assent, calls, **about)
    ids = [call.tool_call_id for call in asked]
    return DeferredToolResults(approvals=dict(zip(ids, map(_approval, judged), strict=True)))


async def run(
    agent: Agent[Any, Any],
    prompt: str | Sequence[Any] | None,
    assent: Client,
    *,
    timeout_s: float | None = None,
    **options: Any,
) -> AgentRunResult[Any]:
    """Run an agent and decide what it asks until it ends; `options` are those of `Agent.run`.

    It also ends at a turn with calls to be run elsewhere. Limits of usage hold for all of it.
    """
    result = await agent.run(prompt, **options)
    while isinstance(result.output, DeferredToolRequests) and not result.output.calls:
        messages = result.all_messages()
        known: About = {**about(messages), "timeout_s": timeout_s}
        results = await decide(assent, result.output, **known)
        going_on = {
            "message_history": messages,
            "deferred_tool_results": results,
            "usage": result.usage,
        }
        result = await agent.run(**{**options, **going_on})
    return result


def about(messages: Sequence[ModelMessage]) -> About:
    """What messages tell: what the user asked last, what tools gave, what the agent said."""
    parts = [part for message in messages for part in message.parts]
    prompts = [_text(part.content) for part in parts if isinstance(part, UserPromptPart)]
    said = [message.text or "" for message in messages if isinstance(message, ModelResponse)]
    return {
        "request": prompts[-1] if prompts else "",
        "context": [
            Piece(source=part.tool_name, text=part.model_response_str())
            for part in parts
            if isinstance(part, ToolReturnPart)
        ],
        "narrative": said[-1] if said else "",
    }


def _approval(judged: Judgement) -> bool | ToolApproved | ToolDenied:
    if not judged.allowed:
        return ToolDenied(judged.why)
    return ToolApproved(override_args=judged.arguments) if judged.modified else True


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = (part if isinstance(part, str) else getattr(part, "content", "") for part in content)
    return "\n".join(text for text in texts if isinstance(text, str))
