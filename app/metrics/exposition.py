"""A node's figures as families of Prometheus.

Label values are names of the catalogue, ids of rules, and the names of series: what an agent says
never gets here. Units are base units: seconds, bytes, ratios.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.samples import Sample

from app.metrics.gauges import gauge_families
from components.monitor.alerting.alert import AlertState
from components.monitor.baseline import BaselineFigures
from components.monitor.breath import breathe
from components.monitor.catalogue import OPERATIONS
from components.monitor.figures import Total, empty

EDGES = tuple(
    edge
    for octave in range(10, 38)
    for edge in ((1 << octave), 3 << (octave - 1))
    if edge <= 1 << 37
)
"""Upper edges of the buckets in ns, from 1.02 µs to 137 s, each at most 1.5 times the one before.

Bins of a sketch begin at each of them, so the counts are exact: a bucket counts what is shorter
than its edge by a nanosecond or more.
"""

_LE = tuple(repr(edge / 1e9) for edge in EDGES)
_OPERATION = ("component", "operation")
_PERCENTILES = (("50", "p50_us"), ("95", "p95_us"), ("99", "p99_us"), ("99.9", "p999_us"))
SEVERITIES = ("critical", "high", "medium", "low")


class Exposed(Struct, frozen=True):
    """A node at one moment. Nothing of it may change while it is written out.

    `totals` by operation, `gauges` as the monitor has them, `alerts` that are not inactive,
    `baseline` the figures of the one in force by operation, `started` in µs since 1970,
    `audit_size` in entries.
    """

    totals: Mapping[str, Total]
    gauges: Mapping[str, float]
    alerts: tuple[AlertState, ...]
    baseline: Mapping[str, BaselineFigures] | None
    node: str
    version: str
    started: int
    audit_size: int


class Told:
    """What a client of Prometheus calls a collector."""

    def __init__(self, exposed: Exposed) -> None:
        self._exposed = exposed

    def collect(self) -> Iterable[Metric]:
        """All that the node tells."""
        return families(self._exposed)


_AT_ONCE = 50


class _Unhurried(list[Sample]):
    """Samples of which some are written at a time: thousands in one go would hold up the gate."""

    def __iter__(self) -> Iterator[Sample]:
        for place, sample in enumerate(super().__iter__()):
            if place % _AT_ONCE == 0:
                breathe()
            yield sample


def families(exposed: Exposed) -> Iterator[Metric]:
    """All that a node tells, each family once."""
    yield from _operations(exposed.totals)
    yield from gauge_families(exposed.gauges)
    yield from _alerts(exposed.alerts)
    yield from _baseline(exposed.baseline or {})
    yield from _node(exposed)


def _operations(totals: Mapping[str, Total]) -> Iterator[Metric]:
    durations = HistogramMetricFamily(
        "assent_operation_seconds", "How long calls that worked took.", labels=_OPERATION
    )
    failed = CounterMetricFamily(
        "assent_operation_failures", "Calls that failed.", labels=_OPERATION
    )
    timeouts = CounterMetricFamily(
        "assent_operation_timeouts", "Calls that ran out of time.", labels=_OPERATION
    )
    # What has not run yet stands at zero, so that its first call is seen as one more.
    idle = {operation.name: empty() for operation in OPERATIONS}
    for name, total in sorted({**idle, **totals}.items()):
        labels, sketch = _labels(name), total.sketch
        buckets = [*zip(_LE, map(float, sketch.cumulative(EDGES)), strict=True)]
        breathe()
        durations.add_metric(labels, [*buckets, ("+Inf", sketch.count)], sketch.total / 1e9)
        failed.add_metric(labels, total.failed)
        timeouts.add_metric(labels, total.timeouts)
    durations.samples = _Unhurried(durations.samples)
    yield from (durations, failed, timeouts)


def _alerts(alerts: Iterable[AlertState]) -> Iterator[Metric]:
    state = GaugeMetricFamily(
        "assent_alert_state",
        "1 for the state that an alert is in.",
        labels=("rule", "series", "severity", "state"),
    )
    firing = dict.fromkeys(SEVERITIES, 0)
    for alert in sorted(
        {(a.rule, a.series, a.severity, a.phase) for a in alerts if a.phase != "inactive"}
    ):
        state.add_metric(alert, 1.0)
        if alert[3] == "firing":
            firing[alert[2]] = firing.get(alert[2], 0) + 1
    count = GaugeMetricFamily(
        "assent_alerts_firing", "Alerts of the node that fire.", labels=("severity",)
    )
    for severity, number in firing.items():
        count.add_metric((severity,), number)
    yield from (state, count)


def _baseline(operations: Mapping[str, BaselineFigures]) -> Iterator[Metric]:
    seconds = GaugeMetricFamily(
        "assent_baseline_seconds",
        "Durations of the baseline in force.",
        labels=(*_OPERATION, "percentile"),
    )
    rate = GaugeMetricFamily(
        "assent_baseline_calls_per_second",
        "Calls a second in the baseline in force.",
        labels=_OPERATION,
    )
    errors = GaugeMetricFamily(
        "assent_baseline_errors_ratio",
        "Share of calls that failed or timed out in the baseline in force.",
        labels=_OPERATION,
    )
    for name, figures in sorted(operations.items()):
        labels = _labels(name)
        rate.add_metric(labels, figures.per_s)
        errors.add_metric(labels, figures.errors)
        for percentile, field in _PERCENTILES:
            value: float | None = getattr(figures, field)
            if value is not None:
                seconds.add_metric((*labels, percentile), value / 1e6)
    yield from (seconds, rate, errors)


def _node(exposed: Exposed) -> Iterator[Metric]:
    yield InfoMetricFamily(
        "assent_build",
        "Which node this is, and of which version.",
        value={"node": exposed.node, "version": exposed.version},
    )
    yield CounterMetricFamily(
        "assent_audit_entries", "Entries of the audit log.", value=exposed.audit_size
    )
    yield GaugeMetricFamily(
        "assent_start_time_seconds",
        "When the node started, in seconds since 1970.",
        value=exposed.started / 1e6,
    )


def _labels(operation: str) -> tuple[str, str]:
    component, _, name = operation.partition(".")
    return component, name
