"""Codex's transcript: one JSON object a line, with what happened as its payload."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from app.hooks.transcript import Recollection, output, read, texts
from components.actions import ContextPiece

_CALLS = frozenset({"function_call", "custom_tool_call", "local_shell_call"})


class _Payload(Struct, frozen=True):
    type: str = ""
    name: str = ""
    call_id: str | None = None
    arguments: Any = None
    action: Any = None
    output: Any = None
    message: Any = None


class _Line(Struct, frozen=True):
    type: str = ""
    payload: _Payload = _Payload()


_line = msgspec.json.Decoder(_Line)


def recollect(lines: Sequence[bytes]) -> Recollection:
    """What the lines tell, the newest last; those that cannot be read are passed over."""
    request = ""
    calls: dict[str | None, _Payload] = {}
    outputs: list[ContextPiece] = []
    for line in read(lines, _line):
        told = line.payload
        if line.type == "event_msg" and told.type == "user_message":
            request = told.message if isinstance(told.message, str) else request
        elif told.type in _CALLS:
            calls[told.call_id] = told
        elif told.type.endswith("_call_output"):
            call = calls.get(told.call_id, _Payload())
            outputs.append(output(call.name or "shell", _given(call), _text(told.output)))
    return Recollection(request.strip(), tuple(outputs))


def _given(call: _Payload) -> Any:
    if not isinstance(call.arguments, str):
        return call.action
    try:
        return msgspec.json.decode(call.arguments)
    except msgspec.DecodeError:
        return None


def _text(given: Any) -> str:
    """The text of an output: bare, in parts, or as the content of an object."""
    return texts(given.get("content")) if isinstance(given, dict) else texts(given)
