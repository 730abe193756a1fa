"""Two baselines, side by side: what became faster or slower, and what only looks so. Pure.

A percentile of few calls is a guess. The range in which it truly lies follows from the number of
calls: the rank of a share p among n calls is uncertain by sqrt(p (1 - p) / n), and the percentiles
around it say which durations those ranks are. Two figures differ when their ranges (95% each) do
not meet, and when they differ by more than `NOISE`.
"""

from math import exp, log, sqrt
from typing import Literal

from msgspec import Struct

from components.monitor.baseline import Baseline, BaselineFigures, same_machine
from components.wilson import wilson

Verdict = Literal["faster", "same", "slower", "fewer", "more", "too few"]
"""Fewer and more are said of failures, faster and slower of all else."""

NOISE = 0.1
"""Figures within this share of one another are the same: no two runs of a machine are alike."""

TAIL = 5
"""A percentile counts where at least so many calls were slower: 500 calls for a P99."""

FEWEST = 100
"""Rates and shares of failures count from so many calls on."""

P99_LIMIT = 2.0
"""A P99 slower by more than this factor is a regression."""

RATE_LIMIT = 0.8
"""A throughput below this share of the baseline's is a regression."""

ERRORS_LIMIT = 0.001
"""A share of failures and timeouts above this, and above the baseline's, is a regression."""

_Z = 1.96
_LEAST = 1e-9
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999}
_UNPACED = frozenset({"console", "runtime"})
"""How often these run says nothing of how much work the node does."""


class Change(Struct, frozen=True):
    """One figure of an operation: p50, p95, p99, p999 in µs, per_s, or errors (a share).

    `ratio` is after over before, None where either is missing or nothing can be divided.
    """

    figure: str
    before: float | None
    after: float | None
    ratio: float | None
    verdict: Verdict
    regression: bool = False


class OperationChange(Struct, frozen=True):
    """An operation that both have seen.

    `verdict` is of its latency: slower where any percentile is, else faster where any is.
    """

    operation: str
    calls_before: int
    calls_after: int
    verdict: Verdict
    changes: tuple[Change, ...]

    @property
    def regressions(self) -> tuple[Change, ...]:
        """The figures that went beyond their limits."""
        return tuple(change for change in self.changes if change.regression)


