"""Lexicon files that cannot be used are refused with file and entry."""

import pytest

from components.love_engine import BadLexicon
from components.love_engine.fields import Field
from components.love_engine.lexicon import compile_lexicon
from components.love_engine.scan import Scanner

COMMON = """
[groups]
negation = ["not"]
mention = ["word"]
inquiry = ["what is"]
seek = ["way to"]
verb = ["stab~", "carry~ off"]
"""
FEATURE = """
dimension = "fairness"
[groups]
noun = ["city+"]
[[feature]]
name = "f"
severity = "low"
text = "It is so."
sequence = ["verb", "noun"]
within = 1
"""


def found(text: str, feature: str = FEATURE) -> list[str]:
    lexicon = compile_lexicon({"common.toml": COMMON, "fairness.toml": feature})
    findings = Scanner(lexicon).scan(Field("request", "request", text))
    return [finding.place()[1] for finding in findings]


@pytest.mark.parametrize(
    "text",
    ["stab city", "stabbed the city", "stabbing cities", "carries off the city", "STABS city"],
)
def test_inflections_are_made_from_the_marker(text: str) -> None:
    assert found(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "stab at the city",  # too far
        "the city stab",  # the wrong way round
        "stab. city",  # another sentence
        "do not stab the city",  # denied
        "stabile city",  # another word
    ],
)
def test_sequence_distance_sentence_and_negation_count(text: str) -> None:
    assert found(text) == []


def test_no_inquiry_excuses_a_sentence_that_asks_for_a_way() -> None:
    feature = FEATURE + 'unless = ["inquiry"]'
    assert found("what is a stab at a city", feature.replace("= 1", "= 2")) == []
    assert found("what is a way to stab the city", feature) == ["stab the city"]
    assert found("what is a way to live? what is to stab the city", feature) == []


def test_an_unless_group_excuses_the_sentence_only() -> None:
    feature = FEATURE.replace("[groups]", '[groups]\nplay = ["game"]') + 'unless = ["play"]\n'
    assert found("stab the city in the game", feature) == []
    assert found("It is a game. Stab the city", feature) == ["Stab the city"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (FEATURE.replace('"noun"]', '"nown"]'), "fairness.toml: feature f: no group nown"),
        (FEATURE.replace('["verb", "noun"]', "[]"), "fairness.toml: feature f: an empty sequence"),
        (FEATURE.replace("severity", "gravity"), "fairness.toml: .*gravity"),
        (FEATURE.replace('"low"', '"dire"'), "fairness.toml: .*dire"),
        (FEATURE + "[", "fairness.toml: "),
        (FEATURE.replace("noun =", "verb ="), "two lexicons define one group"),
        (FEATURE.replace('"city+"', '"."'), "group noun: a phrase without a word"),
    ],
)
def test_a_bad_lexicon_is_refused(wrong: str, says: str) -> None:
    with pytest.raises(BadLexicon, match=says):
        compile_lexicon({"common.toml": COMMON, "fairness.toml": wrong})
