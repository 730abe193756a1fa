"""What the monitor found, as views: operations, alerts, resources, memory."""

from collections.abc import Sequence

from msgspec import Struct

from components.monitor import (
    GAUGE_BY_NAME,
    GAUGES,
    OPERATIONS,
    Baseline,
    Figures,
    Footprint,
    Monitor,
    gauge_text,
)
from components.monitor.alerting import AlertState
from components.monitor.catalogue import COMPONENTS, SHOWN, Operation
from components.text import safe_text
from components.views import AlertRow, GaugeRow, Level, MemoryRow, OperationRow

WINDOW = "1m"
SCREENED = "gate.screens"
"""Every action passes it once, also one that a person answers: the rate of actions."""

ERRORS_BAD = 0.001
"""A share of failed calls above this is `bad`; a smaller one, not zero, is `warn`."""

SLOW = 2.0
"""A P99 of more than so many times the baseline's is `warn`."""

SHARE_WARN, SHARE_BAD = 0.7, 0.8
_TEXT = 200


class MonitorView(Struct, frozen=True):
    """Everything of a snapshot that the monitor's thread makes, once a second.

    `per_s` is how many actions were screened a second, over the last ten.
    """

    per_s: float
    components: tuple[OperationRow, ...]
    operations: tuple[OperationRow, ...]
    alerts: tuple[AlertRow, ...]
    standing: tuple[str, ...]
    gauges: tuple[GaugeRow, ...]
    memory: tuple[MemoryRow, ...]
    baseline: str
    baseline_offered: bool


def monitor_view(
    monitor: Monitor,
    baseline: Baseline | None,
    alerts: tuple[Sequence[AlertState], Sequence[AlertState]],
    held: Sequence[Footprint],
    *,
    offered: bool,
) -> MonitorView:
    """The newest view. `alerts` are the active and the resolved ones."""
    rows = {one.name: _operation_row(monitor, one, baseline) for one in OPERATIONS}
    active, resolved = alerts
    gauges = monitor.gauges()
    return MonitorView(
        per_s=monitor.per_s(SCREENED, "10s"),
        components=tuple(
            _component_row(monitor, name, title, rows)
            for name, title in COMPONENTS
            if name in SHOWN
        ),
        operations=tuple(rows.values()),
        alerts=(*map(_alert_row, active), *map(_alert_row, resolved)),
        standing=tuple(safe_text(one.text, limit=_TEXT) for one in active if one.standing),
        gauges=tuple(
            _gauge_row(gauge.name, gauges[gauge.name]) for gauge in GAUGES if gauge.name in gauges
        ),
        memory=tuple(MemoryRow(one.component, one.title, one.items, one.bytes) for one in held),
        baseline=baseline.name if baseline else "",
        baseline_offered=offered,
    )


def _operation_row(
    monitor: Monitor, operation: Operation, baseline: Baseline | None
) -> OperationRow:
    found = monitor.figures(WINDOW).get(operation.name)
    base = baseline.operations.get(operation.name) if baseline else None
    times = found.p99_us / base.p99_us if found and found.p99_us and base and base.p99_us else None
    return _row(
        operation.name,
        operation.title,
        operation.component,
        found,
        monitor.per_s(operation.name, "10s"),
        monitor.history(operation.name),
        times,
    )


def _component_row(
    monitor: Monitor, name: str, title: str, rows: dict[str, OperationRow]
) -> OperationRow:
    """The component's main operations together; the worst of them against the baseline."""
    parts = [one.name for one in OPERATIONS if one.component == name and one.main]
    times = [times for part in parts if (times := rows[part].times_baseline) is not None]
    history = tuple(map(max, zip(*(rows[part].history for part in parts), strict=True)))
    return _row(
        name,
        title,
        name,
        monitor.over(parts, WINDOW),
        sum(rows[part].per_s for part in parts),
        history,
        max(times, default=None),
    )


def _row(
    name: str,
    title: str,
    component: str,
    found: Figures | None,
    per_s: float,
    history: tuple[float, ...],
    times: float | None,
) -> OperationRow:
    errors = found.errors if found else 0.0
    level: Level = "idle"
    if found:
        slow = times is not None and times > SLOW
        level = "bad" if errors > ERRORS_BAD else "warn" if errors or slow else "ok"
    return OperationRow(
        name=name,
        title=title,
        p50_us=found.p50_us if found else None,
        p95_us=found.p95_us if found else None,
        p99_us=found.p99_us if found else None,
        per_s=per_s,
        errors=errors,
        history=history,
        level=level,
        component=component,
        times_baseline=times,
    )


def _alert_row(alert: AlertState) -> AlertRow:
    resolved = alert.phase in {"resolved", "inactive"}
    return AlertRow(
        id=alert.id,
        rule=safe_text(alert.rule, limit=80),
        series=safe_text(alert.series, limit=120),
        state="resolved" if resolved else "pending" if alert.phase == "pending" else "firing",
        severity=alert.severity,
        text=safe_text(alert.text, limit=_TEXT),
        value=safe_text(alert.value, limit=40),
        since=alert.since,
        resolved_at=alert.since if resolved else 0,
        acknowledged_by=safe_text(alert.acknowledged_by, limit=64),
        why=safe_text(alert.why, limit=_TEXT),
        silenced_until=alert.silenced_until,
        inhibited_by=safe_text(alert.inhibited_by, limit=80),
    )


def _gauge_row(name: str, value: float) -> GaugeRow:
    gauge = GAUGE_BY_NAME[name]
    share = value if gauge.share else None
    level: Level = "ok"
    if share is not None and share > SHARE_WARN:
        level = "bad" if share > SHARE_BAD else "warn"
    return GaugeRow(name, gauge.title, gauge_text(gauge, value), share, level)
