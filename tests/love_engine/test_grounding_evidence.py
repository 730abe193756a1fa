"""The index of the evidence: which place supports most, and what stands there."""

from components.love_engine.grounding_evidence import Evidence
from components.love_engine.grounding_words import sentences


def evidence(text: str, output: str) -> Evidence:
    return Evidence([text], list(sentences(output)))


def test_the_closest_place_is_where_most_stands_together() -> None:
    found = evidence("Red ink. Blue paper. Red paper and glue. Glue.", "Red paper, glue.")
    assert found.closest({"red": 1.0, "paper": 1.0, "glu": 1.0}) == (1, 2)


def test_rare_words_decide_where_common_ones_stand_everywhere() -> None:
    common = "The ship sailed. " * 300
    found = evidence(f"{common}The ship sank. {common}", "The ship sank.")
    weights = found.weights(("ship", "sink"))
    assert weights["sink"] > weights["ship"] >= 1.0
    assert found.closest(weights)[1] == 300


def test_without_a_shared_word_it_is_the_first() -> None:
    assert evidence("Red ink.", "Green tea.").closest({"green": 1.0}) == (0, 0)


def test_only_words_asked_for_are_kept() -> None:
    found = evidence("Red ink. Blue paper.", "Blue ink.")
    assert found.known(0) == {"ink"}
    assert found.known(0, 2) == {"ink", "blu"}
    assert "red" not in found.words
    assert found.length == 4


def test_neighbours_are_kept_only_where_they_are_neighbours() -> None:
    found = evidence("Old red ink. Ink, old.", "Old red. Old ink.")
    assert found.pairs == {("old", "red")}
