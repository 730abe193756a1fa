"""The order of what waits, whatever comes and goes between two looks at it."""

import random

import hypothesis.strategies as st
import pytest
from hypothesis import given

from components.hitl import order
from components.hitl.agenda import Entry
from components.hitl.order import Order

STEPS = st.lists(st.one_of(st.integers(0, 30), st.just("look")), max_size=200)


def entry(number: int) -> Entry:
    return (number * 7 % 5, number, 0, f"decision-{number}")


@pytest.mark.parametrize("at_most", [0, 3, 1_024])
@given(steps=STEPS)
def test_what_is_in_stands_in_order(at_most: int, steps: list[int | str]) -> None:
    """Each number enters, and leaves when it comes again; mostly nobody looks in between."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_AT_MOST", at_most)
        under_test, model = Order(), set[Entry]()
        for step in steps:
            if isinstance(step, str):
                assert list(under_test) == sorted(model)
            elif entry(step) in model:
                under_test.leave(entry(step))
                model.remove(entry(step))
            else:
                under_test.enter(entry(step))
                model.add(entry(step))
            assert len(under_test) == len(model)
        assert list(under_test) == sorted(model)


def test_a_few_that_leave_among_many_are_taken_out_one_by_one() -> None:
    numbers = list(range(3_000))
    random.Random(1).shuffle(numbers)
    under_test = Order()
    for number in numbers:
        under_test.enter(entry(number))
    for number in range(0, 3_000, 100):
        under_test.leave(entry(number))
    assert list(under_test) == sorted(entry(number) for number in numbers if number % 100)


def test_nothing_piles_up_where_nobody_looks() -> None:
    under_test = Order()
    for number in range(5_000):
        under_test.enter(entry(number))
    for number in range(4_990):
        under_test.leave(entry(number))
    assert len(under_test) == 10
    assert len(under_test._entered) + len(under_test._left) <= 2 * 1_024
