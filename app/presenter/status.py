"""Health, learning and grants as views."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from components.evolution_core import Pattern, Suggestion
from components.hitl import Grant
from components.love_engine import AlignmentReport
from components.text import safe_text
from components.views import GrantRow, Health, LearningView, NodeState, PatternRow, SuggestionRow

if TYPE_CHECKING:
    from app.node.engine import Engine


def health_view(engine: "Engine") -> Health:
    """The health line as of now."""
    core, detail = engine.core, ""
    state: NodeState = "paused" if core.stopped else "draining" if core.draining else "open"
    if frozen := engine.store.writer.frozen:
        state, detail = "frozen", safe_text(frozen, limit=200)
    if core.retired:
        state, detail = "retired", core.retired
    head = engine.audit.head
    return Health(
        node=engine.identity.node,
        state=state,
        detail=detail,
        agents=engine.roster.active(),
        per_s=engine.monitoring.view.per_s,
        waiting=len(engine.queue),
        alerts=engine.monitoring.view.standing,
        audit_size=head.size,
        audit_root=head.root,
        uptime_s=round(engine.uptime_s()),
        loop_lag_us=engine.vitals.lag_us,
        duty=engine.duty,
    )


def grant_rows(grants: Iterable[Grant]) -> tuple[GrantRow, ...]:
    """Standing grants, in the order given."""
    return tuple(
        GrantRow(
            id=grant.id,
            agent=safe_text(grant.agent, limit=64),
            tool=safe_text(grant.tool, limit=80),
            shape=safe_text(grant.shape, limit=200),
            verdict=grant.verdict,
            left=grant.left,
            until=grant.until,
            operator=safe_text(grant.operator, limit=64),
        )
        for grant in grants
    )


def learning_view(
    experiences: int,
    success_rate: float | None,
    patterns: Iterable[Pattern],
    suggestions: Iterable[Suggestion],
    love: float | None,
    alignment: AlignmentReport,
) -> LearningView:
    """What was learned, in words and numbers."""
    return LearningView(
        experiences=experiences,
        success_rate=success_rate,
        patterns=tuple(_pattern(pattern) for pattern in patterns),
        suggestions=tuple(_suggestion(suggestion) for suggestion in suggestions),
        love=love,
        alignment=alignment.kappa,
        alignment_low=alignment.low,
        alignment_high=alignment.high,
        alignment_n=alignment.n,
    )


def _pattern(pattern: Pattern) -> PatternRow:
    if pattern.times_slower:
        evidence = f"{pattern.times_slower:.1f}× in {pattern.of:,}"
    else:
        evidence = f"{pattern.count:,} of {pattern.of:,} ≥{pattern.confidence:.0%}"
    return PatternRow(pattern.kind, safe_text(pattern.shape, limit=200), evidence)


def _suggestion(suggestion: Suggestion) -> SuggestionRow:
    # The text names agents and reasons; the evidence says how sure it is.
    if suggestion.kind == "speed_advice":
        evidence = f"{suggestion.count:,} timed runs"
    else:
        share = f"{suggestion.count:,} of {suggestion.of:,}"
        evidence = f"{share}, at least {suggestion.confidence:.0%}"
    return SuggestionRow(
        id=suggestion.id,
        kind=suggestion.kind,
        text=safe_text(suggestion.text, limit=300),
        evidence=evidence,
    )
