"""What every adapter does with tool calls: ask about each, and tell what may run.

A turn's calls are all judged before the first may run, and people take their time. So an allow is
claimed when the last one is judged: one that lapsed meanwhile, or was used, does not run.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypedDict, Unpack

from assent_client import Assent, AsyncAssent, Permission, Piece

Client = Assent | AsyncAssent
"""An agent at a node. The adapters take either face of it, and use the one that they need."""


class About(TypedDict, total=False):
    """What led to a call, and for how many seconds to wait, as `Assent.ask` takes it."""

    request: str
    context: Sequence[Piece]
    narrative: str
    timeout_s: float | None


@dataclass(frozen=True)
class Call:
    """A tool call as a framework has it: `arguments` are an object, or the JSON text of one.

    `id` is what the framework knows it by; empty where it goes by place.
    """

    tool: object
    arguments: object
    id: str = ""


@dataclass(frozen=True)
class Judgement:
    """What may run: exactly `arguments`, if `allowed`. `why` tells the model what did not."""

    allowed: bool
    why: str
    arguments: dict[str, Any] = field(default_factory=dict)
    modified: bool = False
    permission: Permission | None = None


def judge_all(assent: Client, calls: Sequence[Call], **about: Unpack[About]) -> list[Judgement]:
    """Judge the calls of one turn, one after the other."""
    waiting, twice = Assent.sharing(assent), _same_ids(calls)
    asked = [_ask(waiting, call, twice, about) for call in calls]
    return [_claim(waiting, judged) for judged in asked]


async def judge_all_async(
    assent: Client, calls: Sequence[Call], **about: Unpack[About]
) -> list[Judgement]:
    """Judge the calls of one turn, all at once; the answers are in their order."""
    awaiting, twice = AsyncAssent.sharing(assent), _same_ids(calls)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(_ask_async(awaiting, call, twice, about)) for call in calls]
    return [await _claim_async(awaiting, task.result()) for task in asked]


def plain(arguments: object) -> dict[str, Any]:
    """Arguments as plain JSON data of their own. Raises `ValueError` or `TypeError`.

    No text is the empty object, as the frameworks have it. A key that stands twice is refused:
    another reader might take the other value.
    """
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, allow_nan=False)
    value = json.loads(text or "{}", object_pairs_hook=_unique, parse_constant=_no_number)
    if not isinstance(value, dict):
        raise ValueError("the arguments are no JSON object")
    return value


def changed(judged: Judgement, tool: object) -> str:
    """What to tell a model whose call was allowed with other arguments than can be run here."""
    instead = json.dumps(judged.arguments, ensure_ascii=False)
    return f"Not run: {tool} is allowed with other arguments only. Call it with {instead}."


def failed(error: Exception) -> Judgement:
    """What becomes of a call when the judging of it fails."""
    return Judgement(False, f"Not run: it could not be judged ({type(error).__name__}: {error})")


def _ask(assent: Assent, call: Call, twice: frozenset[str], about: About) -> Judgement:
    try:
        tool, arguments = _understood(call, twice)
        return _judged(assent.ask(tool, arguments, **about), tool)
    except Exception as error:
        return failed(error)


async def _ask_async(
    assent: AsyncAssent, call: Call, twice: frozenset[str], about: About
) -> Judgement:
    try:
        tool, arguments = _understood(call, twice)
        return _judged(await assent.ask(tool, arguments, **about), tool)
    except Exception as error:
        return failed(error)


def _claim(assent: Assent, judged: Judgement) -> Judgement:
    if judged.permission is None:
        return judged
    try:
        return _claimed(judged, assent.consume(judged.permission))
    except Exception as error:
        return failed(error)


async def _claim_async(assent: AsyncAssent, judged: Judgement) -> Judgement:
    if judged.permission is None:
        return judged
    try:
        return _claimed(judged, await assent.consume(judged.permission))
    except Exception as error:
        return failed(error)


def _understood(call: Call, twice: frozenset[str]) -> tuple[str, dict[str, Any]]:
    if call.id in twice:
        raise ValueError("another call of this turn has the same id")
    if not isinstance(call.tool, str) or not call.tool:
        raise ValueError("the tool has no name")
    return call.tool, plain(call.arguments)


def _judged(permission: Permission, tool: str) -> Judgement:
    if permission.allowed is True and permission.tool == tool:
        return Judgement(
            True, "", dict(permission.arguments), bool(permission.modified), permission
        )
    reasons = "; ".join(permission.reasons) or "no reason was given"
    return Judgement(False, f"Not run. Assent's answer is {permission.verdict}: {reasons}")


def _claimed(judged: Judgement, held: object) -> Judgement:
    if held is True:
        return judged
    return Judgement(False, "Not run: the leave to do it no longer holds. It may be asked again.")


def _same_ids(calls: Sequence[Call]) -> frozenset[str]:
    counted = Counter(call.id for call in calls if call.id)
    return frozenset(name for name, count in counted.items() if count > 1)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
