"""How texts become sentences and comparable words, the same for outputs and their evidence."""

import pytest

from components.love_engine.grounding_words import (
    LONGEST_SENTENCE,
    denied,
    sentence_words,
    sentences,
)


def words(text: str) -> list[str]:
    return [word for said in sentences(text) for word in said.words]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It rained. It stopped.", 2),
        ("It rained\nIt stopped", 2),
        ('"It rained." Then it stopped!', 2),
        ("Mr. Reed met Mrs. Dee and Dr. Lund.", 1),
        ("The U.S. team met J. Reed.", 1),
        ("It costs 3.50 at www.example.org today.", 1),
        ("Wait... what?!", 2),
        ("", 0),
        ("... !\n\n", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(list(sentences(text))) == len(list(filter(None, sentence_words(text)))) == count


def test_a_sentence_knows_where_it_and_its_words_stand() -> None:
    text = "It rained. Then  it stopped."
    for said in sentences(text):
        assert text[said.start :].startswith(said.text)
        assert [text[slice(*one.span())] for one in said.found] == said.text.strip(" .").split()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000 people", "1000 person"),
        ("12 cats", "twelve cats"),
        ("the 1960s", "the 1960"),
        ("the 20th", "the 20"),
        ("she said", "she told"),
        ("they fell", "they declined"),
        ("he was caught", "he was catching"),
        ("two children", "two kids"),
        ("it’s Kim’s", "it's Kim's"),
    ],
)
def test_forms_that_fall_together(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(("one", "other"), [("he rose", "he fell"), ("3.5", "35"), ("1.5", "1")])
def test_forms_that_do_not(one: str, other: str) -> None:
    assert words(one) != words(other)


@pytest.mark.parametrize(
    "text",
    [
        "It rained 1,200.5 mm on the 3rd, didn't it? 'Yes,' said Kim's aunt; \"no\" – I’d say.",
        "Naïve cafés cost £3.50 – “cheap”, they’d say. 6-4, 7-5.",
        "first_name=Kim&x=1\tend",
    ],
)
def test_outputs_and_evidence_have_the_same_words(text: str) -> None:
    assert words(text) == [word for one in sentence_words(text) for word in one]


def test_a_sentence_of_the_evidence_without_end_is_cut() -> None:
    found = list(sentence_words("data " * 200))
    assert [len(one) for one in found] == [LONGEST_SENTENCE, LONGEST_SENTENCE, 40]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the lift does not run at night", {"run", "night"}),
        ("they refused to sign and left", {"sign"}),
        ("the lift runs", set()),
        ("no blue green red white boat", {"blu", "green", "red"}),
    ],
)
def test_what_a_negation_governs(text: str, expected: set[str]) -> None:
    assert denied(words(text)) == expected
