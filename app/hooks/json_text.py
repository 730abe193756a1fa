"""Changes to the text of a JSON file that leave every other byte of it as it was.

An appended child can be taken out again, and then the text is what it was before; also where the
container was empty: what closes it then stands as no formatter would put it, so that a container
that was there can be told from one that came with its first child.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from msgspec import Struct

_SPACE = re.compile(r"[ \t\r\n]*")
_INDENT = re.compile(r"\n([ \t]+)\Z")
_decoder = json.JSONDecoder()


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class BadText(ValueError):  # noqa: N818 - it says what it is about
    """The text is not JSON that can be changed; the text says where and why."""


class Child(Struct, frozen=True):
    """One child of a container: its key (in an array ""), and where it, its value and it end."""

    key: str
    start: int
    value_start: int
    end: int


def mended(raw: bytes) -> bytes:
    """JSON with a question mark for each half of a surrogate pair that stands alone.

    Agents written in JavaScript cut texts between the halves; strict readers refuse all of it.
    Raises `ValueError` or `RecursionError` for what is not JSON and has such a half.
    """
    if not _SURROGATE.search(raw):
        return raw
    return json.dumps(json.loads(raw), ensure_ascii=False).encode(errors="replace")


def check(text: str) -> None:
    """Raise `BadText` unless the text is a JSON object in which no key stands twice."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise BadText(f"{error.lineno}:{error.colno}: {error.msg}") from None
    except RecursionError:
        raise BadText("1:1: nested too deep") from None
    if not isinstance(value, dict):
        raise BadText("1:1: not an object")


def root(text: str) -> int:
    """Where the outermost container begins."""
    return _skip(text, 0)


def children(text: str, start: int) -> list[Child]:
    """The children of the container that begins at `start`."""
    return list(_children(text, start))


def value_at(text: str, start: int) -> Any:
    """The value that begins at `start`."""
    return _decoder.raw_decode(text, start)[0]


def appended(text: str, path: Sequence[int], key: str, value: Any) -> str:
    """The text with one child more, at the end of the innermost container of `path`.

    `path` is where the containers begin, from the outermost on. `key` is "" for an array.
    """
    style = _style(text)
    start, depth = path[-1], len(path)
    found = children(text, start)
    place = style.line(depth)
    child = (f"{json.dumps(key)}: " if key else "") + style.text(value, depth)
    if found:
        spaced = "\n" in text[start : found[0].start] or not place
        lead = "," + (place if spaced and place else " ")
        return text[: found[-1].end] + lead + child + text[found[-1].end :]
    end = _skip(text, start + 1)
    return text[:end] + place + child + ("" if place else " ") + text[end:]


def without(text: str, path: Sequence[int], index: int) -> str:
    """The text without one child of the innermost container of `path`."""
    start, found = path[-1], children(text, path[-1])
    child = found[index]
    if index > 0:
        return text[: found[index - 1].end] + text[child.end :]
    if len(found) > 1:
        return text[: child.start] + text[found[1].start :]
    before, after = text[start + 1 : child.start], text[child.end : _skip(text, child.end)]
    place = _style(text).line(len(path))
    if after != " ":
        before = before.removesuffix(place)
    else:
        after = ""
    if "\n" in after:
        after = after.removeprefix(_style(text).line(len(path) - 1))
    return text[: start + 1] + before + after + text[_skip(text, child.end) :]


def came_with_child(text: str, start: int) -> bool:
    """Whether the container at `start`, which has one child, was made to hold it."""
    (child,) = children(text, start)
    before, after = text[start + 1 : child.start], text[child.end : _skip(text, child.end)]
    return "\n" in after if "\n" in before else after == ""


class _Style(Struct, frozen=True):
    """How a text is laid out: line ends, indentation; `unit` is "" where all is in one line."""

    newline: str
    unit: str

    def line(self, depth: int) -> str:
        """What begins a line at a depth."""
        return self.newline + self.unit * depth if self.unit else ""

    def text(self, value: Any, depth: int) -> str:
        """A value as it stands at a depth."""
        if not self.unit:
            return json.dumps(value)
        return json.dumps(value, indent=self.unit).replace("\n", self.line(depth))


def _style(text: str) -> _Style:
    newline = "\r\n" if "\r\n" in text else "\n"
    start = root(text)
    first = next(_children(text, start), None)
    if first is None:
        return _Style(newline, "  ")
    indent = _INDENT.search(text[start + 1 : first.start])
    return _Style(newline, indent.group(1) if indent else "")


def _children(text: str, start: int) -> Iterator[Child]:
    keyed = text[start] == "{"
    at = _skip(text, start + 1)
    while text[at] not in "]}":
        key, value_start = "", at
        if keyed:
            key, at_colon = _decoder.raw_decode(text, at)
            value_start = _skip(text, _skip(text, at_colon) + 1)
        _, end = _decoder.raw_decode(text, value_start)
        yield Child(key, at, value_start, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise BadText("a key stands twice in one object")
    return result


def _refuse(name: str) -> NoReturn:
    raise BadText(f"{name} is not JSON")
