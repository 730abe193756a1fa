"""What the Love Engine costs: its four operations on recorded inputs where they are present.

Each round walks over the next of the rows, so that nothing is measured on one warm text.
"""

from collections import defaultdict

import pytest

from bench.inputs import actions, experiences, origin, outputs
from bench.measuring import Beside, Reference
from bench.naive import common_words, keyword_scan
from components.actions import Action, Experience
from components.love_engine import Alignment, LiveWindow, LoveEngine, compute_love_metric
from components.love_engine.lexicon import load

ENGINE = LoveEngine()
ROUNDS = 4_000
Answer = tuple[bool, bool, str]


@pytest.mark.figure("operation.love_engine.check_ethics")
def test_check_ethics(beside: Beside) -> None:
    beside.walk(ENGINE.check_ethics, actions(), keyword_scan(), rounds=ROUNDS, note=origin())


@pytest.mark.figure("other.love_engine.check_ethics_of_small_actions")
def test_check_ethics_of_an_ordinary_small_action(beside: Beside) -> None:
    asked = "summarise the reports of this week"
    paths = [{"path": f"reports/{place}.txt"} for place in range(500)]
    over = [Action(tool="read_file", arguments=path, request=asked) for path in paths]
    beside.walk(ENGINE.check_ethics, over, keyword_scan(), rounds=ROUNDS)


@pytest.mark.figure("other.love_engine.check_ethics_of_lexicon_words_only")
def test_check_ethics_of_lexicon_words_only(beside: Beside) -> None:
    """The worst case: 100,000 characters that all have to be read closely."""
    phrases = sorted({phrase for group in load().words.values() for phrase in group})
    text = " ".join(phrases * 2)[:100_000]
    over = [Action(tool="send_email", arguments={"body": text})]
    beside.walk(ENGINE.check_ethics, over, keyword_scan(), rounds=20)


@pytest.mark.figure("operation.love_engine.detect_hallucination")
def test_detect_hallucination(beside: Beside) -> None:
    beside.walk(
        lambda row: ENGINE.detect_hallucination(*row), outputs(), common_words(), rounds=ROUNDS
    )


@pytest.mark.figure("operation.love_engine.compute_love_metric")
def test_compute_love_metric(beside: Beside) -> None:
    """With the counting of the experience before it: the state is never recounted."""
    window, seen = LiveWindow(), [0, 0]

    def observe(experience: Experience) -> float | None:
        window.observe(experience)
        return compute_love_metric(*window.halves()).value

    def running_share(experience: Experience) -> float:
        seen[0] += 1
        seen[1] += experience.status == "ok"
        return seen[1] / seen[0]

    reference = Reference(
        "a running share of successes", running_share,
        "Ours also compares two windows: entropy, order and wellbeing",
    )  # fmt: skip
    beside.walk(observe, experiences(5_000), reference, rounds=20_000)


@pytest.mark.figure("operation.love_engine.evaluate_alignment")
def test_evaluate_alignment(beside: Beside) -> None:
    """One answer counted and its tool's report made, over a thousand tools."""
    alignment = Alignment()
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    rows = [(place % 3 == 0, place % 2 == 0, f"tool{place % 1000}") for place in range(5_000)]

    def evaluate(row: Answer) -> float:
        alignment.observe(row[0], row[1], tool=row[2], agent="coder")
        return alignment.evaluate(tool=row[2]).agreement

    def agreed(row: Answer) -> float:
        of = counts[row[2]]
        of[0] += 1
        of[1] += row[0] == row[1]
        return of[1] / of[0]

    reference = Reference(
        "two counters a tool in a dict", agreed,
        "Ours also keeps tables by agent, pair and day, and tells kappa with its interval",
    )  # fmt: skip
    beside.walk(evaluate, rows, reference, rounds=20_000)
