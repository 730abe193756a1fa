"""A home with a store in which a period left its traces, for the tests of reports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from nacl.signing import SigningKey

from components.actions import (
    Action,
    Answer,
    Decision,
    DecisionState,
    Dimensions,
    EthicsAssessment,
    Reason,
    SafetyAssessment,
)
from components.audit_system import AuditLog, Entry
from components.clock import ManualClock
from components.evolution_core.rows import encode, row
from components.gate.records import decision_row
from components.monitor.buckets import HEARTBEAT
from components.monitor.figures import Total
from components.monitor.history import History
from components.monitor.monitor import Second
from components.monitor.sketch import Sketch
from storage import Store, Tx, open_store
from tests.evolution_core.making import experience

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
NOON = 1_700_000_000_000_000 // DAY * DAY + DAY // 2
ASKING = Reason("shell.delete", "high", "deletes", "ask")


class Period:
    """Fills a store; durations are µs, times seconds after `NOON`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(NOON)
        self.store: Store = open_store(folder)
        self._log: AuditLog | None = None
        self._number = 0
        self._totals: dict[int, dict[str, Total]] = {}
        self._gauges: dict[int, dict[str, float]] = {}

    def close(self) -> None:
        self.store.close()

    def measured(
        self, operation: str, at_s: int, us: Sequence[float], failed: int = 0, timeouts: int = 0
    ) -> None:
        """One second's calls of an operation."""
        sketch = Sketch.of([round(one * 1000) for one in us])
        self._totals.setdefault(at_s, {})[operation] = Total(sketch, failed, timeouts)

    def gauge(self, name: str, at_s: int, value: float) -> None:
        """What a gauge showed in one second."""
        self._gauges.setdefault(at_s, {})[name] = value

    def write(self, until: int) -> None:
        """Write what was measured, as a node that stops does, and one that starts at `until`."""
        history = History(self.store)
        for at in sorted(self._totals.keys() | self._gauges.keys()):
            totals = {HEARTBEAT: Total(Sketch.of([1000]))} | self._totals.get(at, {})
            end = NOON + (at + 1) * SECOND
            history.hear(Second(end, 1, totals, self._gauges.get(at, {})))
            history.flush(end)
        self.store.writer.run(lambda tx: None)
        History(self.store).resume(until)
        self._totals, self._gauges = {}, {}

    def decided(self, at_s: float, state: DecisionState, **given: Any) -> None:
        """A decision that was asked for, and how it stands."""
        self._number += 1
        one = decision(f"d{self._number}", at_s, state, **given)
        self.store.writer.run(lambda tx: tx.insert("decisions", decision_row(one)))

    def learned(self, at_s: float, **given: Any) -> None:
        """A judged action."""
        self._number += 1
        number = self._number
        one = msgspec.structs.replace(experience(number, **given), time=NOON + round(at_s * SECOND))
        self.store.writer.run(lambda tx: tx.insert("experiences", row(number, one, encode(one))))

    def received(self, at_s: float, agent: str = "ada") -> None:
        """A request."""
        self._number += 1
        name, at = f"r{self._number}", NOON + round(at_s * SECOND)
        values = (None, agent, name, "d", at, at + HOUR, "decided", b"{}", b"{}", "")
        self.store.writer.run(lambda tx: tx.insert("requests", values))

    def audited(self, at_s: float, count: int = 1) -> None:
        """Entries of the audit log, with their checkpoint."""
        self.clock.set_wall(NOON + round(at_s * SECOND))
        if self._log is None:
            self._log = AuditLog.open(self.store, SigningKey(b"k" * 32), "node-1", self.clock)
        log = self._log

        def job(tx: Tx) -> None:
            for _ in range(count):
                log.append(tx, Entry(kind="verdict", agent="ada"))

        self.store.writer.run(job)


def decision(
    name: str,
    at_s: float,
    state: DecisionState,
    *,
    answers: tuple[Answer, ...] = (),
    ethics: float = 0.9,
    reasons: tuple[Reason, ...] = (ASKING,),
    modified: str = "",
    escalations: int = 0,
    agent: str = "ada",
) -> Decision:
    at = NOON + round(at_s * SECOND)
    return Decision(
        id=name,
        action=Action(id=name, agent=agent, tool="shell", arguments={"command": "rm x"}),
        digest="aa",
        safety=SafetyAssessment(0.5, "write", "ask", reasons),
        ethics=EthicsAssessment(ethics, Dimensions()),
        priority="high",
        tier=1,
        created_at=at,
        due=at + HOUR,
        deadline=at + 2 * HOUR,
        policy_version="p1",
        state=state,
        answers=answers,
        modified_digest=modified,
        escalations=escalations,
    )


def answer(
    at_s: float,
    kind: Literal["approve", "reject", "modify"] = "approve",
    *,
    looked_s: float = 10,
    operator: str = "anna",
) -> Answer:
    at = NOON + round(at_s * SECOND)
    return Answer(
        decision_id="d",
        digest="aa",
        answer=kind,
        operator=operator,
        shown_at=at - round(looked_s * SECOND),
        decided_at=at,
    )
