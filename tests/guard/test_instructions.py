"""What C code does within one call: instructions, where valgrind is there to count them."""

import pytest

from tests.guard.growth import flat, linear
from tests.guard.instructed import SIZES
from tests.guard.instructions import Counts, count


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    return count(tmp_path_factory.mktemp("instructions"))


@pytest.mark.parametrize("what", ["validate", "ethics", "grounding"])
def test_screens_are_linear_in_the_text(counts: Counts, what: str) -> None:
    linear(counts[what].__getitem__, SIZES[0])


def test_the_firewall_is_nearly_free_of_the_number_of_rules(counts: Counts) -> None:
    flat(counts["rules"].__getitem__, SIZES[0])


def test_records_are_linear_in_their_number(counts: Counts) -> None:
    linear(counts["record"].__getitem__, SIZES[0])


def test_a_square_within_one_call_is_caught(counts: Counts) -> None:
    with pytest.raises(AssertionError, match="grows too fast"):
        linear(counts["square"].__getitem__, SIZES[0])
