"""What people decided, and in which figures tiredness would show; counted one decision at a time.

Memory is bounded: decisions are forgotten once counted, of answers three numbers are kept, of at
most `MOST_ANSWERS`.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median
from typing import Any

from msgspec import Struct

from components.advisor.report import Count, DecisionFigures, OperatorFigures
from components.love_engine import ETHICS_THRESHOLD
from components.monitor.sketch import Sketch

HASTY_US = 2_000_000
"""An approval within this time of being shown was hardly read."""

HASTY_RUN = 3
"""So many of those in a row count as hasty; a single one may have been an easy case."""

SHIFT_GAP_US = 30 * 60_000_000
"""A pause of this length ends a shift."""

SHIFT_LEAST = 20
"""Shorter shifts say nothing about their halves."""

DRIFT_APPROVED = 0.10
DRIFT_LOOKED = 0.75
"""A shift drifts when its second half approves so much more, in this part of the time or less."""

MOST_ANSWERS = 200_000


class SeenAnswer(Struct, frozen=True):
    """What is counted of an answer, as stored in a decision."""

    answer: str
    operator: str
    shown_at: int = 0
    decided_at: int = 0


class SeenReason(Struct, frozen=True):
    """What is counted of a screen's reason."""

    effect: str = "flag"


class SeenSafety(Struct, frozen=True):
    """What is counted of the firewall's findings."""

    reasons: tuple[SeenReason, ...] = ()


class SeenEthics(Struct, frozen=True):
    """What is counted of the Love Engine's findings."""

    score: float


class SeenDecision(Struct, frozen=True):
    """What is counted of a decision: a part of `components.actions.Decision`, read as that is."""

    created_at: int
    state: str
    safety: SeenSafety
    ethics: SeenEthics
    answers: tuple[SeenAnswer, ...] = ()
    modified_digest: str = ""
    escalations: int = 0


_Kept = tuple[int, int, bool]
"""When an answer was given, how long it was looked at (-1: unknown), whether it approved."""


class DecisionTally:
    """Counts decisions asked for between `since` and `until` (µs), by steps of `step_s`."""

    def __init__(self, since: int, until: int, step_s: int) -> None:
        self._since = since
        self._until = until
        self._step_s = step_s
        self._ends: dict[str, int] = {}
        self._steps: dict[int, dict[str, int]] = {}
        self._waited: list[int] = []
        self._waits = Sketch()
        self._longest = -1
        self._people: dict[str, _Person] = {}
        self._answers = 0
        self._unreadable = 0

    def add(self, decision: SeenDecision) -> None:
        """Count one; outside of the period it is ignored."""
        if not self._since <= decision.created_at < self._until:
            return
        ending = _ending(decision)
        self._count("asked", 1)
        self._count(ending, 1)
        self._count("modified", ending == "approved" and bool(decision.modified_digest))
        self._count("escalated", decision.escalations > 0)
        self._overturned(decision, ending)
        start = decision.created_at - decision.created_at % (self._step_s * 1_000_000)
        step = self._steps.setdefault(start, {})
        for name in ("asked", ending):
            step[name] = step.get(name, 0) + 1
        for answer in decision.answers:
            self._answer(answer)
        if decision.answers and ending in {"approved", "rejected"}:
            self._wait(max(decision.answers[-1].decided_at - decision.created_at, 0))

    def unreadable(self) -> None:
        """Count a row that is damaged."""
        self._unreadable += 1

    def figures(self) -> DecisionFigures:
        """All that was counted."""
        self._digest()
        low, high = self._waits.quantiles((0.5, 0.95))
        people = sorted(self._people.items(), key=lambda item: (-item[1].answers, item[0]))
        counted = {name: value for name, value in self._ends.items() if value}
        return DecisionFigures(
            waited_p50_us=_us(low),
            waited_p95_us=_us(high),
            waited_longest_us=float(self._longest) if self._longest >= 0 else None,
            operators=tuple(person.figures(name) for name, person in people),
            step_s=self._step_s,
            counts=tuple(_step(start, self._steps[start]) for start in sorted(self._steps)),
            unreadable=self._unreadable,
            answers_left_out=max(self._answers - MOST_ANSWERS, 0),
            **counted,
        )

    def _count(self, name: str, by: int) -> None:
        self._ends[name] = self._ends.get(name, 0) + by

    def _overturned(self, decision: SeenDecision, ending: str) -> None:
        unethical = decision.ethics.score < ETHICS_THRESHOLD
        objected = any(reason.effect != "flag" for reason in decision.safety.reasons)
        against = ending == "approved" and unethical
        unfounded = ending == "rejected" and not unethical and not objected
        modified = ending == "approved" and bool(decision.modified_digest)
        self._count("against_ethics", against)
        self._count("without_finding", unfounded)
        self._count("overturned", against or unfounded or modified)

    def _answer(self, answer: SeenAnswer) -> None:
        self._answers += 1
        person = self._people.setdefault(answer.operator, _Person())
        person.add(answer, keep=self._answers <= MOST_ANSWERS)

    def _wait(self, waited_us: int) -> None:
        self._longest = max(self._longest, waited_us)
        self._waited.append(waited_us * 1000)
        if len(self._waited) >= 10_000:
            self._digest()

    def _digest(self) -> None:
        self._waits.add(Sketch.of(self._waited))
        self._waited = []


