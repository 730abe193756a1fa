"""Pydantic AI's way to ask a person: a run that ends with deferred calls, and one that goes on."""

from typing import Any


class Deferring:
    """An agent with one tool that needs approval; its model calls it, then says it is done.

    Tool and model are coroutines: functions would be run on threads, which is slower.
    """

    def __init__(self) -> None:
        from pydantic_ai import Agent, DeferredToolRequests
        from pydantic_ai.models.function import FunctionModel

        self._agent: Any = Agent(
            FunctionModel(_say), output_type=[str, DeferredToolRequests], instructions="Tidy up."
        )
        self._agent.tool_plain(requires_approval=True)(_query)

    async def decide(self) -> None:
        """One decision: the call is deferred, approved, and the tool runs."""
        from pydantic_ai import DeferredToolResults, ToolApproved

        asked = await self._agent.run("Tidy the customers.")
        approvals: Any = {call.tool_call_id: ToolApproved() for call in asked.output.approvals}
        assert approvals
        done = await self._agent.run(
            message_history=asked.all_messages(),
            deferred_tool_results=DeferredToolResults(approvals=approvals),
        )
        assert done.output == "done"


async def _query(sql: str) -> str:
    """Ask the database."""
    return f"0 rows of {sql}"


async def _say(messages: list[Any], _: Any) -> Any:
    from pydantic_ai import ModelResponse, TextPart, ToolCallPart

    if any(part.part_kind == "tool-return" for part in messages[-1].parts):
        return ModelResponse(parts=[TextPart("done")])
    return ModelResponse(parts=[ToolCallPart("_query", {"sql": "DROP TABLE customers"})])
