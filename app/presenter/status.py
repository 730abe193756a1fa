"""Health and grants as views."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from components.hitl import Grant
from components.text import safe_text
from components.views import GrantRow, Health, NodeState

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
