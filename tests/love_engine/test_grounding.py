"""What grounding supports, what it names as unsupported, and why."""

import pytest

from components.love_engine import Grounding, LoveEngine, grounding
from components.love_engine.grounding import THRESHOLDS

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
    assert found.grounded > 0.7
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


def test_what_stands_elsewhere_is_named_where_the_sentence_fails() -> None:
    evidence = (
        "Ada Byrne won the race in Cork after 41 minutes. The weather was mild. Thousands came. "
        "Tom Flynn fell at the bridge and gave up after 12 minutes, his trainer said."
    )
    output = "In Cork the race was won by Flynn after 12 minutes."
    found = ENGINE.detect_hallucination(output, [evidence])
    reasons = {output[slice(*one.span)]: one.why for one in found.unsupported}
    assert set(reasons) == {"Flynn", "12"}
    assert "elsewhere" in reasons["12"]
    assert "number" in reasons["12"]
    assert "name" in reasons["Flynn"]
    right = ENGINE.detect_hallucination("Ada Byrne won the race in Cork.", [evidence])
    assert right.grounded > found.grounded
    assert not right.unsupported


def test_a_kind_of_output_has_its_own_threshold() -> None:
    output = "The tower stands by the water in Paris."
    score = grounding.ground(output, EVIDENCE, "code").grounded
    assert THRESHOLDS["code"] < score < THRESHOLDS["report"]
    assert not grounding.ground(output, EVIDENCE, "code").unsupported
    assert grounding.ground(output, EVIDENCE, "report").unsupported
    assert grounding.ground(output, EVIDENCE, "report").grounded == score


def test_one_invention_shows_in_a_long_faithful_text() -> None:
    good = "The Eiffel Tower was completed in 1889. It is 330 metres tall and stands in Paris. " * 5
    assert (
        ground(f"{good}Elephants adore chocolate pudding.").grounded < ground(good).grounded - 0.2
    )


ARTICLE = (
    "The harbour of Larvik will close for three weeks in May while its main quay is rebuilt. "
    "Port director Ingrid Moe said the ferry to Skagen would leave from Sandefjord instead. "
    "The work costs 48 million kroner, of which the state pays half. A union leader, Per Dahl, "
    "warned that 120 dockers would lose shifts. Moe did not rule out a longer closure. "
    "In 2009 a storm destroyed the old pier, and two fishermen were injured."
)
FAITHFUL = [
    "The harbour of Larvik will close for three weeks in May.",
    "Ferries to Skagen will leave from Sandefjord while the quay is rebuilt.",
    "The state pays half of the 48 million kroner that the work costs.",
    "Union leader Per Dahl warned that 120 dockers would lose shifts.",
    "Two fishermen were hurt when a storm destroyed the pier in 2009.",
]
UNFAITHFUL = [
    "The harbour of Larvik will close for three weeks in March.",
    "Ferries to Larvik will leave from Copenhagen while the quay is rebuilt.",
    "The state pays half of the 120 million kroner that the work costs.",
    "Port director Per Dahl warned that two fishermen would lose shifts.",
    "A fire destroyed the harbour office in 2009, killing a docker.",
    "Ingrid Moe ruled out a longer closure.",
]


@pytest.mark.parametrize("unfaithful", UNFAITHFUL)
def test_a_spoiled_summary_sentence_stands_below_the_true_ones(unfaithful: str) -> None:
    true = sorted(grounding.ground(one, [ARTICLE], "summary").grounded for one in FAITHFUL)
    assert grounding.ground(unfaithful, [ARTICLE], "summary").grounded < true[len(true) // 2]


@pytest.mark.parametrize("faithful", FAITHFUL)
def test_a_true_summary_sentence_is_supported(faithful: str) -> None:
    assert not grounding.ground(faithful, [ARTICLE], "summary").unsupported
