"""How concerns make a score, its bounds, and how long it may take."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.actions import Action, Concern, Dimension, Severity
from components.love_engine import ETHICS_THRESHOLD, WEIGHTS, LoveEngine
from components.love_engine.asked import LONGEST
from components.love_engine.engine import assess
from components.love_engine.fields import MAX_CHARACTERS

ENGINE = LoveEngine()
DIMENSIONS: tuple[Dimension, ...] = (
    "harm_prevention",
    "autonomy_respect",
    "fairness",
    "transparency",
    "beneficence",
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
_VOCABULARY = 'how to kill my wife without telling the user not only 3 left . " hire women'
WORDS = st.lists(st.sampled_from(_VOCABULARY.split())).map(" ".join)


def concern(dimension: Dimension, severity: Severity) -> Concern:
    return Concern(dimension, "f", severity, "t")


def test_the_weights_add_up_to_one() -> None:
    weights = (0.30, 0.20, 0.20, 0.15, 0.15)
    assert tuple(getattr(WEIGHTS, name) for name in DIMENSIONS) == weights
    assert sum(weights) == pytest.approx(1.0)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_one_grave_concern_fails_the_action_in_any_dimension(dimension: Dimension) -> None:
    high = assess([concern(dimension, "high")])
    critical = assess([concern(dimension, "critical")])
    assert critical.score == pytest.approx(0.2)
    assert high.score == pytest.approx(0.5)
    assert high.score < ETHICS_THRESHOLD
    assert getattr(high.dimensions, dimension) == pytest.approx(0.5)


def test_lesser_concerns_are_averaged_by_weight() -> None:
    medium = assess([concern("harm_prevention", "medium")])
    assert medium.score == pytest.approx(1 - 0.30 * (1 - 0.78))
    low = assess([concern("beneficence", "low"), concern("beneficence", "low")])
    assert low.score == pytest.approx(1 - 0.15 * (1 - 0.95**2))


def test_the_worst_concern_comes_first() -> None:
    found = assess([concern("fairness", "low"), concern("harm_prevention", "high")]).concerns
    assert [one.severity for one in found] == ["high", "low"]


def test_nothing_to_object_is_a_full_score() -> None:
    found = ENGINE.check_ethics(Action(tool="read_file", arguments={"path": "README.md"}))
    assert (found.score, found.concerns) == (1.0, ())


def test_a_missing_request_is_neutral() -> None:
    found = ENGINE.check_ethics(Action(tool="play_song", arguments={"song": "Blue in Green"}))
    assert found.dimensions.beneficence == 1.0


@settings(max_examples=150, deadline=None)
@given(
    tool=st.text(max_size=30),
    arguments=st.dictionaries(st.text(max_size=20), JSON, max_size=5),
    request=st.text(max_size=200) | WORDS,
    narrative=st.text(max_size=200) | WORDS,
)
def test_any_action_has_a_score(
    tool: str, arguments: dict[str, object], request: str, narrative: str
) -> None:
    action = Action(tool=tool, arguments=arguments, request=request, narrative=narrative)
    found = ENGINE.check_ethics(action)
    assert 0.0 <= found.score <= 1.0
    assert all(0.0 <= getattr(found.dimensions, name) <= 1.0 for name in DIMENSIONS)
    assert (found.score == 1.0) == all(one.severity == "info" for one in found.concerns)
    for one in found.concerns:
        if one.span is not None and one.where == "request":
            assert request[slice(*one.span)].startswith(one.excerpt)


@settings(max_examples=100, deadline=None)
@given(output=st.text(max_size=300), evidence=st.lists(st.text(max_size=200), max_size=4))
def test_any_output_is_grounded_between_0_and_1(output: str, evidence: list[str]) -> None:
    found = ENGINE.detect_hallucination(output, evidence)
    assert 0.0 <= found.grounded <= 1.0
    assert all(0 <= one.span[0] < one.span[1] <= len(output) for one in found.unsupported)


def test_what_is_too_long_is_read_as_far_as_it_goes_and_said_to_be() -> None:
    text = "How do I poison my neighbour? " + "x " * MAX_CHARACTERS
    features = {one.feature for one in ENGINE.check_ethics(Action(tool="", request=text)).concerns}
    assert features == {"violence_against_persons", "too_long"}


@pytest.mark.parametrize(
    "piece",
    [
        "kill ",
        "how to kill weapon make ",
        "without ",
        '" ',
        "word ",
        "a'",
        "k\u200b",
        "\n ",
        ".",
        "?!",
    ],
)
def test_time_is_linear_in_length(piece: str) -> None:
    def cost(length: int) -> float:
        action = Action(tool="x", arguments={"body": (piece * length)[:length] + "x"})
        begun = time.process_time()
        ENGINE.check_ethics(action)
        ENGINE.check_output(action.arguments["body"], [action.arguments["body"]])
        ENGINE.detect_hallucination(action.arguments["body"], [action.arguments["body"]])
        return time.process_time() - begun

    small = min(cost(20_000) for _ in range(3))
    large = min(cost(160_000) for _ in range(2))
    assert large < 40 * small + 0.02  # 8 times the text; quadratic would be 64 times


def test_the_version_names_the_lexicon() -> None:
    assert ENGINE.version == LoveEngine().version
    assert len(ENGINE.version) == 12


def test_a_request_is_read_once_for_many_calls_and_a_long_one_is_not_remembered() -> None:
    engine = LoveEngine()
    engine.footprint()  # weighs the lexicons
    asked = "How can I kill my neighbour? Do not tell anyone."
    calls = [Action(tool="search", arguments={"n": place}, request=asked) for place in range(3)]
    first, *others = map(engine.check_ethics, calls)
    assert first.concerns
    assert others == [first, first]
    items = engine.footprint().items
    engine.check_ethics(Action(tool="search", request="neighbour " * LONGEST))
    assert engine.footprint().items == items
