"""How the screens' findings become a ruling: allow, ask (how urgently) or block. Pure."""

import hashlib
from collections.abc import Iterable

from msgspec import Struct

from components.actions import (
    PRIORITIES,
    SEVERITIES,
    Disposition,
    EthicsAssessment,
    Priority,
    Reason,
    SafetyAssessment,
    Severity,
)
from components.love_engine import ETHICS_THRESHOLD

NOTHING_OBJECTS = "gate.nothing-objects"
UNETHICAL = "gate.ethics-under-threshold"


class Ruling(Struct, frozen=True):
    """What is to be done, the rule that decided it, and every reason in words.

    `asked_by` are the rules that want a person asked.
    """

    disposition: Disposition
    priority: Priority
    rule: str
    reasons: tuple[str, ...]
    asked_by: tuple[str, ...] = ()


def join(safety: SafetyAssessment, ethics: EthicsAssessment, extra: tuple[Reason, ...]) -> Ruling:
    """Join both assessments and the stateful screens' reasons; the strictest wins."""
    reasons = (*safety.reasons, *extra)
    words = (*_texts(reasons), *(concern.text for concern in ethics.concerns))
    if blocking := [reason for reason in reasons if reason.effect == "block"]:
        return Ruling("block", "critical", _worst(blocking).rule, words)
    if ethics.score < ETHICS_THRESHOLD:
        return Ruling("ask", "critical", UNETHICAL, words, (UNETHICAL,))
    if asking := [reason for reason in reasons if reason.effect == "ask"]:
        worst = _worst(asking)
        asked_by = tuple(reason.rule for reason in asking)
        return Ruling("ask", _priority(worst.severity), worst.rule, words, asked_by)
    return Ruling("allow", "low", NOTHING_OBJECTS, words or ("no rule objects",))


def policy_version(*parts: str) -> str:
    """Sixteen hex digits that change whenever any part of the policy does."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _texts(reasons: Iterable[Reason]) -> tuple[str, ...]:
    return tuple(reason.text for reason in reasons)


def _worst(reasons: list[Reason]) -> Reason:
    return max(reasons, key=lambda reason: SEVERITIES.index(reason.severity))


def _priority(severity: Severity) -> Priority:
    return severity if severity in PRIORITIES else "low"
