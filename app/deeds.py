"""What a console asks of a node, as data: one struct a call, whose fields are its arguments.

A desk in the node's process hands them over as they are; one elsewhere sends them, signed. What
comes from elsewhere is converted by these types, so their bounds hold there.
"""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from components.views import (
    AlertHistoryRow,
    AuditDetail,
    AuditLeaves,
    AuditRow,
    ReportView,
    TrendView,
)

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Words = Annotated[str, Meta(max_length=4_000)]
Envelope = Annotated[str, Meta(min_length=1)]
"""An operator's own signed answer, as `components.gate.sign_answer` makes it."""

Count = Annotated[int, Meta(ge=0, lt=2**53)]
Seconds = Annotated[int, Meta(ge=1, le=86_400 * 366)]
Page = Annotated[int, Meta(ge=1, le=500)]

Cadence = Literal["daily", "weekly", "monthly", "quarterly"]
"""How often a report is due, and so what it spans."""


class AuditFilter(Struct, frozen=True, forbid_unknown_fields=True):
    """Which audit entries to list: empty fields match everything. Times are µs since 1970 UTC."""

    kind: str = ""
    agent: str = ""
    tool: str = ""
    verdict: str = ""
    operator: str = ""
    text: str = ""
    since: int = 0
    until: int = 0


class Deed(Struct, frozen=True, forbid_unknown_fields=True):
    """Something to be done. `gives` is the type of its result, a sentence where nothing else is.

    `changes` says that an observer may not; `blocks` that it takes a thread of its own, and a
    while.
    """

    gives: ClassVar[Any] = str
    changes: ClassVar[bool] = True
    blocks: ClassVar[bool] = False

    @property
    def safe(self) -> bool:
        """Whether whoever sits at the node itself may: it lets nothing happen that would not."""
        return False


class Reading(Deed, frozen=True):
    """Something to be looked up."""

    changes: ClassVar[bool] = False
    blocks: ClassVar[bool] = True


class AnswerOne(Deed, frozen=True):
    """Answer a decision as it was at `version`; `code` is what a critical approval asks for."""

    envelope: Envelope
    version: Count
    code: Annotated[str, Meta(max_length=16)] = ""


class AnswerSimilar(Deed, frozen=True):
    """Answer, and the same for similar ones."""

    envelope: Envelope
    minutes: Count
    count: Count


class Marked(Struct, frozen=True, forbid_unknown_fields=True):
    """One answer of a batch, with the version that was marked."""

    envelope: Envelope
    version: Count


class AnswerMany(Deed, frozen=True):
    """Answer a batch."""

    answers: Annotated[tuple[Marked, ...], Meta(min_length=1, max_length=500)]


class Undo(Deed, frozen=True):
    """Take an answer back while its release delay runs."""

    decision_id: Id

    @property
    def safe(self) -> bool:
        """It only ever keeps something from leaving."""
        return True


class Escalate(Deed, frozen=True):
    """Hand a decision to the next tier."""

    decision_id: Id


class Claim(Deed, frozen=True):
    """Claim a decision, or give it back. Says which, so that two at once undo nothing."""

    decision_id: Id
    take: bool


class Snooze(Deed, frozen=True):
    """Put a decision aside."""

    decision_id: Id
    seconds: Seconds


class RevokeGrant(Deed, frozen=True):
    """End a standing grant."""

    grant_id: Id


class PauseAgent(Deed, frozen=True):
    """Pause an agent, or resume it. Says which, so that two at once undo nothing."""

    agent: Id
    pause: bool


class StopEverything(Deed, frozen=True):
    """Stop all intake, or resume it. Says which, so that two at once undo nothing."""

    stop: bool

    @property
    def safe(self) -> bool:
        """A stop is."""
        return self.stop


class Acknowledge(Deed, frozen=True):
    """Say that somebody looks after an alert."""

    alert_id: Id
    why: Words


class Silence(Deed, frozen=True):
    """Have an alert stand no more for a while."""

    alert_id: Id
    minutes: Count
    why: Words


class Unsilence(Deed, frozen=True):
    """End a silence."""

    alert_id: Id


class AcceptRecommendation(Deed, frozen=True):
    """Ask for a recommended setting."""

    recommendation_id: Id


class DismissRecommendation(Deed, frozen=True):
    """Want no more of a recommendation."""

    recommendation_id: Id
    why: Words


class AcceptProposal(Deed, frozen=True):
    """Put a proposed rule or grant in force, as it was shown: `mark` changes with it."""

    proposal_id: Id
    mark: Id


class DismissProposal(Deed, frozen=True):
    """Want no more of a suggestion of what was learned."""

    proposal_id: Id
    why: Words


class SetBaseline(Deed, frozen=True):
    """Make a baseline of the last minutes."""

    blocks: ClassVar[bool] = True
    name: Id
    minutes: Count


class AuditPage(Reading, frozen=True):
    """Entries of the log, newest first."""

    gives: ClassVar[Any] = tuple[AuditRow, ...]
    wanted: AuditFilter
    before: Count | None
    limit: Page


class ReadLeaves(Reading, frozen=True):
    """Entries of the log as they were hashed, newest first, for an export."""

    gives: ClassVar[Any] = AuditLeaves
    wanted: AuditFilter
    before: Count | None
    limit: Page


class ReadEntry(Reading, frozen=True):
    """One entry of the log in full."""

    gives: ClassVar[Any] = AuditDetail
    seq: Count


class AuditVerify(Reading, frozen=True):
    """Verify the whole log."""


class AlertHistory(Reading, frozen=True):
    """Steps in the lives of alerts, newest first."""

    gives: ClassVar[Any] = tuple[AlertHistoryRow, ...]
    before: Count | None
    limit: Page


class ReadTrend(Reading, frozen=True):
    """One operation over a span."""

    gives: ClassVar[Any] = TrendView
    operation: Id
    since: Count
    until: Count
    points: Annotated[int, Meta(ge=1, le=4_000)]


class MakeReport(Reading, frozen=True):
    """The newest report."""

    gives: ClassVar[Any] = ReportView
    cadence: Cadence


METHODS: dict[str, type[Deed]] = {
    "answer": AnswerOne,
    "answer_similar": AnswerSimilar,
    "answer_many": AnswerMany,
    "undo": Undo,
    "escalate": Escalate,
    "claim": Claim,
    "snooze": Snooze,
    "revoke_grant": RevokeGrant,
    "pause_agent": PauseAgent,
    "stop_everything": StopEverything,
    "acknowledge": Acknowledge,
    "silence": Silence,
    "unsilence": Unsilence,
    "accept_recommendation": AcceptRecommendation,
    "dismiss_recommendation": DismissRecommendation,
    "accept_proposal": AcceptProposal,
    "dismiss_proposal": DismissProposal,
    "set_baseline": SetBaseline,
    "audit_page": AuditPage,
    "audit_leaves": ReadLeaves,
    "audit_detail": ReadEntry,
    "audit_verify": AuditVerify,
    "alert_history": AlertHistory,
    "trend": ReadTrend,
    "report": MakeReport,
}
"""Every deed by its name on the wire."""
