"""The alerts of a period: how often each fired, for how long, and how soon somebody saw. Pure."""

from collections.abc import Iterable, Sequence
from statistics import median

from components.advisor.report import AlertFigures
from components.monitor.alerting.ledger import AlertSpan

_SEVERITIES = ("critical", "high", "medium", "low")


def alert_figures(spans: Iterable[AlertSpan], since: int, until: int) -> tuple[AlertFigures, ...]:
    """One row for each rule on each series, the most severe and the longest first.

    Only the time within the period counts.
    """
    grouped: dict[tuple[str, str], list[AlertSpan]] = {}
    for span in spans:
        grouped.setdefault((span.rule, span.series), []).append(span)
    rows = [_row(found, since, until) for found in grouped.values()]
    return tuple(sorted(rows, key=lambda row: (_rank(row.severity), -row.seconds, row.rule)))


def _row(spans: Sequence[AlertSpan], since: int, until: int) -> AlertFigures:
    last = spans[-1]
    lasted = [
        max(min(_end(span, until), until) - max(span.since, since), 0) / 1e6 for span in spans
    ]
    seen = [
        (span.acknowledged_at - span.since) / 1e6
        for span in spans
        if span.acknowledged_at is not None and span.acknowledged_at < until
    ]
    return AlertFigures(
        rule=last.rule,
        series=last.series,
        severity=last.severity,
        times=len(spans),
        seconds=sum(lasted),
        longest_s=max(lasted),
        acknowledged=len(seen),
        acknowledged_after_s=max(median(seen), 0.0) if seen else None,
        open=last.until is None or last.until >= until,
        text=last.text,
    )


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)


def _end(span: AlertSpan, until: int) -> int:
    return until if span.until is None else span.until
