"""Each figure of a sentence, with a sentence that has it and one that does not."""

import pytest

from components.love_engine.grounding_evidence import Evidence
from components.love_engine.grounding_features import Features, Held
from components.love_engine.grounding_weights import WEIGHTS, support
from components.love_engine.grounding_words import sentences

EVIDENCE = (
    "Mayor Ruth Okoro opened the new bridge in Harlow on 3 May. It cost 12 million pounds. "
    "Cyclists may not use the northern lane. The old bridge, built in 1931, was sold for scrap. "
    "Engineer Liam Shaw had found cracks in two pillars."
)
SUPPORTING = {"known", "copied", "together"}


def held(text: str) -> Held:
    said = list(sentences(text))
    return Held(said[0], Evidence([EVIDENCE], said))


def features(text: str) -> Features:
    return held(text).features()


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("known", "The mayor opened the bridge.", "The gardener painted the fence."),
        ("copied", "The old bridge was sold for scrap.", "Scrap was the old bridge sold for."),
        ("together", "Okoro opened the bridge in Harlow.", "Okoro found pillars in scrap."),
        ("scattered", "Okoro found pillars in scrap.", "Okoro opened the bridge in Harlow."),
        ("invented", "It cost 15 million pounds.", "It cost 12 million pounds."),
        ("invented", "The mayor, Jane Tully, opened it.", "The mayor, Ruth Okoro, opened it."),
        ("far_names", "Cracks in pillars worried Ruth Okoro.", "Cracks worried Liam Shaw."),
        ("far_numbers", "The bridge cost 1931 million pounds.", "It cost 12 million pounds."),
        ("replaced", "The statue was sold for scrap.", "The bridge was sold for scrap."),
        ("denied", "Cyclists may use the northern lane.", "Cyclists may not use the lane."),
        ("denied", "The old bridge was not sold.", "The old bridge was sold."),
        ("speaking", "I think you opened the bridge.", "The mayor opened the bridge."),
        ("asking", "Was the bridge sold?", "The bridge was sold."),
    ],
)
def test_a_figure_tells_the_two_apart(name: str, more: str, less: str) -> None:
    assert getattr(features(more), name) > getattr(features(less), name)


def test_a_name_of_the_sentence_before_is_near() -> None:
    assert not held("The bridge of Ruth Okoro cost 12 million pounds.").far_names()


@pytest.mark.parametrize("name", Features.__struct_fields__)
def test_a_weight_pulls_the_way_its_figure_says(name: str) -> None:
    least = dict.fromkeys(Features.__struct_fields__, 0.0)
    low, high = support(Features(**least)), support(Features(**{**least, name: 1.0}))
    assert (high > low) is (name in SUPPORTING)
    assert (getattr(WEIGHTS, name) > 0) is (name in SUPPORTING)
