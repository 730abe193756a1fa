"""Agent text made safe: nothing invisible, nothing that a terminal obeys."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.text import is_plain, mixed_scripts, safe_text

SEEN_AS_IS = ["plain words", "naïve café", "日本語 テスト", "Ελληνικά", "русский", "100 €", "a-b_c"]


@pytest.mark.parametrize("text", SEEN_AS_IS)
def test_ordinary_text_of_any_script_is_untouched(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", r"\u{1b}]52;c;aGk=\u{7}"),
        ("\x1b[2J", r"\u{1b}[2J"),
        ("\x9b31m", r"\u{9b}31m"),
        ("\x7f", r"\u{7f}"),
        ("a\u202eb", r"a\u{202e}b"),
        ("a\u200bb", r"a\u{200b}b"),
        ("a\ufe0fb", r"a\u{fe0f}b"),
        ("a\U000e0041b", r"a\u{e0041}b"),
        ("a\u00a0b", r"a\u{a0}b"),
        ("a\u3164b", r"a\u{3164}b"),
        ("a\rb\nc\td", r"a\u{d}b\u{a}c\u{9}d"),
        ("\ud800", r"\u{d800}"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_text_that_imitates_an_escape_is_told_apart() -> None:
    assert safe_text(r"\u{1b}") == r"\u{5c}u{1b}"


def test_lines_are_kept_only_where_asked_for() -> None:
    assert safe_text("a\r\nb\tc", lines=True) == "a\nb    c"
    assert safe_text("a\rb", lines=True) == r"a\u{d}b"


@pytest.mark.parametrize("word", ["pаypal.com", "gооgle", "аррӏе.com", "Ωmega"])
def test_words_that_mix_scripts_are_marked(word: str) -> None:
    assert "⟨mixed: " in safe_text(f"see {word} now")


@pytest.mark.parametrize("word", ["ＡＢＣ", "日本語text", "µm", "Ω", "привет"])
def test_words_of_one_script_are_not_marked(word: str) -> None:
    assert mixed_scripts(word) == ()


def test_stacked_marks_are_limited() -> None:
    shown = safe_text("e" + "\u0301" * 50)
    assert sum(unicodedata.combining(character) > 0 for character in shown) == 2


def test_a_limit_says_what_was_cut_and_keeps_the_end() -> None:
    shown = safe_text("a" * 1000 + "TAIL", limit=30)
    assert "[974 characters cut]" in shown
    assert shown.endswith("TAIL")


@given(st.text(st.characters(), max_size=60), st.booleans())
def test_nothing_invisible_is_left(text: str, lines: bool) -> None:
    shown = safe_text(text, lines=lines)
    for character in shown:
        category = unicodedata.category(character)
        assert character in " \n" or category[0] not in "CZ", (character, category)
    assert lines or "\n" not in shown


@given(st.text(st.characters(), max_size=60))
def test_plain_means_unchanged(text: str) -> None:
    if is_plain(text):
        assert safe_text(text) == text


@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_different_texts_are_shown_differently(first: str, second: str) -> None:
    if first != second and "⟨" not in first + second:
        assert safe_text(first) != safe_text(second)
