"""Trials measure what they say, leave nothing behind, and keep within their time."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.advisor import trials
from components.advisor.trial import Experiment, Reading, Tried, Value, carry_out
from components.advisor.trials import interpreter, methods, run_trials, stores
from components.advisor.trials.sample import sample
from components.clock import ManualClock, SystemClock
from components.intent_firewall.paths import canonical_path
from storage import Store, open_store
from storage.writer import Writer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "a", largest_batch=3)
    yield opened
    opened.close()


def experiment(figures: dict[Value, list[float]], better: str = "less") -> Experiment:
    """Tells the figures of each value one after another."""
    left = {value: iter(given) for value, given in figures.items()}
    return Experiment(
        name="x", title="x", unit="µs", better=better,  # type: ignore[arg-type]
        present=1.0, values=tuple(figures), measure=lambda value: Reading(next(left[value])),
    )  # fmt: skip


def test_values_are_tried_in_turn_and_the_median_counts() -> None:
    clock = ManualClock()
    trial = carry_out(experiment({1.0: [10, 11, 99], 2.0: [5, 4, 6]}), 1, clock.monotonic, 3)
    assert trial.now == Tried(1.0, (10, 11, 99))
    assert trial.now.figure == 11
    assert trial.best.value == 2.0
    assert trial.gain == pytest.approx(11 / 5)


def test_more_can_be_better() -> None:
    clock = ManualClock()
    trial = carry_out(experiment({1.0: [10] * 3, 2.0: [30] * 3}, "more"), 1, clock.monotonic, 3)
    assert trial.gain == pytest.approx(3.0)
    assert trial.worthwhile


def test_a_gain_within_the_noise_is_none() -> None:
    clock = ManualClock()
    steady = experiment({1.0: [10, 10, 10], 2.0: [8, 8, 8]})
    noisy = experiment({1.0: [10, 14, 7], 2.0: [8, 5, 12]})
    assert carry_out(steady, 1, clock.monotonic, 3).worthwhile
    assert not carry_out(noisy, 1, clock.monotonic, 3).worthwhile


def test_a_gain_that_was_not_there_every_time_is_none() -> None:
    clock = ManualClock()
    figures: dict[Value, list[float]] = {1.0: [50, 50, 50, 50, 50], 2.0: [5, 5, 5, 5, 60]}
    trial = carry_out(experiment(figures), 1, clock.monotonic, 5)
    assert trial.gain == 10
    assert trial.noise == 0.0
    assert not trial.worthwhile


def test_two_rounds_prove_nothing() -> None:
    clock = ManualClock()
    assert not carry_out(experiment({1.0: [9, 9], 2.0: [1, 1]}), 1, clock.monotonic, 2).worthwhile


def test_one_stray_round_of_many_is_not_noise() -> None:
    assert Tried(1.0, (10, 10, 10, 10, 90)).spread == 0.0


def test_time_that_is_up_ends_the_rounds_and_one_round_proves_nothing() -> None:
    clock = ManualClock()

    def slow(_: Value) -> Reading:
        clock.advance(1.0)
        return Reading(clock.monotonic() / 1e9)

    tried = Experiment(
        name="x", title="x", unit="s", better="more", present=1.0, values=(2.0, 3.0), measure=slow
    )
    trial = carry_out(tried, 2.0, clock.monotonic)
    assert [len(one.figures) for one in trial.tried] == [1, 1, 1]
    assert trial.gain > 1
    assert not trial.worthwhile


def test_the_writer_takes_no_more_jobs_at_once_than_it_is_told(store: Store) -> None:
    taken: list[int] = []
    store.writer.on_batch(lambda jobs, _: taken.append(jobs))
    reading = stores.burst(store.writer, 50, 30.0)
    store.writer.run(lambda _: None)
    assert max(taken) <= 3
    assert reading.figure > 0


def test_the_batch_trial_sets_the_writers_batch_and_stores_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def burst(writer: Writer, jobs: int, _: float) -> Reading:
        stored = writer.run(lambda tx: tx.execute("SELECT count(*) FROM experiences").fetchone())
        seen.append((writer._largest_batch, stored[0]))
        return Reading(float(jobs))

    monkeypatch.setattr(stores, "burst", burst)
    tried = stores.batch_trial(tmp_path, 64)
    for value in tried.values:
        tried.measure(value)
    assert seen == [(1, 0), (16, 0), (256, 0), (4096, 0)]
    assert not list(tmp_path.iterdir())


def test_a_burst_that_is_not_done_in_time_ends(store: Store) -> None:
    reading = stores.burst(store.writer, 1000, 0.0)
    assert reading.figure >= 0
    store.writer.run(lambda _: None)


def test_a_batch_of_one_commits_slower_than_many_at_once(tmp_path: Path) -> None:
    tried = stores.batch_trial(tmp_path, 1.0)
    one, many = (max(tried.measure(value).figure for _ in range(3)) for value in (1.0, 4096.0))
    assert many > one


def test_the_journal_trial_logs_all_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "EXPERIENCES", 50)
    tried = stores.journal_trial(tmp_path, 512, SystemClock())
    reading = tried.measure(7)
    assert reading.figure > 0
    assert "for whoever logs" in reading.also
    assert not list(tmp_path.iterdir())


def test_the_interpreter_is_as_before_after_it_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "MEASURED_S", 0.001)
    before = gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()
    seen: list[tuple[int, float]] = []
    real = interpreter._Screens.p95

    def p95(self: interpreter._Screens) -> Reading:
        seen.append((gc.get_threshold()[0], round(sys.getswitchinterval() * 1000, 3)))
        return real(self)

    monkeypatch.setattr(interpreter._Screens, "p95", p95)
    actions = sample(tmp_path)[:5]
    collecting, switching = interpreter.interpreter_trials(actions, 20_000, 0.5, SystemClock())
    assert collecting.measure(777).figure > 0
    assert switching.measure(2.0).figure > 0
    assert seen[0][0] == 777
    assert seen[1] == (20_000, 2.0)
    assert (gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()) == before


def test_the_interpreter_is_as_before_when_a_trial_fails() -> None:
    before = gc.get_threshold(), sys.getswitchinterval()
    with (
        pytest.raises(ZeroDivisionError),
        interpreter.switching_every(3.0),
        interpreter.collecting_at(5_000),
        interpreter.busy_thread(),
    ):
        raise ZeroDivisionError
    assert (gc.get_threshold(), sys.getswitchinterval()) == before


def test_the_present_matcher_is_the_faster_and_stays(tmp_path: Path) -> None:
    clock = ManualClock()
    trial = carry_out(methods.matcher_trial(sample(tmp_path)), 1.0, clock.monotonic, 2)
    assert trial.best.value == "prefilter"
    assert trial.gain == 1.0
    assert not trial.worthwhile


def test_a_cache_that_is_too_small_is_seen_by_its_hits() -> None:
    tried = methods.cache_trial("paths", canonical_path, ["/a", "/b"] * 20)
    assert tried.present == 4096
    assert tried.measure(0).also == "0% known"
    assert tried.measure(16).also == "95% known"


def test_a_sketch_is_held_against_another() -> None:
    tried = methods.sketch_trial()
    assert tried.values[0] == "histogram"
    assert all(tried.measure(value).figure > 0 for value in tried.values)


def test_all_trials_of_a_home_leave_its_store_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "EXPERIENCES", 20)
    monkeypatch.setattr(stores, "BURST", 20)
    monkeypatch.setattr(interpreter, "MEASURED_S", 0.0)
    told: list[tuple[int, int]] = []
    present = {"largest_batch": 2.0}
    done = run_trials(
        tmp_path, lambda _, at, of: told.append((at, of)), present=present, limit_s=0.0
    )
    names = [trial.name for trial in done]
    assert names[:6] == ["batch", "journal", "gc", "switch", "matcher", "sketch"]
    assert done[0].present == 2.0
    assert {trial.key for trial in done} - {""} == set(trials.PRESENT)
    assert told[-1] == (len(done), len(done))
    assert not list(tmp_path.iterdir())
