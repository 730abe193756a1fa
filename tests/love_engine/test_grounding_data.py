"""Grounding on answers that people judged, and on sentences made from texts; wide margins."""

import json
from typing import Any

import pytest

from components.love_engine.grounding import ground
from scripts.train.grounding_sentences import examples
from tests.support import shared_data


def rows(name: str) -> list[dict[str, Any]]:
    lines = shared_data(f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def auc(higher: list[float], lower: list[float]) -> float:
    """The share of pairs in the right order, ties counted half."""
    right = sum((a > b) + 0.5 * (a == b) for a in higher for b in lower)
    return right / (len(higher) * len(lower))


@pytest.mark.parametrize("part", ["cmu", "tc", "wow"])
def test_grounded_answers_stand_above_the_others_in_every_part(part: str) -> None:
    good: list[float] = []
    bad: list[float] = []
    for row in rows("begin"):
        if part in row["suite"] and row["label"] != "generic":
            chosen = good if row["label"] == "grounded" else bad
            chosen.append(ground(row["output"], [row["context"]]).grounded)
    assert auc(good, bad) >= 0.92


def test_true_sentences_stand_above_spoiled_ones() -> None:
    texts = [row["content"] for row in rows("ethics_commonsense")[::2]]
    made = examples(texts, seed=9)
    good, bad = (
        [ground(one.text, [one.evidence]).grounded for one in made if one.faithful is faithful]
        for faithful in (True, False)
    )
    assert len(good) == len(bad) >= 200
    assert auc(good, bad) >= 0.8
