"""Trials on this machine: what could be set or built otherwise, measured.

Stores are made in a temporary folder beside the real one, so that they lie on the same disk, and
are deleted. The interpreter's settings are changed while a trial runs and put back: not for a
process that serves.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import perf_counter_ns

from components.advisor.trial import Experiment, Trial, carry_out
from components.advisor.trials.interpreter import interpreter_trials
from components.advisor.trials.methods import cache_trials, matcher_trial, sketch_trial
from components.advisor.trials.sample import sample
from components.advisor.trials.stores import batch_trial, journal_trial
from components.clock import Clock, SystemClock

LIMIT_S = 2.0
"""How long one trial takes, about."""

PRESENT: Mapping[str, float] = {
    "gc_threshold": 20_000,
    "switch_interval_ms": 0.1,
    "largest_batch": 4_096,
    "experience_batch": 512,
}
"""What is in force where nothing was set."""

Progress = Callable[[str, int, int], object]
"""Told what is tried, how many trials are done, and of how many."""


def experiments(
    home: Path, scratch: Path, present: Mapping[str, float] = PRESENT, clock: Clock | None = None
) -> Iterator[Experiment]:
    """Every trial there is: with the actions recorded in `home`, stores below `scratch`."""
    clock = clock or SystemClock()
    known = {**PRESENT, **present}
    actions = sample(home)
    yield batch_trial(scratch, known["largest_batch"])
    yield journal_trial(scratch, known["experience_batch"], clock)
    yield from interpreter_trials(
        actions, known["gc_threshold"], known["switch_interval_ms"], clock
    )
    yield matcher_trial(actions)
    yield sketch_trial()
    yield from cache_trials(actions)


def run_trials(
    home: Path,
    progress: Progress | None = None,
    *,
    present: Mapping[str, float] = PRESENT,
    limit_s: float = LIMIT_S,
    monotonic: Callable[[], int] = perf_counter_ns,
) -> tuple[Trial, ...]:
    """Carry out all trials for a home, each within about `limit_s`. Blocks.

    Raises `OSError` or `StoreError` where no store can be made beside the real one.
    """
    tell = progress or _silent
    done = []
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".trial-", dir=home) as scratch:
        tell("actions", 0, 1)
        planned = tuple(experiments(home, Path(scratch), present))
        for number, experiment in enumerate(planned):
            tell(experiment.title, number, len(planned))
            done.append(carry_out(experiment, limit_s, monotonic))
        tell("trials", len(planned), len(planned))
    return tuple(done)


def _silent(what: str, done: int, of: int) -> None:
    pass
