"""What an agent's messages tell about its next tool call."""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from assent_client import Piece
from assent_client.adapters.judging import About


def tool_outputs(messages: Sequence[BaseMessage]) -> list[Piece]:
    """What tools gave the agent to read: untrusted, whichever tool it was."""
    return [
        Piece(source=message.name or "tool", text=str(message.text), trusted=False)
        for message in messages
        if isinstance(message, ToolMessage)
    ]


def about(messages: Sequence[BaseMessage]) -> About:
    """The last thing the user asked, what tools gave, and what the agent says it is doing."""
    return {
        "request": _last(messages, HumanMessage),
        "context": tool_outputs(messages),
        "narrative": _last(messages, AIMessage),
    }


def _last(messages: Sequence[BaseMessage], kind: type[BaseMessage]) -> str:
    found = (str(message.text) for message in reversed(messages) if isinstance(message, kind))
    return next(found, "")
