"""The advisor's strategies, measured by its own trials: those of `assent report --try`.

What is in force stands beside the best of what was tried on this machine.
"""

from time import perf_counter_ns

from bench.figures import Limits
from bench.measuring import Beside
from bench.places import scratch
from components.advisor.trial import Trial
from components.advisor.trials import LIMIT_S, run_trials


def test_trials(beside: Beside) -> None:
    limit_s = LIMIT_S / 10 if beside.quick else LIMIT_S
    with scratch("advisor") as home:
        trials = beside.benchmark.pedantic(
            lambda: run_trials(home, limit_s=limit_s, monotonic=perf_counter_ns), rounds=1
        )
    for trial in trials:
        tell(beside, trial)


def tell(beside: Beside, trial: Trial) -> None:
    """One figure a trial; every value that was tried is in `extra`."""
    verdict = "worth it" if trial.worthwhile else "no gain beyond the noise"
    beside.number(
        trial.now.figure, name=f"other.advisor.{trial.name}",
        bound=Limits(unit=trial.unit, at_least=trial.better == "more"),
        reference=f"the best tried: {trial.best.value}", reference_value=trial.best.figure,
        note=f"{trial.title}, now {trial.present}: {verdict}",
        extra={str(one.value): one.figure for one in trial.tried},
    )  # fmt: skip
