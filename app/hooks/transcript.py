"""What an agent's transcript tells of how a call came about: the user's request, tools' outputs.

It helps the screens and the operator; a transcript that is missing or odd tells nothing. All of it
is bounded: only the end of the file is read, and only the newest outputs are kept, each cut.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from app.hooks.json_text import mended
from components.actions import ContextPiece

T = TypeVar("T")

_TAIL = 2 * 1024 * 1024  # bytes read from the end of the file
_MOST = 32  # outputs
_LONGEST_OUTPUT = 16_000  # characters
_LONGEST_SOURCE = 200
_LONGEST_REQUEST = 4_000
_TARGETS = ("file_path", "notebook_path", "path", "url", "query", "command", "cmd", "pattern")

_encode = msgspec.json.Encoder().encode


class Recollection(Struct, frozen=True):
    """The newest request of the user, and what tools gave since the start, the newest last."""

    request: str = ""
    outputs: tuple[ContextPiece, ...] = ()


Recollect = Callable[[Sequence[bytes]], Recollection]


def remembered(path: str, recollect: Recollect, room: int) -> Recollection:
    """What the transcript at `path` tells; the outputs in at most `room` bytes of JSON."""
    try:
        found = recollect(_tail(path)) if path else Recollection()
        request = cut(found.request, _LONGEST_REQUEST)
        return Recollection(request, _fitting(found.outputs, room))
    except Exception:  # whatever is wrong with it, the call is screened without it
        return Recollection()


def read(lines: Sequence[bytes], decoder: "msgspec.json.Decoder[T]") -> Iterator[T]:
    """The lines that can be read."""
    for raw in lines:
        try:
            yield decoder.decode(mended(raw))
        except (ValueError, RecursionError):
            continue


def output(tool: str, given: Any, text: str) -> ContextPiece:
    """A tool's output as a piece of context; `given` is what the tool was called with."""
    target = (
        next((given[key] for key in _TARGETS if given.get(key)), "") if _is_object(given) else ""
    )
    return ContextPiece(
        f"{tool} {target}".strip()[:_LONGEST_SOURCE], False, cut(text, _LONGEST_OUTPUT)
    )


def cut(text: str, longest: int) -> str:
    """The text, or three quarters from the start and one from the end of a longer one."""
    if len(text) <= longest:
        return text
    end = longest // 4
    return f"{text[: longest - end]}\n[…]\n{text[-end:]}"


def texts(content: Any) -> str:
    """The text of a message's content: a string, or a list of parts of which some have text."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    found = (part.get("text") for part in parts if _is_object(part))
    return "\n".join(text for text in found if isinstance(text, str))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _fitting(outputs: Sequence[ContextPiece], room: int) -> tuple[ContextPiece, ...]:
    kept: list[ContextPiece] = []
    for piece in _newest(outputs):
        room -= len(_encode(piece)) + 1
        if room < 0:
            break
        kept.append(piece)
    return tuple(reversed(kept))


def _newest(outputs: Sequence[ContextPiece]) -> Iterable[ContextPiece]:
    return reversed([piece for piece in outputs if piece.text.strip()][-_MOST:])


def _tail(path: str) -> list[bytes]:
    """The last whole lines of a regular file; of anything else, which could keep us, none."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            return []
        start = max(0, found.st_size - _TAIL)
        file.seek(start)
        lines = file.read(_TAIL).split(b"\n")
        return lines[1:] if start else lines
