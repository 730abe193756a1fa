"""A report from what was gathered. Pure."""

from components.advisor.gathered import Gathered
from components.advisor.judging import operations
from components.advisor.recommend import Recommendation
from components.advisor.report import Kind, Report
from components.advisor.summary import facts, summary
from components.advisor.targets import targets


def build(
    kind: Kind,
    node: str,
    made_at: int,
    gathered: Gathered,
    recommendations: tuple[Recommendation, ...] = (),
    baseline: str = "",
) -> Report:
    """The report; `baseline` is the name of the one in force, if any."""
    judged = operations(gathered.figures, gathered.before, targets())
    return Report(
        kind=kind,
        node=node,
        since=gathered.since,
        until=gathered.until,
        made_at=made_at,
        covered_s=gathered.covered_s,
        baseline=baseline,
        summary=summary(gathered, judged, recommendations),
        facts=facts(gathered, judged),
        operations=judged,
        alerts=gathered.alerts,
        actions=gathered.actions,
        decisions=gathered.decisions,
        resources=gathered.resources,
        audit=gathered.audit,
        recommendations=recommendations,
        trends=gathered.trends,
        gauges=gathered.gauges,
    )
