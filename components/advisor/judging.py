"""Every operation against its target and against the period before. Pure."""

from collections.abc import Mapping

from msgspec.structs import replace

from components.advisor.report import Change, OperationFigures
from components.advisor.targets import Target, judge
from components.monitor import comparison
from components.monitor.baseline import Machine, make_baseline
from components.monitor.catalogue import BY_NAME, OPERATIONS
from components.monitor.comparison import OperationChange, compare
from components.monitor.figures import Figures

FEW_CALLS = 100
"""A P95 of fewer calls rests on less than five slower ones: it is a hint."""

_SAME = Machine("", "", "", 0, 0, "")


def operations(
    figures: Mapping[str, Figures], before: Mapping[str, Figures], aims: Mapping[str, Target]
) -> tuple[OperationFigures, ...]:
    """Every operation of the catalogue, and those that have a target without being in it."""
    changes = _changes(figures, before)
    names = [operation.name for operation in OPERATIONS]
    names += [name for name in aims if name not in BY_NAME]
    return tuple(
        _operation(name, figures.get(name), aims.get(name), changes.get(name)) for name in names
    )


def _operation(
    name: str, seen: Figures | None, target: Target | None, change: OperationChange | None
) -> OperationFigures:
    known = BY_NAME.get(name)
    status, factor = judge(seen.calls if seen else 0, seen.p95_us if seen else None, target)
    changed = {one.figure: one for one in change.changes} if change else {}
    made = OperationFigures(
        operation=name,
        title=known.title if known else name.replace(".", " ").replace("_", " "),
        component=name.partition(".")[0],
        main=known.main if known else False,
        target_us=target.target_us if target else None,
        acceptable_us=target.acceptable_us if target else None,
        note=target.note if target else "",
        status=status,
        factor=factor,
        p95_change=_change(changed.get("p95")),
        per_s_change=_change(changed.get("per_s")),
        errors_change=_change(changed.get("errors")),
    )
    return _measured(made, seen) if seen else made


def _measured(made: OperationFigures, seen: Figures) -> OperationFigures:
    return replace(
        made,
        calls=seen.calls,
        failed=seen.failed,
        timeouts=seen.timeouts,
        errors=seen.errors,
        per_s=seen.per_s,
        p50_us=seen.p50_us,
        p95_us=seen.p95_us,
        p99_us=seen.p99_us,
        few=0 < seen.calls < FEW_CALLS,
    )


def _change(one: comparison.Change | None) -> Change | None:
    return Change(one.before, one.after, one.ratio, one.verdict) if one else None


def _changes(
    figures: Mapping[str, Figures], before: Mapping[str, Figures]
) -> dict[str, OperationChange]:
    then, now = (
        make_baseline("", seen, _SAME, made_at=0, since=0, until=0) for seen in (before, figures)
    )
    return {row.operation: row for row in compare(then, now).operations}
