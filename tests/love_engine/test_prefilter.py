"""The prefilter leaves out no text that has a feature, and leaves out nearly all that have none."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.love_engine.fields import Field
from components.love_engine.lexicon import FieldKind, compile_lexicon, load
from components.love_engine.prefilter import Prefilter
from components.love_engine.scan import Scanner
from components.love_engine.words import distinct, spans, tokens
from tests.love_engine.cases import CASES
from tests.love_engine.test_lexicon import COMMON, FEATURE

LEXICON = load()
PREFILTER = Prefilter(LEXICON)
SCANNER = Scanner(LEXICON)
KINDS: tuple[FieldKind, ...] = ("request", "narrative", "message", "argument", "command")

# Whole features in order, so that many texts have one; single phrases; and disguises.
_GROUPS = {group: sorted(phrases) for group, phrases in LEXICON.words.items()}
_PHRASE = st.sampled_from(sorted({phrase for group in _GROUPS.values() for phrase in group}))
_NOISE = st.text(alphabet="aZ9 .,;!?'’\"“”\n\t-_é\u200b\u00adﬁ", max_size=4)


@st.composite
def _feature(draw: st.DrawFn) -> str:
    rule = draw(st.sampled_from(LEXICON.features)).rule
    groups = [draw(st.sampled_from(step.split("|"))) for step in (*rule.sequence, *rule.also)]
    return " ".join(draw(st.sampled_from(_GROUPS[group])) for group in groups)


@st.composite
def _text(draw: st.DrawFn) -> str:
    parts = draw(st.lists(_feature() | _PHRASE | _NOISE, min_size=1, max_size=6))
    text = draw(st.sampled_from([" ", " ", ". ", ", the ", "\u00a0"])).join(parts)
    dressed = st.sampled_from([str, str.upper, str.title, lambda text: text.replace("'", "’")])
    return draw(dressed)(text)


@settings(max_examples=600, deadline=None)
@given(_text(), st.sampled_from(KINDS), st.lists(_PHRASE, max_size=1))
def test_a_text_that_does_not_pass_has_no_feature(
    text: str, kind: FieldKind, lead: list[str]
) -> None:
    field = Field(kind, kind, text, tuple(" ".join(lead).split()))
    if SCANNER.scan(field):
        assert PREFILTER.may_hold(field.distinct, kind)
        assert PREFILTER.may_hold(field.distinct | {"other"})  # nor with more words, of any kind


def test_every_case_of_a_feature_in_a_text_passes() -> None:
    told = {feature.rule.name for feature in LEXICON.features}
    texts = [case for case in CASES if case.feature in told and case.guilty.request]
    assert len(texts) > 20
    for case in texts:
        assert PREFILTER.may_hold(distinct(case.guilty.request), "request"), case.feature


def test_what_is_missing_or_of_another_kind_does_not_pass() -> None:
    prefilter = Prefilter(compile_lexicon({"common.toml": COMMON, "fairness.toml": FEATURE}))
    assert prefilter.may_hold({"carry", "the", "city", "off"}, "request")
    assert not prefilter.may_hold({"carry", "city"}, "request")  # half of a phrase
    assert not prefilter.may_hold({"stab"}, "request")
    assert not prefilter.may_hold({"city"}, "request")
    assert not prefilter.may_hold({"stab", "city"}, "command")
    assert not prefilter.may_hold(set())


def test_ordinary_texts_do_not_pass() -> None:
    for text in [
        "Summarise the reports of this week and send them to my manager.",
        "What is the weather in Oslo tomorrow? Book a table for four people.",
        "find . -name '*.py' | xargs wc -l",
    ]:
        assert not PREFILTER.may_hold(distinct(text)), text


_TOKEN = re.compile(r"[^\W_]+(?:['’\u00ad\u200b]+[^\W_]+)*|[.!?](?=[\s\"”»)]|$)|;|\n\s*\n|[\"“”«»]")


@settings(max_examples=600, deadline=None)
@given(st.text(alphabet="aBz09 ''’.!?;\"”)\n\n\t\x1c_-—é\u200b\u00ad", max_size=24))
def test_words_are_the_same_however_they_are_found(text: str) -> None:
    """By tables and cuts where the text is plain, by a pattern where it is not."""
    found = _TOKEN.findall(text)
    words = tokens(text)
    assert [text[slice(*place)] for place in spans(text)] == found
    for word, raw in zip(words, found, strict=True):
        mark = '"' if raw in set('"“”«»') else "."
        plain = raw.replace("’", "'").replace("\u200b", "").replace("\u00ad", "").lower()
        assert word == (plain if raw[0].isalnum() else mark)
    assert distinct(text) - {".", '"'} == set(words) - {".", '"'}


@pytest.mark.parametrize("text", ["'a' b", "''a'' 'b", "a ''' b'", "'''a'b''' '", "' a'b '' c '"])
def test_quotes_around_words_go_however_many_there_are(text: str) -> None:
    expected = [bare for word in text.split() if (bare := word.strip("'"))]
    assert tokens(text) == expected
    assert distinct(text) == set(expected)
