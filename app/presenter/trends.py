"""Buckets of the history and spans of alerts, as views."""

from collections.abc import Iterable

from components.monitor import BY_NAME, Baseline, Bucket, Figures
from components.monitor.alerting import Transition
from components.monitor.alerting.ledger import AlertSpan
from components.text import safe_text
from components.views import AlertBand, AlertHistoryRow, TrendBaseline, TrendPoint, TrendView

_TEXT = 200


def trend_view(
    operation: str,
    since: int,
    until: int,
    level: str,
    buckets: Iterable[Bucket],
    whole: Figures | None,
    baseline: Baseline | None,
    spans: Iterable[AlertSpan],
    *,
    other_machine: bool,
) -> TrendView:
    """One operation over a span. Only alerts on it, or on the node as a whole, are drawn in."""
    known = BY_NAME.get(operation)
    return TrendView(
        operation=safe_text(operation, limit=80),
        title=known.title if known else safe_text(operation, limit=80),
        since=since,
        until=until,
        level=level,
        points=tuple(map(_point, buckets)),
        whole=_whole(whole, since, until) if whole else None,
        baseline=_baseline(operation, baseline, other_machine=other_machine),
        bands=tuple(_band(span) for span in spans if _concerns(span.series, operation)),
    )


def _concerns(series: str, operation: str) -> bool:
    name = series.rpartition(".")[0]
    return name == operation or name not in BY_NAME


def _band(span: AlertSpan) -> AlertBand:
    return AlertBand(
        since=span.since,
        until=span.until or 0,
        rule=safe_text(span.rule, limit=80),
        severity=span.severity,
        text=safe_text(span.text, limit=_TEXT),
    )


def _point(bucket: Bucket) -> TrendPoint:
    return TrendPoint(
        start=bucket.start,
        seconds=bucket.seconds,
        calls=bucket.calls,
        errors=bucket.errors,
        per_s=bucket.calls / bucket.seconds,
        p50_us=bucket.p50_us,
        p95_us=bucket.p95_us,
        p99_us=bucket.p99_us,
    )


def _whole(found: Figures, since: int, until: int) -> TrendPoint:
    return TrendPoint(
        start=since,
        seconds=(until - since) / 1e6,
        calls=found.calls,
        errors=found.errors,
        per_s=found.per_s,
        p50_us=found.p50_us,
        p95_us=found.p95_us,
        p99_us=found.p99_us,
    )


def _baseline(
    operation: str, baseline: Baseline | None, *, other_machine: bool
) -> TrendBaseline | None:
    found = baseline.operations.get(operation) if baseline else None
    if baseline is None or found is None:
        return None
    return TrendBaseline(
        name=baseline.name,
        p50_us=found.p50_us,
        p95_us=found.p95_us,
        p99_us=found.p99_us,
        per_s=found.per_s,
        errors=found.errors,
        other_machine=other_machine,
    )


def alert_history_rows(changes: Iterable[tuple[int, Transition]]) -> list[AlertHistoryRow]:
    """Steps in the lives of alerts, each with its number, in the order given."""
    return [
        AlertHistoryRow(
            id=number,
            time=change.time,
            rule=safe_text(change.rule, limit=80),
            series=safe_text(change.series, limit=120),
            state=change.after if change.kind == "phase" else change.kind,
            text=safe_text(f"{change.text} {change.why}".strip(), limit=_TEXT),
            operator=safe_text(change.operator, limit=64),
        )
        for number, change in changes
    ]
