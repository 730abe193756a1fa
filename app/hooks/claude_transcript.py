"""Claude Code's transcript: one JSON object a line, each around a message."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from app.hooks.transcript import Recollection, output, read, texts
from components.actions import ContextPiece

# What stands at the start of texts in the user's name that no user typed.
_NOT_TYPED = ("<local-command", "<bash-", "<task-", "<system-", "<user-prompt", "[Request interr")


class _Block(Struct, frozen=True):
    type: str = ""
    id: str = ""
    name: str = ""
    text: str = ""
    input: Any = None
    tool_use_id: str = ""
    content: Any = None


class _Message(Struct, frozen=True):
    content: str | list[_Block] = ""


class _Line(Struct, frozen=True, rename="camel"):
    type: str = ""
    message: _Message = _Message()
    is_meta: bool = False
    is_sidechain: bool = False
    is_compact_summary: bool = False


_line = msgspec.json.Decoder(_Line)


def recollect(lines: Sequence[bytes]) -> Recollection:
    """What the lines tell, the newest last; those that cannot be read are passed over."""
    request = ""
    calls: dict[str, _Block] = {}
    outputs: list[ContextPiece] = []
    for line in read(lines, _line):
        for block in _blocks(line.message):
            if line.type == "assistant" and block.type == "tool_use":
                calls[block.id] = block
            elif line.type == "user" and block.type == "tool_result":
                call = calls.get(block.tool_use_id, _Block(name="tool"))
                outputs.append(output(call.name, call.input, texts(block.content)))
        request = _typed(line) or request
    return Recollection(request, tuple(outputs))


def _blocks(message: _Message) -> list[_Block]:
    return message.content if isinstance(message.content, list) else []


def _typed(line: _Line) -> str:
    """What the user typed, where this line is that; summaries and other agents' words are not."""
    if line.type != "user" or line.is_meta or line.is_sidechain or line.is_compact_summary:
        return ""
    content = line.message.content
    if isinstance(content, str):
        parts = [content]
    elif any(block.type == "tool_result" for block in content):
        parts = []
    else:
        parts = [block.text for block in content if block.type == "text"]
    return "\n".join(part for part in parts if not part.lstrip().startswith(_NOT_TYPED)).strip()
