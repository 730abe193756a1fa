"""Measuring, cutting and wrapping: nothing unsafe passes, nothing is lost, columns hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.console.hostile import CORPUS, RAW
from widgets.cells import cell_len, clean, fit, wrap

TEXT = st.text(max_size=200)


@given(TEXT)
def test_clean_is_printable_and_settled(text: str) -> None:
    once = clean(text)
    assert once.isprintable()
    assert clean(once) == once


@given(TEXT, st.integers(0, 60), st.sampled_from(["left", "right"]))
def test_fit_is_exactly_as_wide_as_asked(text: str, width: int, align: str) -> None:
    assert cell_len(fit(text, width, align)) == width  # type: ignore[arg-type]


@given(TEXT, st.integers(2, 60))
def test_wrap_keeps_every_character_within_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join(lines) == clean(text)
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.fault(71, 72, 73, 74, 75, 77, 78, 80)
@pytest.mark.parametrize("number", [71, 72, 73, 74, 75, 77, 78, 80])
def test_faults_71_to_80_become_visible_escapes(number: int) -> None:
    shown = clean(CORPUS[number])
    assert shown.isprintable()
    assert "\\u{" in shown


@pytest.mark.fault(80)
def test_fault_80_a_newline_cannot_begin_a_line_of_its_own() -> None:
    assert len(wrap("ok\r\nFAKE: approved", 60)) == 1


@pytest.mark.fault(82)
def test_fault_82_wide_and_stacked_characters_hold_their_columns() -> None:
    for width in range(1, 40):
        assert cell_len(fit(CORPUS[82], width)) == width
    assert cell_len(fit(RAW, 30)) == 30


def test_cut_text_says_so() -> None:
    assert fit("abcdef", 4) == "abc…"
    assert fit("漢字漢字", 5) == "漢字…"
    assert fit("ab", 4, "right") == "  ab"
