import random

import pytest

from bench.scale.growth import cliff, costs, estimated, growth, led_on, told

SIZES = (1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000)


def power(exponent, factor=2.0, noise=0.0):
    dice = random.Random(7)
    return [(size, factor * size**exponent * (1 + dice.uniform(-noise, noise))) for size in SIZES]


def linear(fixed, each, noise=0.0):
    dice = random.Random(7)
    return [(size, (fixed + each * size) * (1 + dice.uniform(-noise, noise))) for size in SIZES]


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_law_is_found(exponent):
    found = growth(power(exponent))
    assert found.exponent == pytest.approx(exponent, abs=1e-9)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert found.cliff is None
    assert found.at(5_000) == pytest.approx(2 * 5_000**exponent)


def test_noise_is_told_by_the_standard_error():
    found = growth(power(1.0, noise=0.2))
    assert 0 < found.error < 0.1
    assert abs(found.exponent - 1.0) < 3 * found.error
    assert "±" in told(found)
    assert "no step leaves the fit" in told(found)


def test_a_step_that_leaves_the_fit_is_named():
    points = power(0.1)
    broken = [(size, time * (20 if size > 100_000 else 1)) for size, time in points]
    found = growth(broken).cliff
    assert found is not None
    assert (found.since, found.until) == (100_000, 316_228)
    assert found.usual == pytest.approx(0.1, abs=0.05)
    assert found.exponent > 2
    assert "from 100,000 to 316,228 it leaves the fit" in told(growth(broken))


def test_noise_is_no_cliff():
    assert cliff(power(0.0, noise=0.2)) is None
    assert cliff(power(1.0, noise=0.2)) is None


def test_a_few_sizes_have_no_usual_exponent():
    assert cliff([(10, 1.0), (100, 1.0), (1_000, 900.0)]) is None


def test_costs_are_taken_apart():
    found = costs(linear(5.0, 0.002))
    assert found.fixed == pytest.approx(5.0)
    assert found.each == pytest.approx(0.002)
    low, high = found.around(1e9)
    assert low == pytest.approx(high)


def test_what_grows_with_each_item_is_led_on_by_its_costs():
    """A power law through the same points would expect a thousandth of that."""
    found = led_on(linear(500.0, 0.002, noise=0.02), 1e9)
    assert found.law == "fixed and each"
    assert found.value == pytest.approx(2e6, rel=0.2)
    assert found.low < 2e6 < found.high
    assert found.beyond == 1_000


def test_what_shrinks_by_chance_is_not_led_on_to_nothing():
    points = [(1_000, 577.0), (10_000, 561.0), (100_000, 526.0), (1_000_000, 458.0)]
    found = led_on(points, 1e9)
    assert 458 < found.value < 577
    assert 0 < found.low < found.value < found.high
    assert "extrapolated ×1,000 by what does not grow" in estimated(found, "µs")


def test_what_grows_with_the_root_is_led_on_by_a_power_law():
    found = led_on(power(0.5, noise=0.02), 1e8)
    assert found.law == "power law"
    assert found.value == pytest.approx(2e4, rel=0.2)
    assert found.low < found.value < found.high


def test_what_is_extrapolated_says_so():
    assert "extrapolated ×100 by a power law" in estimated(led_on(power(0.5), 1e8), "ms")
    assert "within what was measured" in estimated(led_on(power(0.5), 5_000), "ms")


def test_one_size_tells_nothing():
    with pytest.raises(ValueError, match="two"):
        growth([(1_000, 1.0)])
    with pytest.raises(ValueError, match="two"):
        costs([(1_000, 1.0), (1_000, 2.0)])
