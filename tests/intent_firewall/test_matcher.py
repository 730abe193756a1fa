import random
import re
from itertools import pairwise

from components.intent_firewall import Match, Rule
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
