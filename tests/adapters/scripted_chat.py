"""A chat model for LangChain that says what a test tells it to."""

import itertools
from collections.abc import Sequence
from typing import Any

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage


class Scripted(GenericFakeChatModel):
    """Says its messages in turn; it knows all tools that it is given."""

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> "Scripted":
        return self


def calling(*turns: Sequence[tuple[str, dict[str, Any]]]) -> Scripted:
    """A model that makes these calls, turn by turn, and then says that it is done."""
    ids = (f"call-{number}" for number in itertools.count(1))
    messages = [
        AIMessage("I will do it.", tool_calls=[_call(*call, next(ids)) for call in turn])
        for turn in turns
    ]
    return Scripted(messages=iter([*messages, AIMessage("done")]))


def _call(name: str, arguments: dict[str, Any], call_id: str) -> dict[str, Any]:
    return {"name": name, "args": arguments, "id": call_id, "type": "tool_call"}
