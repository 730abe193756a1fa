"""The series that alert rules watch: figures of operations, gauges, conditions."""

from collections.abc import Iterable, Mapping

from components.monitor.alerting import Sample
from components.monitor.alerting.globs import matcher
from components.monitor.alerting.rules import FIGURES
from components.monitor.baseline import BaselineFigures
from components.monitor.catalogue import COMPONENTS, OPERATIONS
from components.monitor.conditions import Condition
from components.monitor.figures import Figures
from components.monitor.gauges import GAUGES

_DURATIONS = ("p50", "p95", "p99", "p999")

_CONDITION = "condition."
_OTHERS = ("bridge.down", "memory.monitor")


def names() -> frozenset[str]:
    """Every series that a node may have, but for its conditions, which have names of their own."""
    figures = (f"{one.name}.{figure}" for one in OPERATIONS for figure in FIGURES)
    held = (f"memory.{name}" for name, _ in COMPONENTS)
    return frozenset((*figures, *held, *_OTHERS, *(gauge.name for gauge in GAUGES)))


def unknown(globs: Iterable[str]) -> tuple[str, ...]:
    """Those of some globs that match no series of a node."""
    known = names()
    return tuple(
        glob
        for glob in globs
        if not glob.startswith(_CONDITION) and not any(map(matcher((glob,)), known))
    )


def operation_series(
    figures: Mapping[str, Figures], baseline: Mapping[str, BaselineFigures]
) -> dict[str, Sample]:
    """`<operation>.<figure>` for everything that ran: durations in µs, rates, shares, counts."""
    series: dict[str, Sample] = {}
    for name, found in figures.items():
        base = baseline.get(name)
        for figure in _DURATIONS:
            value = getattr(found, f"{figure}_us")
            if value is not None:
                known = getattr(base, f"{figure}_us") if base else None
                series[f"{name}.{figure}"] = Sample(value, found.calls, known)
        if found.mean_us is not None:
            series[f"{name}.mean"] = Sample(found.mean_us, found.calls)
        per_s, errors = (base.per_s, base.errors) if base else (None, None)
        series[f"{name}.per_s"] = Sample(found.per_s, found.calls, per_s)
        series[f"{name}.errors"] = Sample(found.errors, found.calls, errors)
        series[f"{name}.calls"] = Sample(float(found.calls), found.calls)
    return series


def state_series(
    gauges: Iterable[tuple[str, float, int]], conditions: Iterable[Condition]
) -> dict[str, Sample]:
    """Every gauge by its name, of so many seconds, and `condition.<name>` with its text."""
    series = {name: Sample(value, seconds) for name, value, seconds in gauges}
    for condition in conditions:
        series[f"condition.{condition.name}"] = Sample(1.0, text=condition.text)
    return series
