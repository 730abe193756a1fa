"""What each tool, or each agent, has shown that it can do. Pure."""

from collections.abc import Iterable

from msgspec import Struct

from components.evolution_core.tally import Stats
from components.wilson import wilson


class Capability(Struct, frozen=True, kw_only=True):
    """How one tool or agent does. Rates are None where nothing was counted for them.

    `success_rate` is the share of good ends among the ended, `low` to `high` its 95% Wilson
    interval. `approval_rate` is the share of approvals among the answers of people,
    `intervention_rate` the share of all experiences that a person or a timeout decided.
    `stats` are the counts and durations behind them.
    """

    name: str
    success_rate: float | None
    low: float
    high: float
    approval_rate: float | None
    intervention_rate: float
    stats: Stats


def capabilities(counted: Iterable[Stats]) -> tuple[Capability, ...]:
    """One entry for each, the most used first."""
    ordered = sorted(counted, key=lambda stats: (-stats.seen, stats.key))
    return tuple(map(_capability, ordered))


def _capability(stats: Stats) -> Capability:
    low, high = wilson(stats.ok, stats.ended)
    answered = stats.approved + stats.rejected
    return Capability(
        name=stats.key,
        success_rate=stats.success_rate,
        low=low,
        high=high,
        approval_rate=stats.approved / answered if answered else None,
        intervention_rate=stats.interventions / stats.seen,
        stats=stats,
    )
