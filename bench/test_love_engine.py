"""What the Love Engine costs: its four operations on recorded actions where they are present.

Each round walks over the next of the rows, so that nothing is measured on one warm text. The
scale tests take texts of 100 to 100,000 characters.
"""

import json
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from components.actions import Action, Experience
from components.love_engine import Alignment, LiveWindow, LoveEngine, compute_love_metric
from components.love_engine.lexicon import load

DATA = Path(__file__).parents[1].parent / "shared" / "data"
ENGINE = LoveEngine()
LENGTHS = [100, 1_000, 10_000, 100_000]


def _rows(name: str) -> list[dict[str, Any]]:
    path = DATA / f"{name}.jsonl"
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _actions() -> list[Action]:
    recorded = [
        Action(
            tool=row["tool"],
            arguments=row.get("parameters") or {},
            request=row.get("content") or "",
            narrative=row.get("expected_outcome") or "",
        )
        for row in _rows("traffic")
        if row.get("tool")
    ]
    return recorded or [
        Action(
            tool="send_email",
            arguments={"to": f"kim{place}@example.org", "body": f"Report {place} is ready. " * 5},
            request=f"Please tell Kim that report number {place} is ready for the board meeting.",
        )
        for place in range(500)
    ]


def _outputs() -> list[tuple[str, list[str]]]:
    recorded = [(row["output"], [row["context"]]) for row in _rows("begin")]
    return recorded or [
        (f"Tower {place} is {place} metres tall.", [f"Tower {place} has {place} metres. " * 8])
        for place in range(500)
    ]


def _experience(place: int) -> Experience:
    return Experience(
        time=place,
        request_id=str(place),
        agent=f"agent{place % 7}",
        tool=f"tool{place % 13}",
        shape=f"shape{place % 40}",
        intent="read",
        verdict="deny" if place % 9 == 0 else "allow",
        decided_by="operator" if place % 9 == 0 else "rule",
        safety=1.0,
        ethics=1.0,
        disposition="allow",
        status="failed" if place % 11 == 0 else "ok",
    )


def _next(call: Callable[..., Any], rows: list[Any]) -> Callable[[], Any]:
    """A call that takes the next row each time."""
    following = cycle(rows)
    return lambda: call(next(following))


def test_check_ethics(benchmark: Any) -> None:
    benchmark(_next(ENGINE.check_ethics, _actions()))


def test_check_ethics_of_an_ordinary_small_action(benchmark: Any) -> None:
    asked = "summarise the reports of this week"
    paths = [{"path": f"reports/{place}.txt"} for place in range(500)]
    actions = [Action(tool="read_file", arguments=path, request=asked) for path in paths]
    benchmark(_next(ENGINE.check_ethics, actions))


def test_check_ethics_of_lexicon_words_only(benchmark: Any) -> None:
    """The worst case: 100,000 characters that all have to be read closely."""
    phrases = sorted({phrase for group in load().words.values() for phrase in group})
    text = " ".join(phrases * 2)[:100_000]
    benchmark(ENGINE.check_ethics, Action(tool="send_email", arguments={"body": text}))


def test_detect_hallucination(benchmark: Any) -> None:
    benchmark(_next(lambda row: ENGINE.detect_hallucination(*row), _outputs()))


def test_compute_love_metric(benchmark: Any) -> None:
    """With the counting of the experience before it: the state is never recounted."""
    window = LiveWindow()

    def observe(experience: Experience) -> float | None:
        window.observe(experience)
        return compute_love_metric(*window.halves()).value

    benchmark(_next(observe, [_experience(place) for place in range(5000)]))


def test_evaluate_alignment(benchmark: Any) -> None:
    """One answer counted and its tool's report made, over a thousand tools."""
    alignment = Alignment()
    rows = [(place % 3 == 0, place % 2 == 0, f"tool{place % 1000}") for place in range(5000)]

    def evaluate(row: tuple[bool, bool, str]) -> float:
        alignment.observe(row[0], row[1], tool=row[2], agent="coder")
        return alignment.evaluate(tool=row[2]).agreement

    benchmark(_next(evaluate, rows))


@pytest.mark.parametrize("characters", LENGTHS)
def test_check_ethics_by_length(benchmark: Any, characters: int) -> None:
    text = _text(characters)
    action = Action(tool="send_email", arguments={"body": text}, request="Send the report")
    benchmark(ENGINE.check_ethics, action)


@pytest.mark.parametrize("characters", LENGTHS)
def test_detect_hallucination_by_length(benchmark: Any, characters: int) -> None:
    """Output and evidence of that length together."""
    text = _text(characters // 2)
    benchmark(ENGINE.detect_hallucination, text, [text])


def _text(characters: int) -> str:
    sentences = (
        f"Order {place} from Kim was shipped to Oslo on day {place}. " for place in range(2500)
    )
    return "".join(sentences)[:characters]
