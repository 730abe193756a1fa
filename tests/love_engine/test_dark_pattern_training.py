"""The training of what recognises dark patterns: its parts, and that it holds on unseen groups."""

import math

import pytest

from components.love_engine import LoveEngine
from scripts.train.dark_pattern_rows import COMPOSED, SHOP, texts
from scripts.train.dark_patterns import trained
from scripts.train.logistic import Example, calibrate, fit, probability
from scripts.train.passage_training import Text, calibrated, fold
from tests.support import shared_data


def test_a_fit_minimises_the_loss_and_is_the_same_every_time() -> None:
    examples = [
        Example(["both", "yes"], 1.0, positive=True),
        Example(["both", "no"], 1.0, positive=False),
        Example(["both", "no"], 0.5, positive=False, weight=2.0),
    ]
    bias, weights = fit(examples, cost=3.0)
    assert (bias, weights) == fit(examples, cost=3.0)
    assert weights["yes"] > 0.5
    assert weights["no"] < -0.5

    def loss(bias: float, weights: dict[str, float]) -> float:
        total = 0.5 * (bias**2 + sum(weight**2 for weight in weights.values()))
        for one in examples:
            odds = bias + one.scale * sum(weights[name] for name in one.features)
            total += 3.0 * one.weight * math.log1p(math.exp(-odds if one.positive else odds))
        return total

    least = loss(bias, weights)
    for name in weights:
        for step in (-0.05, 0.05):
            assert loss(bias, {**weights, name: weights[name] + step}) > least


def test_calibration_makes_probabilities_honest() -> None:
    # Of the examples at log-odds 4 and -4 three quarters are what they seem: log-odds of ln 3.
    held_out = [(4.0, True)] * 3 + [(4.0, False)] + [(-4.0, False)] * 3 + [(-4.0, True)]
    slope, intercept = calibrate(held_out)
    assert probability(4.0 * slope + intercept) == pytest.approx(0.75, abs=0.01)
    assert probability(-4.0 * slope + intercept) == pytest.approx(0.25, abs=0.01)


def test_what_few_groups_have_is_not_learned_and_kinds_are_kept_apart() -> None:
    given = [Text(f"grab it {n}", "urgency", SHOP, f"a{n}") for n in range(8)]
    given += [Text(f"nearly empty {n}", "scarcity", SHOP, f"b{n}") for n in range(8)]
    given += [Text(f"quiet lamp {n}", "", SHOP, f"c{n}") for n in range(16)]
    given += [Text("grab Rosamund", "urgency", SHOP, "a0"), Text("Rosamund", "urgency", SHOP, "a1")]
    weights = trained(given).weights
    assert "grab" in weights["urgency"]
    assert "empty" in weights["scarcity"]
    assert "lamp" in weights[""]
    assert not any("rosamund" in named for of_kind in weights.values() for named in of_kind)


def test_texts_of_unseen_groups_are_told_apart() -> None:
    given = texts(shared_data("ec_darkpattern.jsonl").parent)
    unseen = [text for text in given if fold(text.group) == 0 and text.source == SHOP]
    model = trained([text for text in given if fold(text.group) != 0])
    engine = LoveEngine(calibrated(model, 1.0, 0.4))
    right = [bool(engine.check_message(text.text).concerns) == bool(text.kind) for text in unseen]
    assert sum(right) / len(right) >= 0.93
    ordinary = [one for one in given if fold(one.group) == 0 and one.source not in (SHOP, COMPOSED)]
    pressed = [bool(engine.check_message(text.text).concerns) for text in ordinary]
    assert sum(pressed) / len(pressed) <= 0.03
