"""Texts that pass the gate without being actions: what an agent reads, is asked, or would say.

On the wire each is an object with a `kind`; an object without one is an action.
"""

from typing import Literal

from msgspec import Struct

OutputType = Literal["answer", "summary", "report", "code"]


class ToolOutput(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind",
    tag="tool_output",
):  # fmt: skip
    """What a tool gave back, before the agent reads it; `request` is what the user asked."""

    text: str
    tool: str = ""
    request: str = ""
    id: str = ""


class Request(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="request"
):
    """What a user asks of an agent."""

    text: str
    id: str = ""


class Output(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="output"
):
    """What an agent says is so, with the texts that it should rest on."""

    text: str
    evidence: tuple[str, ...] = ()
    type: OutputType = "answer"
    id: str = ""


class Message(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="message"
):
    """What an agent would show or send to a person."""

    text: str
    id: str = ""


Passage = ToolOutput | Request | Output | Message
