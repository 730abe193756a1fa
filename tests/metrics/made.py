"""Figures made by hand: everything that a node can tell, with known values."""

from collections.abc import Sequence

from app.metrics import Exposed
from components.monitor.alerting.alert import AlertState
from components.monitor.baseline import BaselineFigures
from components.monitor.catalogue import COMPONENTS, OPERATIONS
from components.monitor.figures import Total
from components.monitor.gauges import GAUGES
from components.monitor.sketch import Sketch

DURATIONS = (900, 1_500, 40_000, 40_000, 3_000_000, 200_000_000_000)
BASELINE = BaselineFigures(1000, 12.5, 0.001, 40.0, 90.0, 2_000.0, None)


def total(durations: Sequence[int] = DURATIONS, failed: int = 3, timeouts: int = 1) -> Total:
    return Total(Sketch.of(durations), failed, timeouts)


def alert(**more: str) -> AlertState:
    told = {"id": "1", "rule": "p99", "title": "", "series": "gate.verdict.p99", "phase": "firing",
            "severity": "high", "text": "never told", "value": ""} | more  # fmt: skip
    return AlertState(**told, since=0)  # type: ignore[arg-type]


def exposed(**more: object) -> Exposed:
    """A node that has done everything, times `calls` given."""
    calls = more.pop("calls", 1)
    assert isinstance(calls, int)
    told = {
        "totals": {
            operation.name: total(DURATIONS * calls, 3 * calls, calls) for operation in OPERATIONS
        },
        "gauges": {gauge.name: 0.5 for gauge in GAUGES}
        | {f"memory.{component}": 1e6 for component, _ in COMPONENTS}
        | {"bridge.down": 0.0, "condition.rules-refused": 1.0},
        "alerts": (alert(),),
        "baseline": {operation.name: BASELINE for operation in OPERATIONS},
        "node": "a",
        "version": "1.2",
        "started": 1_700_000_000_500_000,
        "audit_size": 7,
    }
    return Exposed(**(told | more))  # type: ignore[arg-type]
