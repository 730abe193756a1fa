"""What the node makes of the gate's events: experiences, alignment, the love metric's window."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from components.actions import (
    Action,
    Decision,
    Experience,
    OutcomeStatus,
    Verdict,
    rules_of,
)
from components.clock import Clock
from components.evolution_core import BufferFull, EvolutionCore
from components.evolution_core.tally import SAFETY_THRESHOLD
from components.gate import DecidedBy, Event, Judged, Reported
from components.love_engine import ETHICS_THRESHOLD, Alignment, LiveWindow
from components.shape import shape

MAX_OPEN = 20_000
"""Allowed actions whose outcome is awaited in memory; older ones count as never reported."""

_BY: dict[str, DecidedBy] = {
    "hitl.operator": "operator",
    "hitl.deadline": "timeout",
    "hitl.cancelled": "timeout",
}

UNREPORTED_AFTER_US = 600 * 1_000_000


class Learner:
    """Turns verdicts and outcomes into experiences, each exactly once."""

    def __init__(
        self, evolution: EvolutionCore, alignment: Alignment, window: LiveWindow, clock: Clock
    ) -> None:
        self._evolution = evolution
        self._alignment = alignment
        self._window = window
        self._clock = clock
        self._open: OrderedDict[tuple[str, str], Experience] = OrderedDict()

    def hear(self, event: Event) -> None:
        """Learn from one event of the gate."""
        if isinstance(event, Judged):
            self._judged(event)
        elif isinstance(event, Reported):
            self._reported(event)

    def resume(self, action: Action, verdict: Verdict) -> None:
        """Await the outcome of an allowed action again, after a restart."""
        self._open[action.agent, action.id] = _rebuilt(action, verdict)

    def catch_up(
        self,
        action: Action,
        verdict: Verdict,
        status: OutcomeStatus | Literal[""],
        duration_us: int,
    ) -> None:
        """Log what ended before a restart, and was not logged by then."""
        experience = _rebuilt(action, verdict)
        self._log(replace(experience, status=status, duration_us=duration_us))

    def overdue(self) -> list[tuple[str, str]]:
        """What to give up, by agent and request id: what nobody reported in time.

        The oldest, too, when there are too many.
        """
        since = self._clock.now() - UNREPORTED_AFTER_US
        surplus = len(self._open) - MAX_OPEN
        keys: list[tuple[str, str]] = []
        for key, experience in self._open.items():
            if len(keys) >= surplus and experience.time > since:
                break
            keys.append(key)
        return keys

    def give_up(self, keys: Iterable[tuple[str, str]]) -> None:
        """Log as never reported what is still open of these.

        The store must know it by then: an outcome that comes later is no experience any more.
        """
        for key in keys:
            if experience := self._open.pop(key, None):
                self._log(experience)

    def _judged(self, event: Judged) -> None:
        experience = _experience(event)
        if event.decision and event.decided_by == "operator":
            self._alignment.observe(
                _objects(event.decision),
                event.verdict.verdict != "allow",
                tool=event.action.tool,
                agent=event.action.agent,
                at=event.verdict.issued_at,
            )
        if event.verdict.verdict == "allow":
            self._open[event.action.agent, event.action.id] = experience
        else:
            self._log(experience)

    def _reported(self, event: Reported) -> None:
        outcome = event.outcome
        known = self._open.pop((outcome.agent, outcome.request_id), None)
        experience = known or _rebuilt(event.action, event.verdict)
        self._log(
            replace(
                experience,
                time=self._clock.now(),
                status=outcome.status,
                duration_us=outcome.duration_us,
            )
        )

    def _log(self, experience: Experience) -> None:
        try:
            self._evolution.log_experience(experience)
        except BufferFull:  # the store has failed for long; the core has told of it
            return
        self._window.observe(experience)


def _objects(decision: Decision) -> bool:
    """Whether the engine would have said no: all that people see, it has asked about."""
    safety, ethics = decision.safety.score, decision.ethics.score
    return safety < SAFETY_THRESHOLD or ethics < ETHICS_THRESHOLD


def _experience(event: Judged) -> Experience:
    action, verdict, decision = event.action, event.verdict, event.decision
    found = decision or event.assessed
    assert found is not None, "a verdict comes from an assessment or a decision"
    last = decision.answers[-1] if decision and decision.answers else None
    return Experience(
        time=verdict.issued_at,
        request_id=action.id,
        agent=action.agent,
        tool=action.tool,
        shape=shape(action),
        intent=found.safety.intent,
        verdict=verdict.verdict,
        decided_by=event.decided_by,
        safety=found.safety.score,
        ethics=found.ethics.score,
        disposition=event.assessed.ruling.disposition if event.assessed else "ask",
        rules=rules_of(verdict.stages),
        gate_us=event.gate_us,
        wait_us=event.wait_us,
        reason=last.reason if last else "",
    )


def _rebuilt(action: Action, verdict: Verdict) -> Experience:
    """From what is stored, for an outcome that comes after a restart."""
    scores = {stage.name: stage.score for stage in verdict.stages}
    return Experience(
        time=verdict.issued_at,
        request_id=action.id,
        agent=action.agent,
        tool=action.tool,
        shape=shape(action),
        intent="other",
        verdict=verdict.verdict,
        decided_by=_BY.get(verdict.rule, "rule"),
        safety=scores.get("intent_firewall", 1.0),
        ethics=scores.get("love_engine", 1.0),
        disposition="ask" if verdict.decision else "allow",
        rules=rules_of(verdict.stages),
    )
