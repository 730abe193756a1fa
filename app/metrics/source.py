"""What a running node tells of itself, put together for each request; any thread may."""

from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING

from app.metrics.exposition import Exposed

if TYPE_CHECKING:
    from app.node.engine import Engine


def source_of(engine: "Engine") -> Callable[[], Exposed]:
    """What to serve of an engine. Everything in it is the monitor's: the gate is not asked."""
    started = engine.clock.now() - round(engine.uptime_s() * 1e6)
    ours = version("assent")

    def expose() -> Exposed:
        monitoring = engine.monitoring
        conditions = {f"condition.{one.name}": 1.0 for one in engine.conditions.active()}
        return Exposed(
            totals=engine.monitor.totals(),
            gauges=engine.monitor.gauges() | conditions,
            alerts=monitoring.alarms.book.active(),
            baseline=monitoring.baseline.operations if monitoring.baseline else None,
            node=engine.identity.node,
            version=ours,
            started=started,
            audit_size=engine.audit.head.size,
        )

    return expose
