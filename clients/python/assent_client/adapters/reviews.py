"""LangChain's human-in-the-loop interrupts: what they ask, and answers that fit them (pure).

An interrupt lists a turn's calls (`action_requests` with `review_configs`) or is about one call
(`tool_approval`, whose response schema tells what may be decided).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assent_client.adapters.judging import Call, Judgement, changed


class Unanswerable(Exception):  # noqa: N818 - it says what the interrupt is
    """No answer to the interrupt is sure to run nothing but what was allowed. It stays open."""


@dataclass(frozen=True)
class Asked:
    """One call, the decisions that are open to it, and the key its arguments stand under."""

    call: Call
    allowed: frozenset[str]
    key: str


@dataclass(frozen=True)
class Review:
    """One interrupt. A `single` one takes one decision; others take a list, in order."""

    asked: tuple[Asked, ...]
    single: bool


def read(value: object, schema: object = None) -> Review:
    """Understand an interrupt by its value and response schema, or raise `Unanswerable`."""
    try:
        match value:
            case {"type": "tool_approval"}:
                return Review((_asked(value, _by_schema(schema)),), single=True)
            case {"action_requests": [_, *_] as requests, "review_configs": [*configs]}:
                asked = (_asked(request, _by_config(request, configs)) for request in requests)
                return Review(tuple(asked), single=False)
    except (LookupError, TypeError, AttributeError) as error:
        raise Unanswerable(f"not as LangChain asks for a review: {error!r}") from error
    raise Unanswerable("not a request for a review of tool calls")


def calls(reviews: Iterable[Review]) -> list[Call]:
    """All calls of several interrupts, in order."""
    return [asked.call for review in reviews for asked in review.asked]


def respond(reviews: Sequence[Review], judged: Sequence[Judgement]) -> list[dict[str, Any]]:
    """The answer to each interrupt, from the judgements of all their calls in order."""
    left = iter(judged)
    return [_response(review, left) for review in reviews]


def portions(answers: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, dict[str, Any]]]:
    """What to resume with at once: arguments that a tool does not take must not stop the rest."""
    edits = {key: {key: answer} for key, answer in answers.items() if answer.get("type") == "edit"}
    if sure := {key: answer for key, answer in answers.items() if key not in edits}:
        yield sure
    yield from edits.values()


def _asked(request: Any, allowed: frozenset[str]) -> Asked:
    keys = [key for key in ("args", "arguments") if key in request]
    if len(keys) != 1:
        raise LookupError("the arguments are not told once")
    return Asked(Call(request["name"], request[keys[0]]), allowed, keys[0])


def _by_config(request: Any, configs: Sequence[Any]) -> frozenset[str]:
    name = request["name"]
    open_to_it = [
        frozenset(config["allowed_decisions"])
        for config in configs
        if config["action_name"] == name
    ]
    if not open_to_it:
        raise LookupError(f"no review configuration for {name}")
    return frozenset.intersection(*open_to_it)


def _by_schema(schema: Any) -> frozenset[str]:
    if "discriminator" in schema:
        return frozenset(schema["discriminator"]["mapping"])
    return frozenset({schema["properties"]["type"]["const"]})


def _response(review: Review, judged: Iterator[Judgement]) -> dict[str, Any]:
    decisions = [_decision(asked, next(judged)) for asked in review.asked]
    return decisions[0] if review.single else {"decisions": decisions}


def _decision(asked: Asked, judged: Judgement) -> dict[str, Any]:
    if not judged.allowed:
        return _denial(asked, judged.why)
    if not judged.modified and "approve" in asked.allowed:
        return {"type": "approve"}
    if "edit" in asked.allowed:
        edited = {"name": asked.call.tool, asked.key: judged.arguments}
        return {"type": "edit", "edited_action": edited}
    if judged.modified:
        return _denial(asked, changed(judged, asked.call.tool))
    return _denial(asked, "Not run: it was allowed, but this agent takes no approval.")


def _denial(asked: Asked, why: str) -> dict[str, Any]:
    for kind in ("reject", "respond"):
        if kind in asked.allowed:
            return {"type": kind, "message": why}
    raise Unanswerable(f"{asked.call.tool} can be neither rejected nor answered for. {why}")
