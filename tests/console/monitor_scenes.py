"""Alerts, trends, resources and reports to draw: deterministic."""

import math

from components.views import (
    AdviceRow,
    AlertBand,
    AlertHistoryRow,
    AlertRow,
    GaugeRow,
    MemoryRow,
    ReportView,
    TrendBaseline,
    TrendPoint,
    TrendView,
)

NOON = 1_772_366_400_000_000
S = 1_000_000


def alert(number: int = 1, *, now: int = NOON, **changes: object) -> AlertRow:
    fields: dict[str, object] = {
        "id": f"slow/{number}", "rule": "slow", "series": "audit_system.log_action.p99",
        "state": "firing", "severity": "high", "text": "p99 is 2.4 times the baseline",
        "value": "11.9 ms", "since": now - 840 * S, "resolved_at": 0, "acknowledged_by": "",
        "why": "", "silenced_until": 0, "inhibited_by": "",
    }  # fmt: skip
    return AlertRow(**{**fields, **changes})  # type: ignore[arg-type]


def alerts(now: int = NOON) -> tuple[AlertRow, ...]:
    return (
        alert(1, now=now, severity="critical", rule="disk-full", series="resource.disk_space",
              text="the disk of the store is 96% full", value="96%", since=now - 190 * S),
        alert(2, now=now),
        alert(3, now=now, rule="errors", series="gate.verdict.errors", severity="medium",
              text="2.1% of the calls fail", value="2.1%", acknowledged_by="grace",
              why="the mail server is being moved", since=now - 7200 * S),
        alert(4, now=now, rule="waiting", series="hitl.waiting", severity="low", value="14",
              text="14 decisions wait", silenced_until=now + 2700 * S, since=now - 400 * S),
        alert(5, now=now, state="pending", series="gate.verdict.p95", value="3.48 ms",
              text="p95 is 1.6 times the baseline", severity="medium", since=now - 20 * S),
        alert(6, now=now, rule="errors", series="audit_system.log_action.errors", value="0.3%",
              text="0.3% of the calls fail", inhibited_by="disk-full", severity="medium"),
    )  # fmt: skip


def history(count: int = 150, now: int = NOON) -> list[AlertHistoryRow]:
    """Oldest first."""
    kinds = (
        ("pending", "p99 is 2.1 times the baseline", ""),
        ("firing", "p99 is 2.4 times the baseline", ""),
        ("acknowledged", "known, the disk is being changed", "ada"),
        ("resolved", "after 14 min", ""),
    )
    return [
        AlertHistoryRow(at + 1, now - (count - at) * 400 * S, "slow", "audit_system.log_action.p99",
                        *kinds[at % len(kinds)])
        for at in range(count)
    ]  # fmt: skip


def gauges() -> tuple[GaugeRow, ...]:
    return (
        GaugeRow("resource.cpu", "CPU", "34%", 0.34, "ok"),
        GaugeRow("resource.memory", "Memory", "71%", 0.71, "ok"),
        GaugeRow("resource.disk_io", "Disk busy", "12%", 0.12, "ok"),
        GaugeRow("resource.disk_space", "Disk filled", "96%", 0.96, "bad"),
        GaugeRow("process.rss_mb", "This program", "184 MB", None, "ok"),
        GaugeRow("process.open_files", "Open files", "61", None, "ok"),
        GaugeRow("store.wal_mb", "Write-ahead log", "3.9 MB", None, "warn"),
    )


def memory() -> tuple[MemoryRow, ...]:
    return (
        MemoryRow("intent_firewall", "Intent firewall", 412, 9_400_000),
        MemoryRow("evolution_core", "Evolution core", 48_210, 21_300_000),
        MemoryRow("hitl", "Decision queue", 5, 41_000),
        MemoryRow("audit_system", "Audit system", 1_024, 2_100_000),
    )


def trend(operation: str, since: int, until: int, points: int) -> TrendView:
    """Waves with a gap, a slow hour that an alert saw, and some errors in it."""
    step = max((until - since) // min(points, 240), 1)
    found = []
    for at in range(since // step * step, until, step):
        part = (at - since) / (until - since)
        if 0.38 < part < 0.46:
            continue
        slow = 3.2 if 0.70 <= part < 0.76 else 1.0
        p99 = 3600 * slow * (1 + 0.2 * math.sin(part * 19) + 0.1 * math.sin(part * 131))
        per_s = 300 * (1 + 0.5 * math.sin(part * 11))
        errors = 0.02 if slow > 1 else 0.0
        seconds = step / S
        found.append(TrendPoint(at, seconds, int(per_s * seconds) + 1, errors, per_s,
                                p99 * 0.35, p99 * 0.7, p99))  # fmt: skip
    span = until - since
    return TrendView(
        operation=operation,
        title=operation.replace(".", " "),
        since=since,
        until=until,
        level="minute",
        points=tuple(found),
        whole=TrendPoint(since, span / S, 1_000, 0.0012, 300.0, 1_240.0, 2_510.0, 7_900.0),
        baseline=TrendBaseline("spring", 1_200.0, 2_300.0, 3_300.0, 280.0, 0.0004, False),
        bands=(
            AlertBand(since + span * 70 // 100, since + span * 77 // 100, "slow", "high", "slow"),
            AlertBand(since + span * 96 // 100, 0, "disk-full", "critical", "96%"),
        ),
    )


def report(kind: str) -> ReportView:
    return ReportView(
        title=f"REPORT  {kind}, 2026-02-28 12:00 to 2026-03-01 12:00 UTC",
        lines=(
            ("", "text"),
            ("Well, with one thing to look at.", "strong"),
            ("verdicts\t26,991,360; 99.98% within the target of 10 ms", "text"),
            ("slowest\taudit log_action, p95 1.65 ms against a target of 2 ms", "warn"),
            ("", "text"),
            ("ALERTS", "accent"),
            ("slow\tfired 3 times, 14 min in all, acknowledged after 2 min", "text"),
        ),
        advice=(
            AdviceRow("r-1", "storage.commit", "Commits take 62% of the gate's time: let four "
                      "wait for one sync.", "store.group_commit: 1 → 4"),
            AdviceRow("r-2", "audit_system.log_action", "Move the store to a quicker disk.", ""),
        ),
    )  # fmt: skip
