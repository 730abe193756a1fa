"""Inhibition: one cause that fires explains the others, so that nobody is told five times."""

from collections.abc import Iterable, Mapping, Sequence

from components.monitor.alerting.globs import matcher
from components.monitor.alerting.rules import Rule, Scope, component_of, operation_of
from components.monitor.alerting.vetting import inhibition_order
from components.monitor.alerting.watching import Instance, Watch

Edges = tuple[tuple[str, tuple[str, ...]], ...]
"""Ids of rules, each with those that it inhibits; a rule comes behind what inhibits it."""


def edges(rules: Sequence[Rule]) -> Edges:
    """Who inhibits whom; a rule never inhibits itself. Raises `graphlib.CycleError`."""
    by_id = {rule.id: rule for rule in rules}
    found = []
    for source in inhibition_order(tuple(rules)):
        if by_id[source].inhibits:
            hit = matcher(by_id[source].inhibits)
            found.append((source, tuple(id_ for id_ in by_id if id_ != source and hit(id_))))
    return tuple(found)


def inhibit(watches: Mapping[str, Watch], edges: Edges) -> None:
    """Set on every live alert who inhibits it: the first cause, where there is a chain."""
    for watch in watches.values():
        for instance in watch.live.values():
            instance.inhibited_by = ""
    for source, targets in edges:
        causes = _causes(watches[source].live.values(), watches[source].rule.inhibits_scope)
        if causes:
            scope = watches[source].rule.inhibits_scope
            for target in targets:
                _mark(watches[target].live.values(), scope, causes)


def _causes(instances: Iterable[Instance], scope: Scope) -> dict[str, str]:
    """By what they inhibit: the firing alerts' names, or the name of what explains them."""
    causes: dict[str, str] = {}
    for one in instances:
        if one.life.phase == "firing":
            name = one.inhibited_by or f"{one.rule.id} ({one.series})"
            causes.setdefault(_reach(one.series, scope), name)
    return causes


def _mark(instances: Iterable[Instance], scope: Scope, causes: Mapping[str, str]) -> None:
    for one in instances:
        if not one.inhibited_by:
            one.inhibited_by = causes.get(_reach(one.series, scope), "")


def _reach(series: str, scope: Scope) -> str:
    if scope == "all":
        return ""
    return operation_of(series) if scope == "series" else component_of(series)
