"""What the console draws: frozen, already safe to show, with no way back into a component.

Every string here has passed `safe_text` where it was built. Durations are microseconds, times are
microseconds since 1970-01-01 UTC, rates are per second.
"""

from typing import Literal

from msgspec import Struct

from components.views_of_learning import AlignmentRow as AlignmentRow
from components.views_of_learning import LearningView as LearningView
from components.views_of_learning import LoveRow as LoveRow
from components.views_of_learning import PatternRow as PatternRow
from components.views_of_learning import SuggestionRow as SuggestionRow

Level = Literal["ok", "idle", "warn", "bad"]
NodeState = Literal["starting", "open", "paused", "draining", "frozen", "retired", "stopping"]


class OperationRow(Struct, frozen=True):
    """One measured operation over the last minute. Percentiles are None where nothing ran.

    `history` has one P99 a second, oldest first, 0 where nothing ran. `errors` is the share of
    failed calls, 0–1. `times_baseline` is the P99 over the baseline's.
    """

    name: str
    title: str
    p50_us: float | None
    p95_us: float | None
    p99_us: float | None
    per_s: float
    errors: float
    history: tuple[float, ...]
    level: Level
    component: str = ""
    times_baseline: float | None = None


class WaitingRow(Struct, frozen=True):
    """One decision in the waiting list."""

    id: str
    priority: str
    tier: int
    agent: str
    tool: str
    summary: str
    created_at: int
    due: int
    deadline: int
    claimed_by: str
    snoozed_until: int
    answers: int
    release_at: int


class Section(Struct, frozen=True):
    """A titled part of a decision: `body` may have several lines; `kind` picks its style."""

    title: str
    body: str
    kind: Literal["action", "reason", "concern", "request", "context", "narrative", "fact"]


class DecisionView(Struct, frozen=True, kw_only=True):
    """The decision in full, as it is shown; `display_digest` is over just these sections.

    `code` is what approving it has to be typed with, empty where nothing has to be. `alike` is
    what an answer for similar ones is for.
    """

    id: str
    version: int
    digest: str
    display_digest: str
    policy_version: str
    priority: str
    tier: int
    agent: str
    tool: str
    headline: str
    sections: tuple[Section, ...]
    safety: float
    ethics: float
    dimensions: tuple[tuple[str, float], ...]
    created_at: int
    due: int
    deadline: int
    claimed_by: str
    snoozed_until: int
    release_at: int
    code: str
    second_needed: bool
    answered_by: tuple[str, ...]
    arguments_json: str
    alike: str = ""


class EventRow(Struct, frozen=True):
    """One line of the event stream; `seq` grows by one for each event of this run."""

    seq: int
    time: int
    kind: str
    level: Level
    agent: str
    text: str


class AgentRow(Struct, frozen=True):
    """One agent: what it did since this node started."""

    name: str
    actions: int
    allowed: int
    denied: int
    asked: int
    failed: int
    last_seen: int
    paused: bool
    broken: bool


class DutyRow(Struct, frozen=True):
    """An operator whose console elsewhere is attached to the node, since `since`."""

    name: str
    tier: int
    observer: bool
    since: int


class NodeRow(Struct, frozen=True):
    """Another node that the console is attached to; `silent` where it is not heard."""

    name: str
    waiting: int
    silent: bool


class Health(Struct, frozen=True):
    """The health line. `duty` is who is attached from elsewhere, `beside` the console's other
    nodes.
    """

    node: str
    state: NodeState
    detail: str
    agents: int
    per_s: float
    waiting: int
    alerts: tuple[str, ...]
    audit_size: int
    audit_root: str
    uptime_s: float
    loop_lag_us: float
    duty: tuple[DutyRow, ...] = ()
    beside: tuple[NodeRow, ...] = ()


class GrantRow(Struct, frozen=True):
    """One standing grant."""

    id: str
    agent: str
    tool: str
    shape: str
    verdict: str
    left: int
    until: int
    operator: str


AlertStanding = Literal["pending", "firing", "resolved"]


