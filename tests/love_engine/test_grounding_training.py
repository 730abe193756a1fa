"""The examples that the weights are fitted on, and the fit."""

import random

from scripts.train.grounding import NAMES, Row, figures, fit
from scripts.train.grounding_sentences import examples

TEXTS = [
    f"{name} opened a bakery in {town} in {year}. The shop was praised by the local paper for its "
    f"bread. Its owner hired {count} people during the summer. They baked for schools and "
    "hospitals. A fire damaged the oven, but it was quickly repaired."
    for name, town, year, count in [
        ("Ruth", "Harlow", 1999, 14),
        ("Liam", "Cork", 2004, 7),
        ("Ines", "Porto", 2011, 31),
    ]
]


def test_examples_are_the_same_for_the_same_seed() -> None:
    assert examples(TEXTS, 1) == examples(TEXTS, 1) != examples(TEXTS, 2)


def test_half_of_the_examples_are_spoiled_and_none_of_those_stands_in_its_text() -> None:
    made = [one for seed in range(20) for one in examples(TEXTS, seed)]
    spoiled = [one for one in made if not one.faithful]
    assert len(spoiled) * 2 == len(made) == 20 * len(TEXTS) * 4
    assert not [one.text for one in spoiled if one.text in one.evidence]


def test_short_texts_make_no_examples() -> None:
    assert examples(["One short line."], 1) == []


def test_the_fit_finds_what_tells_and_keeps_every_weight_to_its_sign() -> None:
    chance = random.Random(1)
    rows = [
        Row(
            tuple(
                grounded * 1.0 + chance.random() if name in {"known", "asking"} else chance.random()
                for name in NAMES
            ),
            grounded,
            1.0,
        )
        for grounded in (True, False)
        for _ in range(30)
    ]
    weights, _ = fit(rows)
    found = dict(zip(NAMES, weights, strict=True))
    assert found["known"] == max(found.values()) > 1.0
    assert found["asking"] == 0.0  # it goes with grounded here, which it must not speak for


def test_figures_of_an_output_without_words() -> None:
    assert figures("...", "Some evidence.") is None
