"""Recorded actions, as rows of JSON, mapped to actions of ours.

A row is either an action in Assent's own form or one of the form that data sets of agents' traces
use: `tool`, `parameters`, `content` (what the user asked), `context` (what the agent had seen),
`expected_outcome` (the agent's own words), `kind`. Rows without a tool are requests and texts:
they become actions of a tool named by their `action_type`.
"""

from typing import Any

import msgspec
from msgspec import Struct

from components.actions import Action, ContextPiece
from components.canonical import parse


class RecordedRow(Struct, frozen=True, kw_only=True):
    """A row of recorded traffic; fields beyond these are ignored."""

    kind: str
    content: str
    parameters: dict[str, Any] = {}
    tool: str = ""
    action_type: str = ""
    id: str = ""
    agent: str = ""
    context: str = ""
    expected_outcome: str = ""
    output: str = ""
    seq: int = -1


def read_row(line: bytes, number: int) -> Action:
    """The action of one line. Raises `ValueError` saying what is wrong with it."""
    body = parse(line)
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")
    try:
        if "kind" in body and "content" in body:
            return _from_recorded(msgspec.convert(body, RecordedRow), number)
        action = msgspec.convert(body, Action)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    return msgspec.structs.replace(
        action, id=action.id or f"row-{number}", agent=action.agent or "recorded"
    )


def _from_recorded(row: RecordedRow, number: int) -> Action:
    identity = {"id": row.id or f"row-{number}", "agent": row.agent or "recorded"}
    if row.kind == "tool_output":
        # The row is what a tool answered: it is context, and its own `context` the request.
        return Action(
            tool=row.tool or "tool_output",
            arguments=row.parameters,
            request=row.context,
            context=(ContextPiece(row.tool or "tool", False, row.content),),
            **identity,
        )
    context = (ContextPiece("recorded", False, row.context),) if row.context else ()
    arguments = row.parameters or ({"text": row.output} if row.output else {})
    return Action(
        tool=row.tool or row.action_type or row.kind or "request",
        arguments=arguments,
        request=row.content,
        context=context,
        narrative=row.expected_outcome,
        **identity,
    )
