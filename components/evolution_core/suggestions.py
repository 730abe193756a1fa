"""What could be done about the patterns: proposals for a person, never a change of policy. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from components.evolution_core.patterns import FAILING, Pattern
from components.evolution_core.tally import Stats
from components.wilson import wilson

SuggestionKind = Literal["block_rule", "standing_grant", "failure_advice", "speed_advice"]

REJECTIONS = 3
"""So many rejections of one shape propose a rule that blocks it."""

APPROVALS = 5
"""So many approvals of one shape, without a rejection, propose a standing grant."""

GRANT_USES = 20
GRANT_MINUTES = 60
"""The bounds of the grant that is proposed."""


class Suggestion(Struct, frozen=True, kw_only=True):
    """One proposal. `id` is the same for the same kind and shape, in every run.

    `count` is the evidence: rejections, approvals, failures or timed runs; `of` is what it is
    counted among. `agents` and `reasons` are of rejections, newest last. `uses` and `minutes`
    bound a proposed grant. All strings hold agent text: `safe_text` before they are shown.
    `time` is when it was first made.
    """

    id: str
    kind: SuggestionKind
    shape: str
    tool: str
    text: str
    count: int
    of: int
    confidence: float
    agents: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    uses: int = 0
    minutes: int = 0
    time: int = 0


def suggestion_id(kind: SuggestionKind, shape: str) -> str:
    """The first 16 hex digits of the SHA-256 of kind and shape."""
    return hashlib.sha256(f"{kind}\n{shape}".encode()).hexdigest()[:16]


def propose(shapes: Iterable[Stats], patterns: Sequence[Pattern]) -> tuple[Suggestion, ...]:
    """All proposals: rules first, then grants, then advice; the surest of each first."""
    rules, grants = [], []
    for shape in shapes:
        if shape.rejected >= REJECTIONS:
            rules.append(_block_rule(shape))
        elif _deserves_grant(shape):
            grants.append(_standing_grant(shape))
    rules.sort(key=_surest_first)
    grants.sort(key=_surest_first)
    failing = [_failure_advice(found) for found in patterns if found.kind == "failure_mode"]
    slow = [_speed_advice(found) for found in patterns if found.kind == "performance_candidate"]
    return (*rules, *grants, *failing, *slow)


def _surest_first(suggestion: Suggestion) -> tuple[float, str]:
    return -suggestion.confidence, suggestion.id


def _deserves_grant(shape: Stats) -> bool:
    rate = shape.success_rate
    return (
        shape.approved >= APPROVALS
        and not shape.rejected
        and not shape.unethical
        and (rate is None or rate >= FAILING)
    )


def _block_rule(shape: Stats) -> Suggestion:
    answers = shape.approved + shape.rejected
    approved = f", approved {shape.approved} times" if shape.approved else ""
    reasons = f" Reasons given: {'; '.join(shape.reasons)}." if shape.reasons else ""
    return Suggestion(
        id=suggestion_id("block_rule", shape.key),
        kind="block_rule",
        shape=shape.key,
        tool=shape.tool,
        text=f"Block {shape.key} without asking: people rejected it {shape.rejected} times"
        f"{approved} (last from {', '.join(shape.agents)}).{reasons}",
        count=shape.rejected,
        of=answers,
        confidence=wilson(shape.rejected, answers)[0],
        agents=shape.agents,
        reasons=shape.reasons,
    )


def _standing_grant(shape: Stats) -> Suggestion:
    return Suggestion(
        id=suggestion_id("standing_grant", shape.key),
        kind="standing_grant",
        shape=shape.key,
        tool=shape.tool,
        text=f"Grant {shape.key} for {GRANT_MINUTES} minutes or {GRANT_USES} uses: people "
        f"approved it {shape.approved} times and never rejected it.",
        count=shape.approved,
        of=shape.approved,
        confidence=wilson(shape.approved, shape.approved)[0],
        uses=GRANT_USES,
        minutes=GRANT_MINUTES,
    )


def _failure_advice(pattern: Pattern) -> Suggestion:
    return _advice(
        "failure_advice",
        pattern,
        f"{pattern.shape} failed {pattern.count} of {pattern.of} times: mend the tool or its "
        "permissions, or tell the agents to take another way.",
    )


def _speed_advice(pattern: Pattern) -> Suggestion:
    return _advice(
        "speed_advice",
        pattern,
        f"{pattern.shape} takes {pattern.times_slower:.1f} times the median of {pattern.tool} "
        f"({pattern.count} runs): cache it, ask for less at once, or set a time limit.",
    )


def _advice(kind: SuggestionKind, pattern: Pattern, text: str) -> Suggestion:
    return Suggestion(
        id=suggestion_id(kind, pattern.shape),
        kind=kind,
        shape=pattern.shape,
        tool=pattern.tool,
        text=text,
        count=pattern.count,
        of=pattern.of,
        confidence=pattern.confidence,
    )
