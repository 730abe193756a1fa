"""Which operations need something, and what the period has to say of each. Pure.

An operation needs something that misses its target, or whose P95 or P99 is slower, beyond what
chance explains, than in the baseline or, where there is none, than in the period before.
"""

from collections.abc import Iterator, Sequence

from components.advisor import words
from components.advisor.causes import Evidence, Moment
from components.advisor.gathered import Gathered
from components.advisor.judging import FEW_CALLS
from components.advisor.recommend import Need
from components.advisor.report import GaugeTrend, OperationFigures, Trend
from components.monitor.baseline import Baseline, Machine, make_baseline
from components.monitor.comparison import Change, compare

QUEUE = "storage.queued"
"""The gauge of jobs that wait for the writer."""

UNJUDGED = frozenset({"person", "runtime"})
"""How long people take is theirs; pauses of the runtime are causes, not what one wants done."""

_DRIFTING = frozenset({"p95", "p99"})
_SOME_MACHINE = Machine("", "", "", 0, 0, "")


def needs(
    gathered: Gathered, judged: Sequence[OperationFigures], baseline: Baseline | None = None
) -> tuple[Need, ...]:
    """The operations that need something, in the order of `judged`.

    One that ran fewer than a hundred times is not judged: its P95 is a guess.
    """
    against = f"the baseline {baseline.name}" if baseline else "the period before"
    drifts = _drifts(gathered, baseline)
    return tuple(
        need for row in judged
        if (need := _need(row, drifts.get(row.operation), against, gathered))
    )  # fmt: skip


def _need(
    row: OperationFigures,
    drift: Change | None,
    against: str,
    gathered: Gathered,
) -> Need | None:
    missed = row.status in {"missed", "acceptable"}
    if row.component in UNJUDGED or row.calls < FEW_CALLS or not (missed or drift):
        return None
    grew = drift.ratio if drift and drift.ratio else 0.0
    return Need(
        evidence=_evidence(row.operation, gathered),
        status=row.status if missed else "drifted",
        factor=max(row.factor or 1.0 if missed else 0.0, grew),
        said="; ".join(_said(row, drift, against)),
    )


def _said(row: OperationFigures, drift: Change | None, against: str) -> Iterator[str]:
    if row.status in {"missed", "acceptable"} and row.p95_us is None:
        yield f"none of {words.plural(row.calls, 'call')} succeeded"
    elif row.status in {"missed", "acceptable"}:
        within = ", still acceptable" if row.status == "acceptable" else ""
        yield (
            f"P95 {words.latency(row.p95_us)}, {words.number(row.factor)}× its target of "
            f"{words.latency(row.target_us)}{within}"
        )
    if drift:
        yield (
            f"{drift.figure.upper()} {words.latency(drift.after)}, "
            f"{words.number(drift.ratio)}× that of {against}"
        )


def _drifts(gathered: Gathered, baseline: Baseline | None) -> dict[str, Change]:
    """For each operation that became slower, the change that says so most."""
    now = make_baseline(
        "", gathered.figures, _SOME_MACHINE, made_at=0, since=gathered.since, until=gathered.until
    )
    then = baseline or make_baseline(
        "", gathered.before, _SOME_MACHINE, made_at=0, since=0, until=0
    )
    found: dict[str, Change] = {}
    for row in compare(then, now).operations:
        slower = [
            change for change in row.changes
            if change.figure in _DRIFTING and change.verdict == "slower" and change.ratio
        ]  # fmt: skip
        if slower:
            found[row.operation] = max(slower, key=lambda change: change.ratio or 0.0)
    return found


def _evidence(operation: str, gathered: Gathered) -> Evidence:
    trend = next((one for one in gathered.trends if one.operation == operation), None)
    queue = next((one for one in gathered.gauges if one.name == QUEUE), None)
    return Evidence(
        operation=operation,
        seconds=gathered.covered_s,
        figures=gathered.figures,
        before=gathered.before,  # a baseline knows no means
        gauges={one.name: one.mean for one in gathered.resources},
        moments=_moments(trend, queue) if trend else (),
    )


def _moments(trend: Trend, queue: GaugeTrend | None) -> tuple[Moment, ...]:
    queued = {point.start: point.mean for point in queue.points} if queue else {}
    return tuple(
        Moment(point.p95_us, point.per_s, queued.get(point.start))
        for point in trend.points
        if point.p95_us is not None
    )
