"""A sketch counts exactly and is read to within a percent, however it was put together."""

import random
from collections.abc import Callable
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.monitor.sketch import LARGEST, Sketch, bin_of, lower_edge

durations = st.integers(0, LARGEST)


def draws(kind: str) -> Callable[[], float]:
    dice = random.Random(kind)
    return {
        "lognormal": lambda: dice.lognormvariate(12, 1),
        "bimodal": lambda: dice.gauss(1e5, 5e3) if dice.random() < 0.9 else dice.gauss(5e6, 2e5),
        "heavy tail": lambda: 1e5 * dice.paretovariate(1.2),
    }[kind]


@given(durations)
def test_a_bin_holds_what_falls_into_it_and_is_narrow(value: int) -> None:
    number = bin_of(value)
    low, high = lower_edge(number), lower_edge(number + 1)
    assert low <= value < high
    assert (high - low) <= max(1, low / 64)


@given(st.integers(0, 2878))
def test_edges_and_numbers_are_inverse(number: int) -> None:
    assert bin_of(lower_edge(number)) == number
    assert bin_of(lower_edge(number + 1) - 1) == number


@given(st.lists(st.integers(-5, 2 * LARGEST), max_size=200))
def test_digesting_many_counts_as_one_by_one(values: list[int]) -> None:
    expected: dict[int, int] = {}
    for value in values:
        expected[bin_of(value)] = expected.get(bin_of(value), 0) + 1
    sketch = Sketch.of(values)
    assert sketch.bins == expected
    assert (sketch.count, sketch.total) == (len(values), sum(values))


@pytest.mark.parametrize("parts", [1, 100])
@pytest.mark.parametrize("kind", ["lognormal", "bimodal", "heavy tail"])
def test_quantiles_are_within_a_percent_of_exact_ones(kind: str, parts: int) -> None:
    draw = draws(kind)
    values = [round(draw()) for _ in range(20_000)]
    sketch = Sketch()
    for part in range(parts):
        sketch.add(Sketch.of(values[part::parts]))
    exact = sorted(values)
    for share in (0.001, 0.5, 0.95, 0.99, 0.999, 1.0):
        found = sketch.quantile(share)
        assert found == pytest.approx(exact[ceil(share * len(exact)) - 1], rel=0.01), share


@given(st.lists(durations, max_size=50), st.lists(durations, max_size=50))
def test_what_was_added_can_be_taken_back(first: list[int], second: list[int]) -> None:
    sketch = Sketch.of(first)
    sketch.add(Sketch.of(second))
    assert sketch.bins == Sketch.of([*first, *second]).bins
    sketch.subtract(Sketch.of(second))
    assert (sketch.bins, sketch.count, sketch.total) == (
        Sketch.of(first).bins, len(first), sum(first),
    )  # fmt: skip


@given(st.lists(durations, max_size=100))
def test_bytes_give_back_the_sketch(values: list[int]) -> None:
    sketch = Sketch.of(values)
    back = Sketch.from_bytes(sketch.to_bytes())
    assert (back.bins, back.count, back.total) == (sketch.bins, sketch.count, sketch.total)


@pytest.mark.parametrize("packed", [b"", b"x", Sketch.of([1, 2]).to_bytes()[:-3]])
def test_other_bytes_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="not a sketch"):
        Sketch.from_bytes(packed)


def test_nothing_has_no_quantiles() -> None:
    assert Sketch().quantiles((0.5, 0.99)) == (None, None)


def test_counts_below_edges_are_exact_where_bins_begin() -> None:
    values = [1_000, 1_023, 1_024, 5_000, 65_536, 70_000]
    sketch = Sketch.of(values)
    edges = (1_024, 65_536, 1 << 20)
    assert list(sketch.cumulative(edges)) == [
        sum(value < edge for value in values) for edge in edges
    ]
