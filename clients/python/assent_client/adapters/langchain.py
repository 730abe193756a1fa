"""LangChain: a middleware that judges every call, and answers to human-in-the-loop interrupts.

`AssentMiddleware` is the surer way: it stands where the tool is run. The interrupts of
`HumanInTheLoopMiddleware` cover the tools that it lists, and what it does with the answers.
"""

from collections.abc import Sequence
from typing import Any, Unpack

from langgraph.types import Command

from assent_client.adapters.judging import About, Client, judge_all, judge_all_async
from assent_client.adapters.langchain_messages import about
from assent_client.adapters.langchain_middleware import AssentMiddleware
from assent_client.adapters.reviews import Unanswerable, calls, portions, read, respond

__all__ = [
    "AssentMiddleware",
    "Unanswerable",
    "aanswers",
    "adecide",
    "answers",
    "arun",
    "decide",
    "run",
]


def decide(assent: Client, interrupt_value: object, **about: Unpack[About]) -> dict[str, Any]:
    """The decisions on a turn's calls: `{"decisions": [...]}`, in the order of the requests.

    Raises `Unanswerable`: do not resume then.
    """
    reviews = [read(interrupt_value)]
    return respond(reviews, judge_all(assent, calls(reviews), **about))[0]


async def adecide(
    assent: Client, interrupt_value: object, **about: Unpack[About]
) -> dict[str, Any]:
    """As `decide`, with all calls asked about at once."""
    reviews = [read(interrupt_value)]
    return respond(reviews, await judge_all_async(assent, calls(reviews), **about))[0]


def answers(
    assent: Client, interrupts: Sequence[Any], **about: Unpack[About]
) -> dict[str, dict[str, Any]]:
    """The answers to interrupts of either kind, by id, for `Command(resume=...)`.

    Raises `Unanswerable`: do not resume then.
    """
    reviews = _read(interrupts)
    judged = judge_all(assent, calls(reviews), **about)
    return _by_id(interrupts, respond(reviews, judged))


async def aanswers(
    assent: Client, interrupts: Sequence[Any], **about: Unpack[About]
) -> dict[str, dict[str, Any]]:
    """As `answers`, with all calls asked about at once."""
    reviews = _read(interrupts)
    judged = await judge_all_async(assent, calls(reviews), **about)
    return _by_id(interrupts, respond(reviews, judged))


def run(
    agent: Any,
    input: Any,  # noqa: A002 - as `invoke` has it
    config: Any,
    assent: Client,
    *,
    timeout_s: float | None = None,
) -> Any:
    """Invoke an agent and answer its interrupts until it ends; the result is its last one.

    Raises `Unanswerable` with the interrupt left open.
    """
    result = agent.invoke(input, config)
    while waiting := _interrupts(result):
        known = _about(result, timeout_s)
        for portion in portions(answers(assent, waiting, **known)):
            result = agent.invoke(Command(resume=portion), config)
    return result


async def arun(
    agent: Any,
    input: Any,  # noqa: A002 - as `invoke` has it
    config: Any,
    assent: Client,
    *,
    timeout_s: float | None = None,
) -> Any:
    """As `run`, with all calls of a turn asked about at once."""
    result = await agent.ainvoke(input, config)
    while waiting := _interrupts(result):
        known = _about(result, timeout_s)
        for portion in portions(await aanswers(assent, waiting, **known)):
            result = await agent.ainvoke(Command(resume=portion), config)
    return result


def _read(interrupts: Sequence[Any]) -> list[Any]:
    return [read(asked.value, getattr(asked, "response_schema", None)) for asked in interrupts]


def _by_id(
    interrupts: Sequence[Any], responses: Sequence[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    return {asked.id: said for asked, said in zip(interrupts, responses, strict=True)}


def _interrupts(result: Any) -> Sequence[Any]:
    return result.get("__interrupt__", ()) if isinstance(result, dict) else ()


def _about(result: dict[str, Any], timeout_s: float | None) -> About:
    return {**about(result.get("messages", ())), "timeout_s": timeout_s}
