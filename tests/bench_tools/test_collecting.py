from bench.collecting import INTERRUPTED, NO_BENCH, Found, in_order, reason
from bench.figures import Limits, Skipped, single


def figure(name):
    return single(name, 1.0, Limits())


def found():
    seen = Found()
    seen.expect(["a", "b", "c"])
    seen.add([figure("a")])
    seen.skip(["b"], "no broker")
    return seen


def test_what_was_not_reached_is_named():
    assert found().missing([], whole=True, complete=False) == [Skipped("c", INTERRUPTED)]


def test_of_a_whole_run_all_that_has_a_limit_is_accounted_for():
    missing = found().missing(["a", "b", "z"], whole=True, complete=True)
    assert missing == [Skipped("c", NO_BENCH), Skipped("z", NO_BENCH)]
    assert found().missing(["z"], whole=False, complete=True) == [Skipped("c", NO_BENCH)]


def test_the_first_reason_counts():
    seen = found()
    seen.skip(["b"], "and then it could not be cleaned up")
    assert seen.skipped == [Skipped("b", "no broker")]


def test_figures_stand_in_the_order_of_their_limits():
    ordered = in_order([figure("x"), figure("b"), figure("a")], {"a": 1, "b": 2})
    assert [one.name for one in ordered] == ["a", "b", "x"]


def test_a_reason_is_one_line():
    assert reason(ValueError("one\ntwo")) == "one"
    assert reason(KeyboardInterrupt()) == "KeyboardInterrupt"
    assert reason("Traceback:\n  x\nE   ImportError: no", last=True) == "ImportError: no"
