"""The events that agents send to their hooks, checked as far as we use them."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from app.hooks.json_text import mended
from components.canonical import MAX_BYTES, Malformed, parse

MAX_EVENT = 16 * 1024 * 1024
"""The longest event that is looked at, in bytes; a tool's output may be in it."""

_MAX_CALL = 2 * MAX_BYTES  # the call itself is smaller than any message to the node


class BadEvent(ValueError):  # noqa: N818 - it says what it is about
    """What came is no event that can be answered; the text says why."""


class Call(Struct, frozen=True):
    """A tool call that waits for an answer."""

    hook_event_name: str
    tool_name: Annotated[str, Meta(min_length=1, max_length=256)]
    tool_input: dict[str, Any]
    session_id: str = ""
    transcript_path: str | None = None
    cwd: str = ""
    permission_mode: str | None = None
    tool_use_id: str | None = None
    agent_type: str | None = None


class Finished(Struct, frozen=True):
    """A tool call that has ended. `duration_ms` is the agent's own measurement, if it made one."""

    hook_event_name: str
    session_id: str = ""
    tool_use_id: str | None = None
    duration_ms: float | None = None


class _Named(Struct):
    hook_event_name: str = ""


_named = msgspec.json.Decoder(_Named)
_finished = msgspec.json.Decoder(Finished)


def name_of(raw: bytes) -> str:
    """Which event it is. Raises `BadEvent` for what is no event at all."""
    if len(raw) > MAX_EVENT:
        raise BadEvent(f"the event is longer than {MAX_EVENT} bytes")
    try:
        return _named.decode(mended(raw)).hook_event_name
    except (ValueError, RecursionError) as error:
        raise BadEvent(f"the event cannot be read: {error}") from None


def call_of(raw: bytes) -> Call:
    """The tool call of an event, read strictly. Raises `BadEvent`."""
    try:
        return msgspec.convert(parse(raw, _MAX_CALL), Call)
    except (Malformed, msgspec.ValidationError) as error:
        raise BadEvent(f"the event cannot be used: {error}") from None


def finished_of(raw: bytes) -> Finished:
    """The end of a tool call, whatever the tool put out. Raises `ValueError`."""
    return _finished.decode(mended(raw))