class AlertRow(Struct, frozen=True, kw_only=True):
    """One alert. Whoever acknowledged it said `why`; `inhibited_by` names the rule above it."""

    id: str
    rule: str
    series: str
    state: AlertStanding
    severity: str
    text: str
    value: str
    since: int
    resolved_at: int = 0
    acknowledged_by: str = ""
    why: str = ""
    silenced_until: int = 0
    inhibited_by: str = ""


class AlertHistoryRow(Struct, frozen=True):
    """One step in the life of an alert."""

    id: int
    time: int
    rule: str
    series: str
    state: str
    text: str
    operator: str


class GaugeRow(Struct, frozen=True):
    """One resource, written out; `share` of its capacity where it has one, 0–1."""

    name: str
    title: str
    value: str
    share: float | None
    level: Level


class MemoryRow(Struct, frozen=True):
    """What one component holds, by its own accounting."""

    component: str
    title: str
    items: int
    bytes: int


class TrendPoint(Struct, frozen=True):
    """One column of a trend. `errors` is a share, 0–1."""

    start: int
    seconds: float
    calls: int
    errors: float
    per_s: float
    p50_us: float | None
    p95_us: float | None
    p99_us: float | None


class TrendBaseline(Struct, frozen=True):
    """What a trend is held against; `other_machine` says that it was measured elsewhere."""

    name: str
    p50_us: float | None
    p95_us: float | None
    p99_us: float | None
    per_s: float
    errors: float
    other_machine: bool


class AlertBand(Struct, frozen=True):
    """When an alert fired within a trend."""

    since: int
    until: int
    rule: str
    severity: str
    text: str


class TrendView(Struct, frozen=True):
    """One operation over a span of time, from one level of the history.

    `whole` is the span as one point: its percentiles are exact, not a mean of the columns'. None
    where nothing ran.
    """

    operation: str
    title: str
    since: int
    until: int
    level: str
    points: tuple[TrendPoint, ...]
    whole: TrendPoint | None
    baseline: TrendBaseline | None
    bands: tuple[AlertBand, ...]


class AdviceRow(Struct, frozen=True):
    """One recommendation; `change` is the setting that accepting it changes, if any."""

    id: str
    operation: str
    text: str
    change: str


class ReportView(Struct, frozen=True):
    """A report as (text, ink) lines, and its recommendations."""

    title: str
    lines: tuple[tuple[str, str], ...]
    advice: tuple[AdviceRow, ...] = ()


class Snapshot(Struct, frozen=True):
    """Everything that is live on the screens, at one moment.

    `waiting` is cut; `health.waiting` is not. `operations` has a row a component,
    `all_operations` one for each that is measured. `baseline` names the one in force;
    `baseline_offered` says that there is none, and enough was seen for a first.
    The parts are the same objects as in the snapshot before where nothing changed.
    """

    seq: int
    time: int
    health: Health
    operations: tuple[OperationRow, ...]
    waiting: tuple[WaitingRow, ...]
    events: tuple[EventRow, ...]
    agents: tuple[AgentRow, ...]
    grants: tuple[GrantRow, ...]
    learning: LearningView
    alerts: tuple[AlertRow, ...] = ()
    gauges: tuple[GaugeRow, ...] = ()
    memory: tuple[MemoryRow, ...] = ()
    all_operations: tuple[OperationRow, ...] = ()
    baseline: str = ""
    baseline_offered: bool = False


class AuditRow(Struct, frozen=True):
    """One entry of the audit log in a list."""

    seq: int
    time: int
    kind: str
    agent: str
    tool: str
    verdict: str
    operator: str
    text: str


class AuditLeaves(Struct, frozen=True):
    """Entries as they were hashed, newest first, with the number of the last one.

    Not for a screen: nothing in it was made safe. `checkpoint` is the newest, empty without any.
    """

    leaves: tuple[str, ...]
    last: int
    checkpoint: str


class AuditDetail(Struct, frozen=True):
    """One entry of the audit log in full: its canonical leaf, pretty-printed, and its proof."""

    seq: int
    leaf_hash: str
    text: str
    proof: str
