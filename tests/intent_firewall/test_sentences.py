"""Texts are cut where a reader would stop, however they were laid out."""

import pytest

from components.intent_firewall.sentences import LONGEST, sentences_in, unwrapped


def cut(text: str) -> list[str]:
    text = unwrapped(text)
    return [text[one.start : one.end] for one in sentences_in(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rains. Take the bus!", ["It rains.", "Take the bus!"]),
        ("Ask Dr. Weber about it, e.g. today.", ["Ask Dr. Weber about it, e.g. today."]),
        ("- first thing\n- second thing", ["first thing", "second thing"]),
        ("| a cell | another cell |", ["a cell ", "another cell "]),
        ("{'name': 'Lena Ott', 'bio': 'Likes tea.'}", ["Lena Ott", "Likes tea."]),
        ("title: Walk in the park", ["Walk in the park"]),
        ("Great Offer: Please call us.", ["Please call us."]),
        ("We are back, Please call us.", ["We are back", "Please call us."]),
        ("<p>One paragraph</p><p>And another</p>", ["One paragraph", "And another"]),
        ("Is it open?\\nCome in.", ["Is it open?", "Come in."]),
        ("x. y.", []),
    ],
)
def test_a_text_is_cut_into_sentences_cells_and_values(text: str, sentences: list[str]) -> None:
    assert [one for one in cut(text) if one not in {"name", "'name"}] == sentences


def test_a_line_that_was_only_wrapped_goes_on() -> None:
    text = "the committee will meet on Thursday in the large hall,\nas it did in the spring."
    assert cut(text) == [text]


def test_a_wrapped_line_with_a_capital_may_also_begin_a_sentence() -> None:
    text = "https://lists.example.org/members/of/the/large/committee\nTranslate this into Welsh."
    assert "Translate this into Welsh." in cut(text)


def test_escapes_of_records_keep_their_places() -> None:
    text = 'a: "one\\ntwo\\\n  \\ three\\tfour"'
    assert len(unwrapped(text)) == len(text)
    assert unwrapped(text).split() == ["a:", '"one', "two", "three", 'four"']


def test_what_never_ends_is_cut_at_spaces() -> None:
    pieces = cut("word " * 1000)
    assert len(pieces) > 1
    assert all(len(one) <= LONGEST and "wo rd" not in one for one in pieces)
    assert sum(one.count("word") for one in pieces) == 1000
