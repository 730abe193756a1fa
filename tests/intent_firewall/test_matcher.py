import random
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.intent_firewall import Match, Rule, literals
from components.intent_firewall.literals import Literals, _ByWords
from components.intent_firewall.matcher import TextMatcher
from components.intent_firewall.normalise import fold


def rule(name: str, *literal: str, regex: str = "", unless: str = "") -> Rule:
    return Rule(id=name, reason="r", match=Match(literal=literal, regex=regex, unless=unless))


def hits(matcher: TextMatcher, text: str) -> set[int]:
    return {hit.index for hit in matcher.find(fold(text))}


def test_a_literal_stands_alone_as_a_word() -> None:
    matcher = TextMatcher([rule("a", "cat"), rule("b", "c++"), rule("c", "two words")])
    assert hits(matcher, "the CAT sat") == {0}
    assert hits(matcher, "concatenate") == set()
    assert hits(matcher, "cat_1 then cat") == {0}
    assert hits(matcher, "learn c++ now, two words") == {1, 2}


def test_a_regex_is_confirmed_only_where_its_literal_stands() -> None:
    matcher = TextMatcher([rule("a", "drop", "delete", regex=r"(drop|delete)\s+\d+")])
    assert hits(matcher, "please DELETE  42 rows") == {0}
    assert hits(matcher, "please delete rows") == set()
    found = next(iter(matcher.find(fold("please DELETE  42 rows"))))
    assert (found.start, found.end) == (7, 17)


def test_unless_takes_a_match_back() -> None:
    matcher = TextMatcher([rule("a", "shutdown", unless="--help")])
    assert hits(matcher, "shutdown now") == {0}
    assert hits(matcher, "shutdown --help") == set()


def test_no_rules_match_nothing() -> None:
    assert hits(TextMatcher([]), "anything") == set()


def test_it_agrees_with_a_loop_of_re_over_many_rules() -> None:
    chooser = random.Random(7)
    words = [f"w{chooser.randrange(400)}x" for _ in range(300)]
    rules = [
        rule(f"r{index}", word, regex=rf"{word}\s+{other}")
        for index, (word, other) in enumerate(pairwise(words))
    ]
    matcher = TextMatcher(rules)
    compiled = [re.compile(one.match.regex) for one in rules]
    found = 0
    for _ in range(40):
        text = " ".join(chooser.choice(words) for _ in range(400))
        wanted = {index for index, pattern in enumerate(compiled) if pattern.search(text)}
        assert hits(matcher, text) == wanted
        found += len(wanted)
    assert found > 100


WORDS = ("ab", "abab", "bab", "b", "a b", "é", "éa", "long literal", "l", "\n\n", "𝒳b")
RARE = [word for word in WORDS if len(word.strip()) > 3]


def made(words: list[str], *, few: bool) -> Literals:
    """Literals that are found by RE2, as few are, or by words, as many are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(literals, "MAX_IN_PATTERN", 10**6 if few else 0)
        return Literals({word: word for word in words})


FINDERS = [(made(words, few=few), words) for words in (list(WORDS), RARE) for few in (True, False)]
TEXTS = st.lists(
    st.sampled_from([*WORDS, "long ", "literal", "c", " ", "\n", "x" * 30, "𝒳", "ab" * 40]),
    max_size=9,
).map("".join)


def ends(words: list[str], text: str) -> list[tuple[int, str]]:
    longest_first = sorted(words, key=len, reverse=True)
    return [
        (end - 1, word)
        for end in range(1, len(text) + 1)
        for word in longest_first
        if text.endswith(word, 0, end)
    ]


@given(TEXTS)
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_all_literals_are_found_in_the_order_of_their_ends(text: str) -> None:
    for found, words in FINDERS:
        for _ in range(2):  # the second time, its words are known
            assert list(found.iter(text)) == ends(words, text)
            stretches = found.stretches(text)
            assert all(one[1] < other[0] for one, other in pairwise(stretches))
            assert all(0 <= start < end <= len(text) for start, end in stretches)


@pytest.mark.parametrize("most", [0, 1, 7, 10**6])
def test_many_places_are_found_as_few_are(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    text = "".join(f"ab é{number} " for number in range(50)) + "x" * 100 + "long literal ab"
    monkeypatch.setattr(literals, "MAX_PLACES", most)
    for found, words in FINDERS:
        assert list(found.iter(text)) == ends(words, text)


def test_literals_of_spaces_alone_are_found() -> None:
    for few in (True, False):
        assert [last for last, _ in made(["\n\n", "  "], few=few).iter("a\n\nb  c")] == [2, 5]


def test_the_words_that_are_known_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(literals, "MAX_WORDS", 100)
    found = made(RARE, few=False)
    for number in range(300):
        text = f"w{number} literal é{number} abab"
        assert list(found.iter(text)) == ends(RARE, text)
    found.stretches(" ".join(f"v{number}" for number in range(1_000)))
    near = found._near
    assert isinstance(near, _ByWords)
    assert 0 < len(near._clean) <= 100
    found.stretches("short " + "y" * 10_000)
    assert max(map(len, near._clean)) < 100
