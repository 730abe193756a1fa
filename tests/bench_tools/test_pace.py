from itertools import accumulate, cycle

from bench.pace import ROUNDS, Pace


def test_the_pace_is_the_median_over_the_best():
    took = cycle([0.001, 0.004, 0.004, 0.004, 0.006])
    at = accumulate(between for one in took for between in (0.5, one))
    pace = Pace(lambda: next(at))
    for _ in range(ROUNDS):
        pace.look()
    assert "4.0 times its best" in pace.told()
    assert "(4.00 over 1.00 ms)" in pace.told()


def test_nobody_looked_so_nothing_is_said():
    assert Pace().told() == ""
