"""What a report is built of, once it is read from the store."""

from collections.abc import Mapping

from msgspec import Struct

from components.advisor.report import (
    ActionFigures,
    AlertFigures,
    AuditFigures,
    DecisionFigures,
    GaugeTrend,
    ResourceFigures,
    Trend,
)
from components.monitor.figures import Figures


class Gathered(Struct, frozen=True, kw_only=True):
    """What the store had to say of a period, and of the one before it, of the same length."""

    since: int
    until: int
    covered_s: float
    figures: Mapping[str, Figures]
    before: Mapping[str, Figures]
    alerts: tuple[AlertFigures, ...]
    actions: ActionFigures
    decisions: DecisionFigures
    resources: tuple[ResourceFigures, ...]
    audit: AuditFigures
    trends: tuple[Trend, ...]
    gauges: tuple[GaugeTrend, ...]
