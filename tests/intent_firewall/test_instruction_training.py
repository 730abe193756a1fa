"""What trains the model of tasks: sentences composed in full, a fit that is the same each time."""

import json
import math
from pathlib import Path

import pytest

from components.intent_firewall.task_features import features_of
from components.intent_firewall.task_model import Weights, chance, shipped
from scripts.train import composed
from scripts.train.instruction_rows import labelled
from scripts.train.logistic import probability
from scripts.train.sparse_logistic import BIAS, Example, calibration, fit
from scripts.train.told import interval, ranking
from tests.support import shared_data

WEIGHTS = Path(__file__).parents[2] / "components/intent_firewall/weights/instructions.json"
EXAMPLES = [
    Example(("a", "b"), True), Example(("a",), True), Example(("b", "c"), False),
    Example(("c",), False), Example(("d",), True), Example(("d",), False),
] * 20  # fmt: skip


@pytest.mark.parametrize("name", ["tasks", "mail"])
def test_every_slot_is_filled_and_the_same_each_time(name: str) -> None:
    found = list(composed.sentences(name))
    assert len({template for _, template in found}) > 300
    assert not [text for text, _ in found if "{" in text or "}" in text]
    assert found == list(composed.sentences(name))


def test_no_template_is_both_a_task_and_none() -> None:
    tasks = {template for _, template in composed.sentences("tasks")}
    assert tasks.isdisjoint(template for _, template in composed.sentences("mail"))


def test_a_fit_tells_classes_apart_and_gives_what_tells_nothing_no_weight() -> None:
    weights = fit(EXAMPLES, l1=1.0, l2=1.0, rounds=10)
    assert weights["a"] > 0 > weights["c"]
    assert "d" not in weights
    model = Weights(weights[BIAS], weights)
    assert model.log_odds({"a", "b"}) > 0 > model.log_odds({"c"})
    assert fit(EXAMPLES, l1=1.0, l2=1.0, rounds=10) == weights
    assert set(fit(EXAMPLES, l1=1e9, l2=1.0, rounds=2)) <= {BIAS}


def test_calibration_makes_scores_say_how_often_they_are_right() -> None:
    scores = [-2.0] * 100 + [2.0] * 100
    labels = [True] * 25 + [False] * 75 + [True] * 75 + [False] * 25
    slope, offset = calibration(scores, labels)
    assert probability(slope * 2.0 + offset) == pytest.approx(0.75, abs=0.001)
    assert probability(slope * -2.0 + offset) == pytest.approx(0.25, abs=0.001)


def test_ranking_counts_pairs_and_ties_by_half() -> None:
    assert ranking([(0.1, False), (0.9, True)]) == 1.0
    assert ranking([(0.5, False), (0.5, True)]) == 0.5
    assert ranking([(0.9, False), (0.1, True), (0.95, True)]) == 0.5


def test_an_interval_holds_its_figure() -> None:
    told = interval(["a", "a", "b"], [1, 1, 0], lambda values: sum(values) / len(values))
    assert told == "0.667 [0.000, 1.000]"


def test_the_shipped_weights_are_small_and_sound() -> None:
    assert WEIGHTS.stat().st_size < 300_000
    body = json.loads(WEIGHTS.read_text("utf-8"))
    assert list(body["weights"]) == sorted(body["weights"])
    model = shipped()
    assert model == Weights(body["bias"], body["weights"])
    assert all(math.isfinite(one) and one for one in model.weights.values())
    assert 0.9 < chance(model.log_odds(features_of("Write a poem about your answer."))) < 1
    assert (
        chance(model.log_odds(features_of("Thanks for the quick answer, see you on Monday."))) < 0.1
    )


def test_rows_are_read_with_their_groups_and_no_sentence_twice() -> None:
    found = labelled(shared_data("bipia.jsonl").parent)
    assert len({(one.text.lower(), one.task) for one in found}) == len(found)
    assert {one.source for one in found if one.task} > {"composed", "bipia tasks", "bfcl"}
