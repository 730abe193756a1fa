import math
import random

import pytest

from bench.load import Step
from bench.stress.knee import holds, knee, ramp, rates
from bench.stress.leak import leak
from bench.stress.straight import straight, students_t
from bench.stress.waiting import Waiting, most_held


def a_step(offered, achieved=None, p95_ms=1.0):
    got = offered if achieved is None else achieved
    return Step(
        offered=offered, achieved=got, calls=100, failed=0, p50_ms=0.5, p95_ms=p95_ms, p99_ms=2.0
    )  # fmt: skip


def noisy(slope, count=24, noise=0.0, step=1_000):
    dice = random.Random(1)
    return [(at * step, 5e6 + slope * at * step + dice.gauss(0, noise)) for at in range(count)]


def test_a_line_without_noise_is_found_exactly():
    line = straight([(x, 3 + 2 * x) for x in range(5)])
    assert line.slope == pytest.approx(2)
    assert line.intercept == pytest.approx(3)
    assert line.error == pytest.approx(0, abs=1e-9)
    assert line.around(100) == (pytest.approx(203), pytest.approx(203))


def test_the_error_of_a_slope_is_that_of_the_textbook():
    line = straight([(0, 0), (1, 2), (2, 2), (3, 5)])
    assert line.slope == pytest.approx(1.5)
    assert line.error == pytest.approx(math.sqrt(1.5 / 2 / 5), rel=1e-6)
    low, high = line.slopes()
    assert high - low == pytest.approx(2 * 4.303 * line.error)


def test_the_interval_widens_with_the_distance():
    line = straight([(0, 0), (1, 2), (2, 2), (3, 5)])
    near, far = line.around(2), line.around(200)
    assert far[1] - far[0] > 20 * (near[1] - near[0])


def test_a_line_needs_two_places():
    with pytest.raises(ValueError, match="two points"):
        straight([(1, 1), (1, 2)])


def test_students_t_falls_towards_the_normal_distribution():
    values = [students_t(freedom) for freedom in range(1, 200)]
    assert values == sorted(values, reverse=True)
    assert students_t(0) == 0
    assert students_t(30) == pytest.approx(2.042, rel=0.01)


@pytest.mark.parametrize(
    ("slope", "noise", "verdict"),
    [
        (0.0, 0.0, "no leak"),
        (0.0, 20_000.0, "no leak"),
        (200.0, 20_000.0, "leak"),
        (16.0, 500_000.0, "undecided"),
    ],
)
def test_a_leak_is_told_by_the_whole_interval(slope, noise, verdict):
    assert leak(noisy(slope, noise=noise), 16.0).verdict == verdict


def test_what_fills_up_first_is_no_leak():
    points = [(at, min(at, 10) * 1e6) for at in range(24)]
    assert leak(points, 16.0).verdict == "no leak"


def test_too_few_points_tell_nothing():
    with pytest.raises(ValueError, match="too few"):
        leak([(0, 1), (1, 1), (2, 1)], 16.0)


def test_the_knee_is_the_last_step_before_the_first_that_gives_way():
    steps = [a_step(100), a_step(200), a_step(400, 300), a_step(800, 799)]
    assert knee(steps) == steps[1]
    assert knee(steps[2:]) is None
    assert knee([]) is None


def test_a_step_holds_only_in_time():
    slow = a_step(100, p95_ms=250)
    assert holds(slow)
    assert not holds(slow, p95_ms=100)


def test_a_ramp_ends_behind_its_knee_and_gives_each_step_a_second_try():
    tried = []

    def take(rate):
        tried.append(rate)
        hiccup = tried == [100]
        return a_step(rate, achieved=1 if hiccup else min(rate, 250))

    steps = list(ramp([100, 200, 400, 800], take))
    assert [step.offered for step in steps] == [100, 200, 400]
    assert tried == [100, 100, 200, 400, 400]
    assert knee(steps).offered == 200


def test_a_ramp_goes_on_to_what_has_to_be_measured():
    steps = list(ramp([100, 200, 400, 800], lambda rate: a_step(rate, 50), least=400))
    assert [step.offered for step in steps] == [100, 200, 400]


def test_rates_bracket_a_capacity_and_hold_those_that_are_wanted():
    found = rates(2_000, wanted=(500, 1_000))
    assert found == sorted(found)
    assert {500, 1_000} <= set(found)
    assert min(found) <= 500
    assert max(found) > 2_000
    assert 990 not in rates(1_980, wanted=(1_000,))


def test_decisions_wait_up_to_the_first_size_that_is_slow_or_lacks_some():
    def at(size, **more):
        quick = {"ask_ms": 1, "list_ms": 0.01, "answer_ms": 1, "missing": 0}
        return Waiting(size=size, **(quick | more))

    assert most_held([at(10), at(100), at(1_000, answer_ms=200), at(5_000)]) == 100
    assert most_held([at(10), at(100, missing=1)]) == 10
    assert most_held([at(10, list_ms=50)]) == 0
