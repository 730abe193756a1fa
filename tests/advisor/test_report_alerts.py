"""The alerts of a period: only what lies within it counts."""

from components.advisor.sirens import alert_figures
from components.monitor.alerting.ledger import AlertSpan

SECOND = 1_000_000
SINCE, UNTIL = 1000 * SECOND, 2000 * SECOND


def span(since: int, until: int | None, seen: int | None = None, rule: str = "slow") -> AlertSpan:
    us = [None if at is None else at * SECOND for at in (until, seen)]
    return AlertSpan(rule, "gate.verdict.p99", "high", "too slow", since * SECOND, *us)


def test_times_lengths_and_acknowledgements() -> None:
    (row,) = alert_figures(
        [span(900, 1100, 930), span(1200, 1260), span(1900, None, 1990)], SINCE, UNTIL
    )
    assert (row.times, row.seconds, row.longest_s) == (3, 260, 100)
    assert (row.acknowledged, row.acknowledged_after_s) == (2, 60)
    assert row.open
    assert row.text == "too slow"


def test_one_that_ended_is_over_and_the_worse_come_first() -> None:
    low = AlertSpan("disk", "resource.disk_space", "critical", "", SINCE, SINCE + SECOND)
    rows = alert_figures([span(1500, 1600), low], SINCE, UNTIL)
    assert [row.rule for row in rows] == ["disk", "slow"]
    assert not any(row.open for row in rows)
    assert rows[0].acknowledged_after_s is None


def test_what_came_after_the_period_is_not_told() -> None:
    (row,) = alert_figures([span(1900, 2500, 2100)], SINCE, UNTIL)
    assert (row.seconds, row.acknowledged, row.open) == (100, 0, True)


def test_no_alert_is_no_row() -> None:
    assert alert_figures([], SINCE, UNTIL) == ()
