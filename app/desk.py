"""The operator's desk: all that a console may see and do, whatever it is attached to.

Every call may come from the console's thread. Calls that change something return at once with a
future; its result is a sentence for the operator, its exception a `DeskError` with one.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from app.deeds import AuditFilter, Cadence
from components.actions import AnswerKind
from components.views import (
    AlertHistoryRow,
    AuditDetail,
    AuditRow,
    DecisionView,
    ReportView,
    Snapshot,
    TrendView,
)

__all__ = ["AuditFilter", "Cadence", "Desk", "DeskError", "Person", "Progress", "Shown"]


class DeskError(Exception):
    """What was asked for was not done; the text says why, for a person. `code` as on the wire."""

    def __init__(self, reason: str, code: int = 409) -> None:
        super().__init__(reason)
        self.code = code


class Shown(Struct, frozen=True):
    """What the operator had on the screen when they answered: the answer is bound to it."""

    decision_id: str
    version: int
    digest: str
    display_digest: str
    policy_version: str
    shown_at: int


class Person(Struct, frozen=True):
    """Somebody who may sit at this console, and up to what tier they answer.

    `locked` says that it takes their passphrase.
    """

    name: str
    tier: int
    locked: bool


Progress = Callable[[int, int], bool]
"""Called with (done, total) from a worker thread; returns False to stop the work."""


class Desk(Protocol):
    """What the console needs of a node."""

    @property
    def operator(self) -> str:
        """Who answers now; changes when a switch is recorded."""
        ...

    @property
    def node(self) -> str:
        """Which node the console looks at; changes with `switch_node` only."""
        ...

    def nodes(self) -> Sequence[str]:
        """The nodes that it can look at."""
        ...

    def switch_node(self, name: str) -> None:
        """Look at another node: from then on everything here is about that one."""
        ...

    def operators(self) -> Sequence[Person]:
        """Who may answer here, as the keyring says now. Reads a small file."""
        ...

    def switch_operator(self, name: str, passphrase: str) -> Future[str]:
        """Seat another person: from then on answers are signed with their key.

        The console's own operator needs no passphrase.
        """
        ...

    def snapshot(self) -> Snapshot:
        """The newest snapshot; never blocks."""
        ...

    def decision(self, decision_id: str) -> DecisionView | None:
        """One waiting decision in full, or None when it no longer waits; never blocks."""
        ...

    def fate(self, decision_id: str) -> str:
        """How a decision that no longer waits ended, in words; empty where nobody knows."""
        ...

    def answer(
        self,
        shown: Shown,
        kind: AnswerKind,
        *,
        reason: str = "",
        arguments: dict[str, Any] | None = None,
        code: str = "",
    ) -> Future[str]:
        """Answer one decision. `code` is the four characters a critical approval asks for."""
        ...

    def answer_similar(
        self, shown: Shown, kind: AnswerKind, *, minutes: int, count: int, reason: str = ""
    ) -> Future[str]:
        """Answer, and grant (or refuse) similar ones for a bounded time and number."""
        ...

    def answer_many(self, shown: Sequence[Shown], kind: AnswerKind, reason: str) -> Future[str]:
        """Answer a batch of frozen ids; each is still checked alone."""
        ...

    def undo(self, decision_id: str) -> Future[str]:
        """Take an answer back while its release delay runs."""
        ...

    def escalate(self, decision_id: str) -> Future[str]:
        """Hand a decision to the next tier."""
        ...

    def claim(self, decision_id: str) -> Future[str]:
        """Claim a decision, or give it back when it is the operator's own."""
        ...

    def snooze(self, decision_id: str, seconds: int) -> Future[str]:
        """Put a decision aside; never beyond its deadline."""
        ...

    def revoke_grant(self, grant_id: str) -> Future[str]:
        """End a standing grant now."""
        ...

    def is_stopped(self) -> bool:
        """Whether all intake is paused."""
        ...

    def pause_agent(self, agent: str) -> Future[str]:
        """Pause one agent, or resume it when it is paused."""
        ...

    def stop_everything(self, stop: bool | None = None) -> Future[str]:
        """Pause all intake, or resume it; without a wish, the other than it is now."""
        ...

    def audit_page(self, wanted: AuditFilter, before: int | None, limit: int) -> Sequence[AuditRow]:
        """Entries below sequence number `before` (None: from the newest), newest first.

        Blocks for the query: call it from a worker thread.
        """
        ...

    def audit_detail(self, seq: int) -> AuditDetail:
        """One entry in full. Blocks: call it from a worker thread."""
        ...

    def audit_verify(self, progress: Progress) -> str:
        """Verify the whole log and say the result; raises `DeskError` where it does not hold."""
        ...

    def audit_export(self, wanted: AuditFilter, target: Path, progress: Progress) -> str:
        """Write the matching entries as JSONL; the result names the file and the count."""
        ...

    def acknowledge(self, alert_id: str, why: str) -> Future[str]:
        """Say that somebody looks after an alert; it stands until it resolves."""
        ...

    def silence(self, alert_id: str, minutes: int, why: str) -> Future[str]:
        """Have an alert stand no more for a bounded time."""
        ...

    def unsilence(self, alert_id: str) -> Future[str]:
        """End a silence now."""
        ...

    def alert_history(self, before: int | None, limit: int) -> Sequence[AlertHistoryRow]:
        """Steps below id `before` (None: from the newest), newest first. Blocks."""
        ...

    def trend(self, operation: str, since: int, until: int, points: int) -> TrendView:
        """One operation over a span, in at most about `points` columns. Blocks."""
        ...

    def trend_export(self, operation: str, since: int, until: int, target: Path) -> str:
        """Write the buckets of a span as CSV; never over a file that is there. Blocks."""
        ...

    def set_baseline(self, name: str, minutes: int) -> str:
        """Make a baseline of the last minutes, and hold everything against it. Blocks."""
        ...

    def report(self, cadence: Cadence) -> ReportView:
        """The report of the newest day, week, month or quarter. Blocks."""
        ...

    def accept_recommendation(self, recommendation_id: str) -> Future[str]:
        """Ask for a recommended setting: it waits for a decision like any other change."""
        ...

    def dismiss_recommendation(self, recommendation_id: str, why: str) -> Future[str]:
        """Want no more of a recommendation until the evidence for it is another."""
        ...

    def accept_proposal(self, proposal_id: str, mark: str) -> Future[str]:
        """Put a proposed rule or grant in force, as it was shown: `mark` is its row's."""
        ...

    def dismiss_proposal(self, proposal_id: str, why: str) -> Future[str]:
        """Want no more of a suggestion: it is never made again."""
        ...
