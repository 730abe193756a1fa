"""What a run amounted to."""

from collections import Counter
from typing import Any

from fastdigest import TDigest

from components.gate import Asked, Event, Judged, Reported, TurnedAway
from components.views import Snapshot


class Tally:
    """Counts a run's events, on the gate's thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def hear(self, event: Event) -> None:
        """Count one event."""
        match event:
            case Judged(verdict=verdict):
                self._counts[verdict.verdict] += 1
            case Asked():
                self._counts["asked"] += 1
            case Reported(outcome=outcome):
                self._counts[outcome.status] += 1
            case TurnedAway():
                self._counts["refused"] += 1

    def summary(self, snapshot: Snapshot, seconds: float) -> dict[str, Any]:
        """The counts with the figures of the last minute, as one flat object."""
        counts, health = self._counts, snapshot.health
        return {
            "seconds": round(seconds, 3),
            "allow": counts["allow"],
            "deny": counts["deny"],
            "expired": counts["expired"],
            "asked": counts["asked"],
            "refused": counts["refused"],
            "outcomes_ok": counts["ok"],
            "outcomes_failed": counts["failed"],
            "outcomes_skipped": counts["skipped"],
            "waiting": health.waiting,
            "audit_entries": health.audit_size,
            "audit_root": health.audit_root,
            "operations": {
                row.name: {
                    "p50_us": row.p50_us,
                    "p95_us": row.p95_us,
                    "p99_us": row.p99_us,
                    "per_s": round(row.per_s, 3),
                    "errors": row.errors,
                }
                for row in snapshot.operations
            },
        }


def in_words(summary: dict[str, Any]) -> str:
    """The summary for a person."""
    gate = summary["operations"].get("gate", {})
    p50, p99 = gate.get("p50_us"), gate.get("p99_us")
    latency = f", gate P50 {p50:.0f} µs, P99 {p99:.0f} µs" if p50 is not None else ""
    return (
        f"{summary['seconds']:.1f} s: {summary['allow']} allowed, {summary['deny']} denied, "
        f"{summary['expired']} expired, {summary['asked']} asked, {summary['refused']} refused; "
        f"{summary['outcomes_ok']} carried out, {summary['outcomes_failed']} failed; "
        f"{summary['waiting']} still wait{latency}\n"
        f"audit log: {summary['audit_entries']} entries, root {summary['audit_root'][:16]}"
    )


def replay_summary(
    counts: Counter[str],
    waiting: int,
    latencies_us: list[float],
    seconds: float,
    audit_entries: int,
) -> dict[str, Any]:
    """What a replay amounted to: counts, rate and percentiles (0 where nothing was timed)."""
    sketch = TDigest.from_values(latencies_us or [0.0])
    names = ("actions", "allow", "deny", "expired", "asked")
    points = {"p50_us": 0.5, "p95_us": 0.95, "p99_us": 0.99}
    return {
        **{name: counts[name] for name in names},
        "waiting": waiting,
        "errors": counts["errors"],
        "seconds": round(seconds, 6),
        "per_s": round(counts["actions"] / seconds, 3) if seconds else 0.0,
        **{name: round(sketch.quantile(at), 1) for name, at in points.items()},
        "audit_entries": audit_entries,
    }
