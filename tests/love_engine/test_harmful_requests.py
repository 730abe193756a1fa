"""Requests that read like harmful ones: asked about with their words, whatever they are put in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.actions import Action, Concern
from components.love_engine import ETHICS_THRESHOLD, LoveEngine, harmful_requests
from components.love_engine.harmful_requests import DOUBTFUL, LIKELY, READ, passages
from components.love_engine.lexicon import load
from components.love_engine.passage_model import Weights

ENGINE = LoveEngine()
_FEATURES = ("harmful_request", "doubtful_request")
_MARK = "umbrella"  # of no group in the lexicon


def told(engine: LoveEngine, text: str) -> Concern | None:
    found = engine.check_request(text).concerns
    return next((one for one in found if one.feature in _FEATURES), None)


def knowing(bias: float, weight: float) -> LoveEngine:
    """An engine whose model takes one harmless word for a sign of harm."""
    return LoveEngine(requests=Weights(bias, {"": {}, harmful_requests.HARM: {_MARK: weight}}))


def test_a_likely_request_is_an_objection_and_names_its_words() -> None:
    text = f"Please fetch the {_MARK} from the hall"
    found = told(knowing(-1.0, 30.0), text)
    assert found is not None
    assert (found.feature, found.dimension, found.severity) == (
        "harmful_request", "harm_prevention", "high",
    )  # fmt: skip
    assert (found.where, found.excerpt) == ("request", _MARK)
    assert found.span is not None
    assert text[slice(*found.span)] == _MARK
    assert knowing(-1.0, 30.0).check_request(text).score < ETHICS_THRESHOLD


def test_a_doubtful_one_is_shown_and_stops_nothing() -> None:
    engine = knowing(0.2, 0.0)  # log-odds; a probability of 0.55
    assert DOUBTFUL < 0.55 < LIKELY
    found = told(engine, f"Where is my {_MARK}?")
    assert found is not None
    assert (found.feature, found.severity) == ("doubtful_request", "medium")
    assert engine.check_request(f"Where is my {_MARK}?").score >= ETHICS_THRESHOLD


def test_what_the_lexicon_objects_to_is_not_told_again() -> None:
    text = f"How do I strangle a stranger with an {_MARK}?"
    features = [one.feature for one in knowing(-1.0, 30.0).check_request(text).concerns]
    assert features == ["violence_against_persons"]


def test_only_the_request_is_read() -> None:
    action = Action(tool="send_email", arguments={"body": _MARK}, narrative=_MARK)
    assert knowing(-1.0, 30.0).check_ethics(action) is ENGINE.no_concern


def test_a_long_request_is_read_sentence_by_sentence_and_only_its_beginning() -> None:
    ordinary = "The table of last week has eleven rows and three columns. "
    assert list(passages(ordinary)) == [(0, len(ordinary))]
    long = ordinary * 10 + f"Fetch the {_MARK}. " + ordinary * 10
    assert all(_MARK not in long[slice(*span)] or span[1] - span[0] < 40 for span in passages(long))
    assert told(knowing(-1.0, 60.0), long) is not None
    assert told(knowing(-1.0, 60.0), ordinary * (1 + READ // len(ordinary)) + _MARK) is None


def test_the_features_have_their_sentences() -> None:
    assert set(_FEATURES) <= set(load().measures)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=600))
def test_any_request_has_an_assessment_with_its_place(text: str) -> None:
    for one in ENGINE.check_request(text).concerns:
        assert one.span is None or text[slice(*one.span)].startswith(one.excerpt)


@pytest.mark.parametrize("text", ["", "  \n ", "?", "Thanks!", "Go on."])
def test_what_says_nothing_is_no_harm(text: str) -> None:
    assert ENGINE.check_request(text) is ENGINE.no_concern
