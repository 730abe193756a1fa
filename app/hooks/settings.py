"""The hooks in an agent's settings: put in, found again, taken out. Pure, on the file's text."""

import json
import shlex
from pathlib import PurePath
from typing import Any

from msgspec import Struct

from app.hooks.contract import BLOCK, Contract
from app.hooks.json_text import (
    BadText,
    appended,
    came_with_child,
    check,
    children,
    root,
    value_at,
    without,
)

_HOOKS = "hooks"
_PROGRAM, _COMMAND = "assent", "hook"
_MARGIN_S = 60  # from our own deadline to the one that the agent keeps
_TELLING_S = 30


class Wanted(Struct, frozen=True):
    """What is to be installed: the command's words, for which tools, and its deadline (s)."""

    words: tuple[str, ...]
    matcher: str
    timeout_s: float


Groups = dict[str, list[dict[str, Any]]]
"""Matcher groups by event, as agents keep them."""


def installed(text: str, contract: Contract, wanted: Wanted) -> str:
    """The text with the hooks in it; itself where they are there already. Raises `BadText`."""
    groups = _groups(contract, wanted)
    if ours(text, contract) == groups:
        return text
    text = uninstalled(text, contract)
    for event, group in groups.items():
        text = _with_group(text, event, group)
    return text


def uninstalled(text: str, contract: Contract) -> str:
    """The text without our hooks, and without what came with them. Raises `BadText`."""
    check(text)
    while (found := _find(text, contract)) is not None:
        text = _taken_out(text, *found)
    return text


def new(contract: Contract, wanted: Wanted) -> str:
    """The text of a file that holds nothing but the hooks."""
    return json.dumps({_HOOKS: _groups(contract, wanted)}, indent=2) + "\n"


def left_over(before: str, after: str) -> bool:
    """Whether what is left without our hooks is a file that came with them."""
    return not children(after, root(after)) and came_with_child(before, root(before))


def ours(text: str, contract: Contract) -> Groups:
    """The groups with hooks of ours. Raises `BadText`."""
    check(text)
    found: Groups = {}
    for event, path in _events(text):
        for child in children(text, path[-1]):
            group = value_at(text, child.value_start)
            if any(is_ours(handler, contract) for handler in _handlers(group)):
                found.setdefault(event, []).append(group)
    return found


def is_ours(handler: Any, contract: Contract) -> bool:
    """Whether a handler runs this program as the agent's hook, from wherever."""
    try:
        words = shlex.split(handler["command"])
    except (TypeError, KeyError, ValueError, AttributeError):
        return False
    return any(
        PurePath(word).name == _PROGRAM and words[at + 1 : at + 3] == [_COMMAND, contract.name]
        for at, word in enumerate(words)
    )


def _groups(contract: Contract, wanted: Wanted) -> Groups:
    return {
        setting.event: [
            {
                "matcher": wanted.matcher,
                "hooks": [_handler(contract, wanted, blocking=setting.blocking)],
            }
        ]
        for setting in contract.settings
    }


def _handler(contract: Contract, wanted: Wanted, *, blocking: bool) -> dict[str, Any]:
    command = shlex.join(wanted.words)
    if not blocking:
        return {"type": "command", "command": command, "timeout": _TELLING_S}
    # Agents let the tool run when a hook ends in any other way: not found, killed, a traceback.
    handler: dict[str, Any] = {
        "type": "command",
        "command": f"{command} || exit {BLOCK}",
        "timeout": round(wanted.timeout_s) + _MARGIN_S,
    }
    return handler | ({"onFailure": "block"} if contract.fails_closed else {})


def _with_group(text: str, event: str, group: list[dict[str, Any]]) -> str:
    outermost = root(text)
    hooks = _member(text, outermost, _HOOKS)
    if hooks is None:
        return appended(text, (outermost,), _HOOKS, {event: group})
    _expect(text, hooks, "{", f"`{_HOOKS}` is not an object")
    events = _member(text, hooks, event)
    if events is None:
        return appended(text, (outermost, hooks), event, group)
    _expect(text, events, "[", f"`{_HOOKS}.{event}` is not an array")
    return appended(text, (outermost, hooks, events), "", group[0])


def _events(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """The arrays of groups, by event, each with the containers around it."""
    outermost = root(text)
    hooks = _member(text, outermost, _HOOKS)
    if hooks is None:
        return []
    _expect(text, hooks, "{", f"`{_HOOKS}` is not an object")
    return [
        (child.key, (outermost, hooks, child.value_start))
        for child in children(text, hooks)
        if text[child.value_start] == "["
    ]


def _find(text: str, contract: Contract) -> tuple[tuple[int, ...], int] | None:
    """A handler of ours: the containers around it, and which child it is of the innermost."""
    for _, path in _events(text):
        for group in children(text, path[-1]):
            if text[group.value_start] != "{":
                continue
            hooks = _member(text, group.value_start, _HOOKS)
            if hooks is None or text[hooks] != "[":
                continue
            for index, child in enumerate(children(text, hooks)):
                if is_ours(value_at(text, child.value_start), contract):
                    return (*path, group.value_start, hooks), index
    return None


def _taken_out(text: str, path: tuple[int, ...], index: int) -> str:
    """The text without a handler; without its group where it is the only one, and so on."""
    *outer, group, handlers = path
    if len(children(text, handlers)) > 1:
        return without(text, path, index)
    return _cleared(text, tuple(outer), group)


def _cleared(text: str, path: tuple[int, ...], child_start: int) -> str:
    """The text without a child of the innermost container, and each container that came with it."""
    while len(path) > 1 and len(children(text, path[-1])) == 1 and came_with_child(text, path[-1]):
        child_start, path = path[-1], path[:-1]
    starts = [child.value_start for child in children(text, path[-1])]
    return without(text, path, starts.index(child_start))


def _handlers(group: Any) -> list[Any]:
    found = group.get(_HOOKS) if isinstance(group, dict) else None
    return found if isinstance(found, list) else []


def _member(text: str, start: int, key: str) -> int | None:
    found = (child.value_start for child in children(text, start) if child.key == key)
    return next(found, None)


def _expect(text: str, start: int, opening: str, reason: str) -> None:
    if text[start] != opening:
        line = text.count("\n", 0, start) + 1
        column = start - text.rfind("\n", 0, start)
        raise BadText(f"{line}:{column}: {reason}")
