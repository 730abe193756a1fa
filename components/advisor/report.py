"""What a report says, as frozen structs.

Times are µs since 1970-01-01 UTC, durations µs unless a name ends in another unit, shares 0–1.
Names of agents and operators and the texts of alerts are raw: whoever shows them makes them safe.
"""

from typing import Literal

from msgspec import Struct

from components.advisor.recommend import Recommendation
from components.advisor.targets import Status

Kind = Literal["daily", "weekly", "monthly", "quarterly"]

SPAN_S: dict[Kind, int] = {
    "daily": 86_400,
    "weekly": 7 * 86_400,
    "monthly": 30 * 86_400,
    "quarterly": 91 * 86_400,
}
"""How far back a report goes where nothing else was asked for."""


class Change(Struct, frozen=True):
    """One figure against the period before. `ratio` is now over then, None where undefined.

    `verdict` is of `components.monitor.comparison`: faster, same, slower, fewer, more, too few.
    """

    before: float | None
    after: float | None
    ratio: float | None
    verdict: str


class OperationFigures(Struct, frozen=True, kw_only=True):
    """One operation over the period: its figures, its target, and what changed.

    `factor` is P95 over target. `few` says that too few calls were seen for a P95 to be trusted.
    The changes are None where it did not run in both periods.
    """

    operation: str
    title: str
    component: str
    main: bool
    calls: int = 0
    failed: int = 0
    timeouts: int = 0
    errors: float = 0.0
    per_s: float = 0.0
    p50_us: float | None = None
    p95_us: float | None = None
    p99_us: float | None = None
    target_us: float | None = None
    acceptable_us: float | None = None
    note: str = ""
    status: Status = "no target"
    factor: float | None = None
    few: bool = False
    p95_change: Change | None = None
    per_s_change: Change | None = None
    errors_change: Change | None = None


class AlertFigures(Struct, frozen=True):
    """One rule on one series: how often it fired and for how long.

    `acknowledged_after_s` is the median time until somebody acknowledged, of those that anybody
    did. `open` says that it still fired at the end of the period.
    """

    rule: str
    series: str
    severity: str
    times: int
    seconds: float
    longest_s: float
    acknowledged: int
    acknowledged_after_s: float | None
    open: bool
    text: str = ""


class OperatorFigures(Struct, frozen=True, kw_only=True):
    """One person's answers, and figures in which tiredness would show.

    `looked_*` is the time from an action being shown to its answer. `hasty` are approvals within
    two seconds, three or more in a row; `longest_run` the longest such row. A shift is a stretch
    without a pause of half an hour; only those of at least twenty answers count. In a `drifting`
    shift the second half approved at least ten points more, in three quarters of the time.
    The shares and times of early and late halves are over all shifts that count.
    """

    name: str
    answers: int
    approved: int
    rejected: int
    modified: int
    looked_p50_us: float | None
    looked_p95_us: float | None
    hasty: int
    hasty_share: float
    longest_run: int
    shifts: int
    drifting: int
    early_approved: float | None
    late_approved: float | None
    early_looked_us: float | None
    late_looked_us: float | None


class Count(Struct, frozen=True):
    """Decisions asked for within one step of time, and how those ended."""

    start: int
    asked: int
    approved: int
    rejected: int
    expired: int


class DecisionFigures(Struct, frozen=True, kw_only=True):
    """The decisions asked for in the period, as they stand now.

    `approved` includes `modified` ones; `denied_by_node` ended without anybody's answer; `waiting`
    are undecided yet. `waited_*` is from the question to the last answer. Overturned are those
    modified, approved though the ethics score was under its threshold, or rejected though no
    screen had objected; each counts once. `unreadable` rows are damaged and nowhere else counted.
    """

    asked: int = 0
    approved: int = 0
    modified: int = 0
    rejected: int = 0
    denied_by_node: int = 0
    expired: int = 0
    cancelled: int = 0
    waiting: int = 0
    escalated: int = 0
    waited_p50_us: float | None = None
    waited_p95_us: float | None = None
    waited_longest_us: float | None = None
    overturned: int = 0
    against_ethics: int = 0
    without_finding: int = 0
    operators: tuple[OperatorFigures, ...] = ()
    step_s: int = 86_400
    counts: tuple[Count, ...] = ()
    unreadable: int = 0
    answers_left_out: int = 0


class ResourceFigures(Struct, frozen=True):
    """One gauge over the period."""

    name: str
    low: float
    mean: float
    high: float


class AgentFigures(Struct, frozen=True):
    """One agent: judged actions, those not allowed, and those that failed when carried out."""

    name: str
    actions: int
    denied: int
    failed: int


class ActionFigures(Struct, frozen=True, kw_only=True):
    """Actions received, and of those that were judged, what became of them.

    Judged ones are counted from experiences, whose oldest the store may have let go.
    """

    received: int = 0
    allowed: int = 0
    denied: int = 0
    expired: int = 0
    by_operator: int = 0
    failed: int = 0
    agents: tuple[AgentFigures, ...] = ()


class AuditFigures(Struct, frozen=True):
    """Entries written in the period, checkpoints kept over them, and the size of the log."""

    entries: int = 0
    checkpoints: int = 0
    size: int = 0
    checkpoint_size: int = 0


class Point(Struct, frozen=True):
    """One operation over `seconds` from `start` on."""

    start: int
    seconds: int
    calls: int
    errors: float
    per_s: float
    p50_us: float | None
    p95_us: float | None
    p99_us: float | None


class Band(Struct, frozen=True):
    """A time in which an alert fired."""

    since: int
    until: int
    rule: str
    severity: str


class Trend(Struct, frozen=True):
    """One operation over time, with the baseline's P95 and the alerts on it."""

    operation: str
    title: str
    points: tuple[Point, ...]
    baseline_p95_us: float | None = None
    bands: tuple[Band, ...] = ()


class GaugePoint(Struct, frozen=True):
    """One gauge over `seconds` from `start` on."""

    start: int
    seconds: int
    low: float
    mean: float
    high: float


class GaugeTrend(Struct, frozen=True):
    """One gauge over time."""

    name: str
    points: tuple[GaugePoint, ...]


class Report(Struct, frozen=True, kw_only=True):
    """A whole report. `covered_s` is how much of the period was recorded at all, in seconds."""

    kind: Kind
    node: str
    since: int
    until: int
    made_at: int
    covered_s: float
    baseline: str
    summary: str
    facts: tuple[str, ...]
    operations: tuple[OperationFigures, ...]
    alerts: tuple[AlertFigures, ...]
    actions: ActionFigures
    decisions: DecisionFigures
    resources: tuple[ResourceFigures, ...]
    audit: AuditFigures
    recommendations: tuple[Recommendation, ...]
    trends: tuple[Trend, ...]
    gauges: tuple[GaugeTrend, ...]
