"""Baselines: what is kept, what counts as a change, and which machine is the same."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from components.monitor.baseline import (
    ENOUGH_CALLS,
    ENOUGH_S,
    Baseline,
    BaselineFigures,
    Machine,
    enough,
    make_baseline,
    same_machine,
    too_few,
)
from components.monitor.comparison import Change, Comparison, OperationChange, compare
from components.monitor.figures import Figures

MACHINE = Machine("here", "Linux 6", "Some CPU", 8, 16_000, "3.11.9")
VERDICT = "gate.verdict"


def measured(calls: int = 10_000, scale: float = 1.0, failed: int = 0, per_s: float = 0) -> Figures:
    """Durations as of an exponential distribution with a mean of 100 µs times `scale`."""
    p50, p95, p99, p999 = (scale * value for value in (69.3, 299.6, 460.5, 690.8))
    return Figures(
        calls=calls, failed=failed, timeouts=0, per_s=per_s or calls / 3600,
        p50_us=p50, p95_us=p95, p99_us=p99, p999_us=p999, mean_us=100 * scale,
    )  # fmt: skip


def baseline(name: str = "one", machine: Machine = MACHINE, **operations: Figures) -> Baseline:
    named = {key.replace("__", "."): figures for key, figures in operations.items()}
    return make_baseline(name, named, machine, made_at=3, since=1, until=2)


def changed(before: Figures, after: Figures, operation: str = "gate__verdict") -> OperationChange:
    (row,) = compare(
        baseline(**{operation: before}), baseline("two", **{operation: after})
    ).operations
    return row


def of(row: OperationChange, figure: str) -> Change:
    return next(change for change in row.changes if change.figure == figure)


# --- what is kept


def test_a_baseline_keeps_what_ran_and_leaves_people_out() -> None:
    idle = Figures(0, 0, 0, 0.0, None, None, None, None, None)
    made = baseline(gate__verdict=measured(failed=10), gate__parse=idle, person__wait=measured())
    assert list(made.operations) == [VERDICT]
    kept = made.operations[VERDICT]
    assert (kept.calls, kept.errors, kept.p99_us) == (10_000, 0.001, 460.5)


def test_a_first_baseline_is_offered_once_enough_was_seen() -> None:
    seen = {VERDICT: measured(ENOUGH_CALLS)}
    assert enough(seen, ENOUGH_S)
    assert not enough(seen, ENOUGH_S - 1)
    assert not enough({VERDICT: measured(ENOUGH_CALLS - 1)}, ENOUGH_S)
    assert not enough({}, ENOUGH_S)
    assert too_few(seen) == ""
    assert "0 verdicts" in too_few({"gate.parse": measured()})
    assert f"{ENOUGH_CALLS}" in too_few({})


# --- what counts as a change


def test_the_same_is_the_same() -> None:
    comparison = compare(baseline(gate__verdict=measured()), baseline(gate__verdict=measured()))
    (row,) = comparison.operations
    assert row.verdict == "same"
    assert all(change.ratio in {1.0, None} for change in row.changes)
    assert (comparison.regressions, comparison.machine, comparison.judged) == (0, (), True)


def test_twice_as_slow_and_more_is_a_regression() -> None:
    row = changed(measured(), measured(scale=2.2))
    assert row.verdict == "slower"
    assert [change.figure for change in row.regressions] == ["p99"]
    assert of(row, "p99").ratio == pytest.approx(2.2)
    row = changed(measured(), measured(scale=1.8))
    assert row.verdict == "slower"
    assert not row.regressions


def test_faster_is_no_regression() -> None:
    row = changed(measured(), measured(scale=0.5))
    assert row.verdict == "faster"
    assert not row.regressions


def test_what_differs_by_less_than_runs_do_is_the_same() -> None:
    many = 100_000_000
    assert changed(measured(many), measured(many, scale=1.09)).verdict == "same"
    assert changed(measured(many), measured(many, scale=1.12)).verdict == "slower"


def test_the_fewer_calls_the_greater_a_change_must_be() -> None:
    assert of(changed(measured(500), measured(500, scale=1.3)), "p99").verdict == "same"
    assert of(changed(measured(50_000), measured(50_000, scale=1.3)), "p99").verdict == "slower"


@pytest.mark.parametrize(
    ("calls", "judged"),
    [(9, []), (10, ["p50"]), (100, ["p50", "p95"]), (500, ["p50", "p95", "p99"]),
     (5000, ["p50", "p95", "p99", "p999"])],
)  # fmt: skip
def test_a_percentile_counts_from_so_many_calls_on(calls: int, judged: list[str]) -> None:
    for row in (
        changed(measured(calls), measured(scale=9)),
        changed(measured(), measured(calls, scale=9)),
    ):
        latency = [change for change in row.changes if change.figure.startswith("p")][:4]
        assert [change.figure for change in latency if change.verdict != "too few"] == judged
        assert row.verdict == ("slower" if judged else "too few")


def test_failed_calls_have_no_duration_and_do_not_count_for_percentiles() -> None:
    row = changed(measured(600, failed=200), measured(600, failed=200))
    assert of(row, "p99").verdict == "too few"


def test_three_slow_calls_are_no_regression() -> None:
    comparison = compare(
        baseline(gate__verdict=measured()), baseline(gate__verdict=measured(3, scale=50, per_s=3))
    )
    assert (comparison.regressions, comparison.judged) == (0, False)


def test_throughput_under_four_fifths_is_a_regression() -> None:
    assert [c.figure for c in changed(measured(), measured(7500)).regressions] == ["per_s"]
    row = changed(measured(), measured(8500))
    assert (of(row, "per_s").verdict, row.regressions) == ("slower", ())
    assert of(changed(measured(), measured(20_000)), "per_s").verdict == "faster"
    assert of(changed(measured(120), measured(100)), "per_s").verdict == "same"
    assert of(changed(measured(90), measured(10)), "per_s").verdict == "too few"
    assert [c.figure for c in changed(measured(), measured(1)).regressions] == ["per_s"]


@pytest.mark.parametrize("operation", ["runtime__gc_pause", "console__frame"])
def test_what_does_no_work_for_agents_has_no_throughput(operation: str) -> None:
    assert not changed(measured(), measured(100), operation).regressions


def test_more_failures_than_one_in_a_thousand_are_a_regression() -> None:
    row = changed(measured(failed=2), measured(failed=40))
    assert (of(row, "errors").verdict, of(row, "errors").regression) == ("more", True)
    assert of(changed(measured(failed=40), measured(failed=2)), "errors").verdict == "fewer"
    row = changed(measured(failed=40), measured(failed=45))
    assert (of(row, "errors").verdict, row.regressions) == ("same", ())
    row = changed(measured(1_000_000), measured(1_000_000, failed=300))
    assert (of(row, "errors").verdict, row.regressions) == ("more", ())


def test_operations_of_one_side_are_named() -> None:
    comparison = compare(
        baseline(gate__verdict=measured(), gate__parse=measured()),
        baseline(gate__verdict=measured(), gate__answer=measured()),
    )
    assert (comparison.only_before, comparison.only_after) == (("gate.parse",), ("gate.answer",))


DURATIONS = st.none() | st.floats(0, 1e15)
FIGURES = st.builds(
    BaselineFigures,
    calls=st.integers(0, 2**62),
    per_s=st.floats(0, 1e12),
    errors=st.floats(0, 1),
    p50_us=DURATIONS,
    p95_us=DURATIONS,
    p99_us=DURATIONS,
    p999_us=DURATIONS,
)


@given(FIGURES, FIGURES)
def test_whatever_a_file_says_can_be_compared(old: BaselineFigures, new: BaselineFigures) -> None:
    def of(figures: BaselineFigures) -> Baseline:
        return Baseline("any", 0, 0, 0, MACHINE, {VERDICT: figures})

    comparison = compare(of(old), of(new))
    assert msgspec.json.decode(msgspec.json.encode(comparison), type=Comparison) == comparison
    assert compare(of(old), of(old)).regressions == 0


# --- which machine is the same


def test_a_renamed_or_patched_machine_is_the_same() -> None:
    other = structs.replace(MACHINE, node="there", python="3.11.12", memory_mb=15_700)
    assert same_machine(MACHINE, other) == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"cpu": "Another CPU"}, "processor Some CPU, now Another CPU"),
        ({"cores": 2}, "cores 8, now 2"),
        ({"memory_mb": 8_000}, "memory 16,000 MB, now 8,000 MB"),
        ({"system": "Darwin 24"}, "system Linux 6, now Darwin 24"),
        ({"python": "3.12.1"}, "Python 3.11, now 3.12"),
        ({"cpu": ""}, "processor Some CPU, now unknown"),
    ],
)
def test_another_machine_is_told_field_by_field(change: dict[str, object], told: str) -> None:
    other = structs.replace(MACHINE, **change)
    assert same_machine(MACHINE, other) == (told,)
    comparison = compare(baseline(), baseline("two", other))
    assert comparison.machine == (told,)
