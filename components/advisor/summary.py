"""The executive summary: what a person who reads nothing else should know. Pure."""

from collections.abc import Sequence

from components.advisor import words
from components.advisor.gathered import Gathered
from components.advisor.judging import FEW_CALLS
from components.advisor.recommend import Recommendation
from components.advisor.report import OperationFigures
from components.monitor.baseline import LEADING

_THIN = 0.5
"""A period of which less was recorded is said to be so."""


def summary(
    gathered: Gathered,
    operations: Sequence[OperationFigures],
    recommendations: Sequence[Recommendation],
) -> str:
    """One paragraph."""
    seconds = (gathered.until - gathered.since) / 1e6
    became = gathered.actions
    verdicts = became.allowed + became.denied + became.expired
    if not gathered.covered_s and not any(row.calls for row in operations):
        return f"Nothing was measured in this period ({words.span(seconds)}): no node ran."
    sentences = [
        f"In {words.span(seconds)} the node gave {words.plural(verdicts, 'verdict')}.",
        _standing(operations),
        _asked(gathered),
        _alerted(gathered),
        f"{words.plural(len(recommendations), 'recommendation')} below."
        if recommendations
        else nothing_needed(operations),
    ]
    if doubt := _doubt(gathered, seconds, verdicts):
        sentences.insert(1, doubt)
    return " ".join(sentences)


def nothing_needed(operations: Sequence[OperationFigures]) -> str:
    """What is said where there is no recommendation."""
    if any(row.calls >= FEW_CALLS for row in operations if row.target_us is not None):
        return "Nothing needs to be done."
    return "Too little was measured to recommend anything."


def facts(gathered: Gathered, operations: Sequence[OperationFigures]) -> tuple[str, ...]:
    """Five to seven sentences with the figures that matter most."""
    return tuple(
        filter(
            None,
            (
                _actions(gathered),
                _gate(operations),
                _targets(operations),
                _changed(operations),
                _failures(operations),
                _people(gathered),
                _log(gathered),
            ),
        )
    )


def _doubt(gathered: Gathered, seconds: float, verdicts: int) -> str:
    said = []
    if gathered.covered_s < _THIN * seconds:
        covered = words.share(gathered.covered_s / seconds)
        said.append(f"only {words.span(gathered.covered_s)} of it ({covered}) were recorded")
    if verdicts < FEW_CALLS:
        said.append(f"fewer than {FEW_CALLS} verdicts make its latencies a hint, no more")
    if not said:
        return ""
    text = "; ".join(said)
    return f"Little was measured: {text}."


def _standing(operations: Sequence[OperationFigures]) -> str:
    aimed = [row for row in operations if row.target_us is not None and row.status != "not run"]
    missed = [row.operation for row in aimed if row.status == "missed"]
    if not aimed:
        return "No operation with a target ran."
    if missed:
        return f"Beyond what is acceptable: {words.listed(missed)}."
    loose = [row.operation for row in aimed if row.status == "acceptable"]
    if loose:
        return f"All are acceptable; over their target: {words.listed(loose)}."
    met = words.plural(len(aimed), "operation")
    return f"{met} with a target ran, and every one met it."


def _asked(gathered: Gathered) -> str:
    decisions = gathered.decisions
    if not decisions.asked:
        return "Nobody was asked."
    return (
        f"People were asked {words.plural(decisions.asked, 'time')}; "
        f"{words.plural(decisions.expired, 'decision')} expired."
    )


def _alerted(gathered: Gathered) -> str:
    times = sum(alert.times for alert in gathered.alerts)
    fires = sum(alert.open for alert in gathered.alerts)
    if not times:
        return "No alert fired."
    still = f", {words.plural(fires, 'still fires', 'still fire')}" if fires else ""
    return f"{words.plural(times, 'alert')} fired{still}."


def _actions(gathered: Gathered) -> str:
    actions = gathered.actions
    return (
        f"Actions: {actions.received:,} received; {actions.allowed:,} allowed, "
        f"{actions.denied:,} denied, {actions.expired:,} expired; "
        f"{actions.failed:,} failed when carried out."
    )


def _gate(operations: Sequence[OperationFigures]) -> str:
    row = next((row for row in operations if row.operation == LEADING and row.calls), None)
    if row is None:
        return "The gate gave no verdict."
    aim = f", target {words.latency(row.target_us)}: {row.status}" if row.target_us else ""
    return (
        f"The gate: P50 {words.latency(row.p50_us)}, P95 {words.latency(row.p95_us)}, "
        f"P99 {words.latency(row.p99_us)}{aim}."
    )


def _targets(operations: Sequence[OperationFigures]) -> str:
    aimed = [row for row in operations if row.target_us is not None]
    counts = {name: sum(row.status == name for row in aimed) for name in _ORDER}
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    few = sum(row.few for row in aimed)
    hint = f" ({few} of them on fewer than {FEW_CALLS} calls)" if few else ""
    return f"Targets: {told}{hint}."


_ORDER = ("met", "acceptable", "missed", "not run")


def _changed(operations: Sequence[OperationFigures]) -> str:
    judged = [row for row in operations if row.p95_change and row.p95_change.verdict != "too few"]
    if not judged:
        return "Against the period before: too few calls to compare."
    slower, faster = (
        [row.operation for row in judged if row.p95_change and row.p95_change.verdict == verdict]
        for verdict in ("slower", "faster")
    )
    if not slower and not faster:
        return (
            f"Against the period before: P95 unchanged in all {len(judged)} that can be compared."
        )
    parts = [
        f"{verdict}: {words.listed(names)}"
        for verdict, names in (("slower", slower), ("faster", faster))
        if names
    ]
    return f"Against the period before (P95), of {len(judged)} compared, {'; '.join(parts)}."


def _failures(operations: Sequence[OperationFigures]) -> str:
    failing = [row for row in operations if row.failed or row.timeouts]
    if not failing:
        return "No operation failed or timed out."
    count = sum(row.failed + row.timeouts for row in failing)
    worst = max(failing, key=lambda row: row.errors)
    calls = words.plural(count, "call")
    return f"{calls} failed or timed out; most in {worst.operation} ({words.share(worst.errors)})."


def _people(gathered: Gathered) -> str:
    decisions = gathered.decisions
    if not decisions.asked:
        return ""
    waited = (
        f"; answered after {words.latency(decisions.waited_p50_us)} (P50), "
        f"{words.latency(decisions.waited_p95_us)} (P95)"
        if decisions.waited_p50_us is not None
        else ""
    )
    return (
        f"Decisions: {decisions.approved:,} approved, {decisions.rejected:,} rejected, "
        f"{decisions.expired:,} expired, {decisions.waiting:,} waiting; "
        f"{decisions.overturned:,} overturned{waited}."
    )


def _log(gathered: Gathered) -> str:
    audit = gathered.audit
    return (
        f"Audit log: {words.plural(audit.entries, 'entry', 'entries')} written, "
        f"{audit.size:,} in all, signed up to {audit.checkpoint_size:,}."
    )