class _Person:
    def __init__(self) -> None:
        self.answers = 0
        self._kinds: dict[str, int] = {}
        self._kept: list[_Kept] = []

    def add(self, answer: SeenAnswer, *, keep: bool) -> None:
        self.answers += 1
        self._kinds[answer.answer] = self._kinds.get(answer.answer, 0) + 1
        if keep:
            looked = max(answer.decided_at - answer.shown_at, 0) if answer.shown_at else -1
            self._kept.append((answer.decided_at, looked, answer.answer == "approve"))

    def figures(self, name: str) -> OperatorFigures:
        kept = sorted(self._kept)
        low, high = Sketch.of([looked * 1000 for _, looked, _ in kept if looked >= 0]).quantiles(
            (0.5, 0.95)
        )
        runs = [run for run in _hasty_runs(kept) if run >= HASTY_RUN]
        approved = self._kinds.get("approve", 0)
        return OperatorFigures(
            name=name,
            answers=self.answers,
            approved=approved,
            rejected=self._kinds.get("reject", 0),
            modified=self._kinds.get("modify", 0),
            looked_p50_us=_us(low),
            looked_p95_us=_us(high),
            hasty=sum(runs),
            hasty_share=sum(runs) / approved if approved else 0.0,
            longest_run=max(runs, default=0),
            **_drift(shift for shift in _shifts(kept) if len(shift) >= SHIFT_LEAST),
        )


def _hasty_runs(kept: list[_Kept]) -> Iterator[int]:
    """Lengths of unbroken rows of approvals that were hardly looked at."""
    run = 0
    for _, looked, approved in kept:
        if approved and 0 <= looked < HASTY_US:
            run += 1
        else:
            yield run
            run = 0
    yield run


def _shifts(kept: list[_Kept]) -> Iterator[list[_Kept]]:
    shift = kept[:1]
    for (before, *_), answer in pairwise(kept):
        if answer[0] - before >= SHIFT_GAP_US:
            yield shift
            shift = []
        shift.append(answer)
    yield shift


def _drift(shifts: Iterable[list[_Kept]]) -> dict[str, Any]:
    """How the second halves of shifts differ from the first."""
    early: list[_Kept] = []
    late: list[_Kept] = []
    count = drifting = 0
    for shift in shifts:
        half = len(shift) // 2
        first, second = shift[:half], shift[-half:]
        early += first
        late += second
        count += 1
        drifting += _drifts(first, second)
    return {
        "shifts": count,
        "drifting": drifting,
        "early_approved": _approved(early) if early else None,
        "late_approved": _approved(late) if late else None,
        "early_looked_us": _looked(early),
        "late_looked_us": _looked(late),
    }


def _drifts(first: list[_Kept], second: list[_Kept]) -> bool:
    before, after = _looked(first), _looked(second)
    if before is None or after is None:
        return False
    more = _approved(second) - _approved(first) >= DRIFT_APPROVED - 1e-9
    return more and after <= before * DRIFT_LOOKED


def _approved(answers: list[_Kept]) -> float:
    return sum(approved for *_, approved in answers) / len(answers)


def _looked(answers: list[_Kept]) -> float | None:
    known = [looked for _, looked, _ in answers if looked >= 0]
    return float(median(known)) if known else None


def _ending(decision: SeenDecision) -> str:
    if decision.state == "denied":
        answered = decision.answers and decision.answers[-1].answer == "reject"
        return "rejected" if answered else "denied_by_node"
    return {"allowed": "approved", "expired": "expired", "cancelled": "cancelled"}.get(
        decision.state, "waiting"
    )


def _step(start: int, counts: dict[str, int]) -> Count:
    return Count(
        start, *(counts.get(name, 0) for name in ("asked", "approved", "rejected", "expired"))
    )


def _us(ns: float | None) -> float | None:
    return None if ns is None else ns / 1000
