"""A report of everything at once, for the tests of its forms."""

from typing import Any

from components.advisor import Recommendation, Report, build
from components.advisor.causes import Cause
from components.advisor.deciding import (
    DecisionTally,
    SeenAnswer,
    SeenDecision,
    SeenEthics,
    SeenSafety,
)
from components.advisor.gathered import Gathered
from components.advisor.recommend import Setting
from components.advisor.report import (
    ActionFigures,
    AgentFigures,
    AlertFigures,
    AuditFigures,
    Band,
    GaugePoint,
    GaugeTrend,
    Point,
    ResourceFigures,
    Trend,
)
from components.monitor.figures import Total, figures
from components.monitor.sketch import Sketch
from tests.advisor.period import DAY, HOUR, NOON, SECOND

SINCE, UNTIL = NOON - DAY // 2, NOON + DAY // 2

HOSTILE = "\x1b]0;x\x07<script>alert(1)</script>|a\u202eb`*_[x](http://evil.example)\n# h"


def total(us: float, calls: int, failed: int = 0) -> Any:
    return figures(Total(Sketch.of([round(us * 1000)] * calls), failed), DAY / 1e6)


def a_report(name: str = "anna", *, recommended: bool = True) -> Report:
    """A report in which `name` stands wherever somebody else chose the words."""
    tally = DecisionTally(SINCE, UNTIL, 3600)
    for hour in range(3):
        answered = (SeenAnswer("approve", name, NOON, NOON + 20 * SECOND),)
        at = NOON + hour * HOUR
        tally.add(SeenDecision(at, "allowed", SeenSafety(), SeenEthics(0.9), answered))
        tally.add(SeenDecision(at, "expired", SeenSafety(), SeenEthics(0.9)))
    points = tuple(
        Point(SINCE + at * HOUR, 3600, 100, 0.0, 0.03, 100.0 + at, 900.0 + at, 2000.0)
        for at in (*range(8), *range(14, 24))
    )
    gauge = tuple(GaugePoint(SINCE + at * HOUR, 3600, 0.1, 0.2, 0.3) for at in range(24))
    fired = (Band(NOON, NOON + HOUR, name, "high"),)
    gathered = Gathered(
        since=SINCE,
        until=UNTIL,
        covered_s=80_000,
        figures={
            "gate.verdict": total(900, 2000),
            "audit_system.log_action": total(900, 2000, 3),
            "love_engine.check_ethics": total(5000, 2000),
        },
        before={"gate.verdict": total(400, 2000)},
        alerts=(
            AlertFigures(name, "gate.verdict.p99", "high", 2, 90, 60, 1, 30, True, name),
        ),
        actions=ActionFigures(
            received=6, allowed=3, expired=3,
            agents=(AgentFigures(name, 6, 3, 0),),
        ),
        decisions=tally.figures(),
        resources=(ResourceFigures("resource.cpu", 0.1, 0.2, 0.3),),
        audit=AuditFigures(12, 2, 100, 100),
        trends=(
            Trend("gate.verdict", "verdict", points, 800.0, fired),
        ),
        gauges=(GaugeTrend("resource.cpu", gauge),),
    )  # fmt: skip
    recommendations = (RECOMMENDED,) if recommended else ()
    return build("daily", name, UNTIL, gathered, recommendations, "first")


RECOMMENDED = Recommendation(
    id="r1",
    operation="love_engine.check_ethics",
    status="missed",
    factor=25.0,
    causes=(Cause("long texts", "P95 of 40 kB", 0.8),),
    strategy="cache the scan",
    effort="low",
    expected="3 times faster",
    measured=2.9,
    setting=Setting("performance.cache", 100, 1000),
    text="cache more",
)
