"""Dark patterns in messages: found with their kind and words, and ordinary messages let alone."""

import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.actions import Concern
from components.love_engine import ETHICS_THRESHOLD, LoveEngine
from components.love_engine.dark_patterns import reader, reading
from components.love_engine.lexicon import load
from components.love_engine.passage_model import Feature, Weights, features, sentences, shipped

ENGINE = LoveEngine()
READING = reading(load())
READER = reader(shipped("dark_patterns"), READING)
_WORDS = ["only", "2", "left", "!", ".", "\n", "İ", "9:41:07", "sold", "’", "don't", "٣", "\u2028"]
_TEXT = st.text(max_size=200) | st.lists(st.sampled_from(_WORDS)).map(" ".join)


def pattern(text: str) -> Concern | None:
    found = ENGINE.check_message(text).concerns
    return next((one for one in found if one.feature.startswith("dark_pattern_")), None)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Offer ends in 02:11:09", "urgency", "ends"),
        ("4 pieces left at this price", "scarcity", "left"),
        ("Lena from Ghent bought this lamp 4 minutes ago", "social_proof", "bought"),
        ("No, I would rather pay more", "misdirection", "rather"),
    ],
)
def test_a_dark_pattern_is_found_with_its_kind_and_words(text: str, kind: str, words: str) -> None:
    found = READER.find(text)
    assert found is not None
    assert found.kind == kind
    assert 0.5 < found.probability <= 1.0
    assert words in text[slice(*found.span)]


@pytest.mark.parametrize(
    "text",
    [
        "Your parcel will be at the post office on Tuesday.",
        "The minutes of the meeting are attached, please correct them.",
        "Kim and two others will join us for lunch.",
        "I moved the files to the new folder and deleted nothing.",
        "Lamps and lights",
        "Contact us",
        "",
        "  \n ",
    ],
)
def test_an_ordinary_message_has_no_concern(text: str) -> None:
    assert ENGINE.check_message(text) is ENGINE.no_concern


def test_the_concern_tells_where_and_what_and_stops_nothing() -> None:
    text = "Good morning.\nLena from Ghent bought this lamp 4 minutes ago\nSee you soon."
    found = pattern(text)
    assert found is not None
    assert (found.dimension, found.severity) == ("autonomy_respect", "medium")
    assert found.text == "It presses with what others are said to do."
    assert found.span is not None
    assert text[slice(*found.span)] == found.excerpt
    assert "bought" in found.excerpt
    assert ENGINE.check_message(text).score >= ETHICS_THRESHOLD


def test_what_the_lexicon_has_named_is_not_named_again() -> None:
    found = ENGINE.check_message("Hurry up, only 2 left!").concerns
    assert {one.feature for one in found} == {"urgency", "few_left"}


def test_every_kind_of_the_model_has_its_sentence() -> None:
    kinds = {kind for kind in shipped("dark_patterns").weights if kind}
    assert {f"dark_pattern_{kind}" for kind in kinds} <= set(load().measures)


def test_of_many_passages_each_has_to_stand_out() -> None:
    weights = Weights(-1.0, {"": {}, "scarcity": {"left": 6.0}})
    model = reader(weights, READING)
    alone, _ = model.worst("three left")
    among, (start, end) = model.worst("three left\n" + "nothing here\n" * 20)
    assert alone > 0.0 > among
    assert (start, end) == (0, 10)


def known(text: str) -> set[Feature]:
    return set(features(text, READING)[1])


def test_words_stand_for_their_class_and_numbers_for_each_other() -> None:
    both = known("12 shoppers are here") & known("7 visitors are here")
    assert {"@crowd", ("0", "@crowd")} <= both
    assert "0:0:0" in known("01:59:59") - known("01:59")
    assert ("0", "@clock") in known("13mins") & known("4 HRS")
    assert "#capitals" in known("BUY") - known("Buy")


@settings(max_examples=200, deadline=None)
@given(_TEXT)
def test_the_log_odds_are_what_the_features_say(text: str) -> None:
    weights = msgspec.structs.replace(shipped("dark_patterns"), hopeless=-math.inf)
    by_name = {name: weight for kind in weights.weights.values() for name, weight in kind.items()}
    size, found = features(text, READING)
    said = sum(by_name.get(one if isinstance(one, str) else " ".join(one), 0.0) for one in found)
    expected = weights.bias + said / math.sqrt(size)
    assert reader(weights, READING).log_odds(text) == pytest.approx(expected)


def test_pairs_are_left_out_where_the_words_alone_are_hopeless() -> None:
    named = {"": {"tide": -6.0}, "scarcity": {"neap tide": 30.0}}
    text = "neap tide at noon"
    assert reader(Weights(-1.0, named), READING).log_odds(text) > 0.0
    assert reader(Weights(-1.0, named, hopeless=-9.0), READING).log_odds(text) > 0.0
    assert reader(Weights(-1.0, named, hopeless=-2.0), READING).log_odds(text) < -2.0


def test_sentences_end_with_their_marks_and_lines() -> None:
    text = "One. Two!\n\n  Three 3.5 four"
    assert [text[slice(*span)] for span in sentences(text)] == ["One.", "Two!", "Three 3.5 four"]


@settings(max_examples=300, deadline=None)
@given(_TEXT)
def test_any_message_has_an_assessment_with_its_place(text: str) -> None:
    found = READER.find(text)
    if found is not None:
        assert 0 <= found.span[0] < found.span[1] <= len(text)
    assessed = ENGINE.check_message(text)
    assert 0.0 <= assessed.score <= 1.0
    for one in assessed.concerns:
        assert one.span is None or text[slice(*one.span)].startswith(one.excerpt)
