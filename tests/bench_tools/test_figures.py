import pytest

from bench.figures import SAMPLE, Limits, judged, measured, percentile, single, thinned
from tests.bench_tools.made import operation


def test_percentiles_are_values_that_came():
    ordered = [float(value) for value in range(1, 101)]
    assert [percentile(ordered, share) for share in (0, 0.5, 0.95, 0.99, 1)] == [1, 50, 95, 99, 100]
    assert percentile([7.0], 0.99) == 7


def test_no_values_have_no_percentile():
    with pytest.raises(IndexError):
        percentile([], 0.5)
    with pytest.raises(ValueError, match="nothing was measured"):
        measured("x", [], Limits())


def test_a_sample_keeps_both_ends_and_the_shape():
    ordered = [float(value) for value in range(10_000)]
    sample = thinned(ordered)
    assert len(sample) == SAMPLE
    assert sample[0] == 0
    assert sample[-1] == 9999
    assert sample[SAMPLE // 2] == pytest.approx(5000, rel=0.01)
    assert thinned([1.0, 2.0]) == (1, 2)
    assert thinned([3.0]) == (3,)
    assert thinned([]) == ()


@pytest.mark.parametrize(
    ("value", "met"), [(99, "met"), (100, "met"), (101, "acceptable"), (500.1, "missed")]
)
def test_a_latency_stands_by_its_limits(value, met):
    assert judged(value, Limits(target=100, acceptable=500)) == met


@pytest.mark.parametrize(("value", "met"), [(600, "met"), (500, "met"), (499, "missed")])
def test_where_more_is_better_the_limit_is_the_least(value, met):
    assert judged(value, Limits(goal=500, at_least=True)) == met


def test_without_limits_nothing_is_judged():
    assert judged(1, Limits()) == "no target"


def test_a_figure_of_an_operation_is_its_p95_beside_the_median_of_the_reference():
    figure = operation()
    assert (figure.value, figure.p50, figure.p95, figure.p99) == (95, 50, 95, 99)
    assert figure.reference_value == 101
    assert figure.ratio == pytest.approx(50 / 101)
    assert figure.met == "met"
    assert figure.note == "Small"


def test_a_number_over_its_reference():
    figure = single("x", 50, Limits(unit="/s"), reference="bare", reference_value=200)
    assert figure.ratio == 0.25
    assert single("x", 50, Limits()).ratio is None
