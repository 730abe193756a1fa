"""What grounding supports, what it names as unsupported, and why."""

import pytest

from components.love_engine import Grounding, LoveEngine

ENGINE = LoveEngine()
EVIDENCE = [
    "The Eiffel Tower was completed in 1889. It is 330 metres tall and stands in Paris.",
    "It was designed by the company of Gustave Eiffel. The lift does not run at night.",
]


def ground(output: str) -> Grounding:
    return ENGINE.detect_hallucination(output, EVIDENCE)


def named(output: str) -> list[str]:
    return [output[slice(*one.span)] for one in ground(output).unsupported]


@pytest.mark.parametrize(
    "output",
    [
        "The Eiffel Tower was completed in 1889.",
        "The tower is 330 metres tall.",
        "It stands in Paris, designed by the company of Gustave Eiffel.",
    ],
)
def test_what_the_evidence_says_is_grounded(output: str) -> None:
    found = ground(output)
    assert found.grounded > 0.8
    assert not found.unsupported
    assert not found.advisory


def test_invention_is_not_grounded() -> None:
    found = ground("Many tourists from abroad prefer visiting museums during winter holidays.")
    assert found.grounded < 0.2
    assert "tourists" in found.unsupported[0].why


def test_a_wrong_number_is_named() -> None:
    right, wrong = "The tower is 330 metres tall.", "The tower is 350 metres tall."
    assert named(wrong) == ["350"]
    assert ground(wrong).grounded < ground(right).grounded / 2


@pytest.mark.parametrize("number", ["1,000", "1000"])
def test_numbers_are_compared_by_value(number: str) -> None:
    found = ENGINE.detect_hallucination(f"It costs {number} dollars.", ["It costs 1,000 dollars."])
    assert not found.unsupported
    spelt = ENGINE.detect_hallucination("It has three doors.", ["It has 3 doors."])
    assert not spelt.unsupported


def test_a_wrong_name_is_named() -> None:
    assert named("The tower was designed by the company of Gustave Flaubert.") == ["Flaubert"]


def test_a_negation_that_differs_is_named() -> None:
    output = "The lift does run at night."
    found = ground(output)
    assert [one.why for one in found.unsupported] == ["One denies what the other says."]
    assert found.grounded < ground("The lift does not run at night.").grounded


def test_only_the_sentence_at_fault_is_named() -> None:
    good, bad = "The Eiffel Tower was completed in 1889.", "Elephants adore chocolate pudding."
    assert named(f"{good} {bad}") == [bad]
    assert ground(bad).grounded < ground(f"{good} {bad}").grounded < ground(good).grounded


def test_opinions_and_questions_are_no_reports() -> None:
    said = ground("The tower stands in Paris.").grounded
    assert ground("I think you know the tower stands in Paris.").grounded < said
    assert ground("The tower stands in Paris?").grounded < said


@pytest.mark.parametrize("evidence", [[], [""], ["... !"]])
def test_without_evidence_it_is_advisory(evidence: list[str]) -> None:
    found = ENGINE.detect_hallucination("The tower is 330 metres tall.", evidence)
    assert found == Grounding(0.5, (), True)


def test_an_output_without_words_is_advisory() -> None:
    assert ground("...").advisory


def test_the_number_of_spans_is_bounded() -> None:
    output = "Elephants adore chocolate pudding. " * 500
    assert len(ground(output).unsupported) == 50