class Comparison(Struct, frozen=True):
    """Every operation of either; `machine` says in what the machines differ."""

    before: str
    after: str
    machine: tuple[str, ...]
    operations: tuple[OperationChange, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    @property
    def regressions(self) -> int:
        """How many figures went beyond their limits."""
        return sum(len(operation.regressions) for operation in self.operations)

    @property
    def judged(self) -> bool:
        """Whether anything was seen often enough on both sides."""
        return any(row.verdict != "too few" for row in self.operations)


def compare(before: Baseline, after: Baseline) -> Comparison:
    """What changed from one baseline to the other."""
    old, new = before.operations, after.operations
    return Comparison(
        before=before.name,
        after=after.name,
        machine=same_machine(before.machine, after.machine),
        operations=tuple(_operation(name, old[name], new[name]) for name in old if name in new),
        only_before=tuple(name for name in old if name not in new),
        only_after=tuple(name for name in new if name not in old),
    )


def _operation(name: str, old: BaselineFigures, new: BaselineFigures) -> OperationChange:
    latency = tuple(_latency(figure, old, new) for figure in _SHARES)
    paced = name.partition(".")[0] in _UNPACED
    changes = (*latency, _rate(old, new, judged=not paced), _errors(old, new))
    said = {change.verdict for change in latency}
    order: tuple[Verdict, ...] = ("slower", "faster", "same", "too few")
    verdict = next(verdict for verdict in order if verdict in said)
    return OperationChange(name, old.calls, new.calls, verdict, changes)


def _latency(figure: str, old: BaselineFigures, new: BaselineFigures) -> Change:
    a, b = _range(figure, old), _range(figure, new)
    then, now = _percentiles(old)[figure], _percentiles(new)[figure]
    ratio = _ratio(then, now)
    if a is None or b is None:
        return Change(figure, then, now, ratio, "too few")
    verdict: Verdict = "same"
    if b[0] > a[1] and _beyond_noise(ratio):
        verdict = "slower"
    elif b[1] < a[0] and _beyond_noise(ratio):
        verdict = "faster"
    worse = figure == "p99" and verdict == "slower" and ratio is not None and ratio > P99_LIMIT
    return Change(figure, then, now, ratio, verdict, worse)


def _rate(old: BaselineFigures, new: BaselineFigures, *, judged: bool) -> Change:
    ratio = _ratio(old.per_s, new.per_s)
    if not judged or not ratio or old.calls < FEWEST:
        return Change("per_s", old.per_s, new.per_s, ratio, "too few")
    # Counts of calls vary by their square root; a rate varies as its count does.
    spread = _Z * sqrt(1 / old.calls + 1 / max(new.calls, 1))
    verdict: Verdict = "same"
    if abs(log(ratio)) > spread and _beyond_noise(ratio):
        verdict = "faster" if ratio > 1 else "slower"
    worse = verdict == "slower" and ratio < RATE_LIMIT
    return Change("per_s", old.per_s, new.per_s, ratio, verdict, worse)


def _errors(old: BaselineFigures, new: BaselineFigures) -> Change:
    ratio = _ratio(old.errors, new.errors)
    if min(old.calls, new.calls) < FEWEST:
        return Change("errors", old.errors, new.errors, ratio, "too few")
    then, now = (wilson(round(one.errors * one.calls), one.calls) for one in (old, new))
    verdict: Verdict = "same"
    if now[0] > then[1]:
        verdict = "more"
    elif now[1] < then[0]:
        verdict = "fewer"
    worse = verdict == "more" and new.errors > ERRORS_LIMIT
    return Change("errors", old.errors, new.errors, ratio, verdict, worse)


def _ratio(before: float | None, after: float | None) -> float | None:
    return after / before if before and before > _LEAST and after is not None else None


def _beyond_noise(ratio: float | None) -> bool:
    return ratio is None or ratio == 0 or abs(log(ratio)) > log(1 + NOISE)


def _percentiles(figures: BaselineFigures) -> dict[str, float | None]:
    return {
        "p50": figures.p50_us, "p95": figures.p95_us,
        "p99": figures.p99_us, "p999": figures.p999_us,
    }  # fmt: skip


def _range(figure: str, figures: BaselineFigures) -> tuple[float, float] | None:
    """Where a percentile truly lies, in µs; None where too few calls were slower."""
    share = _SHARES[figure]
    timed = round(figures.calls * (1 - figures.errors))
    if timed * (1 - share) < TAIL - 1e-6 or _percentiles(figures)[figure] is None:
        return None
    spread = _Z * sqrt(share * (1 - share) / timed)
    ends = _value_at(share - spread, figures), _value_at(share + spread, figures)
    return min(ends), max(ends)


def _value_at(share: float, figures: BaselineFigures) -> float:
    """The duration below which a share of calls lies, between the percentiles that are known.

    Durations grow about evenly with the logarithm of the share above them, as in a tail.
    """
    known = [
        (-log(1 - at), log(max(value, 1e-3)))
        for at, value in zip(_SHARES.values(), _percentiles(figures).values(), strict=True)
        if value is not None
    ]
    if len(known) == 1:
        return exp(known[0][1])
    depth = -log(1 - min(share, 1 - 1e-9))
    at = next((i for i in range(1, len(known)) if depth <= known[i][0]), len(known) - 1)
    (x0, y0), (x1, y1) = known[at - 1], known[at]
    return exp(y0 + (y1 - y0) * (depth - x0) / (x1 - x0))
