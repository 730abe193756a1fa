"""What a well-formed rule must hold besides its schema."""

import re
from graphlib import CycleError, TopologicalSorter

from components.monitor.alerting.globs import matcher
from components.monitor.alerting.rules import Rule, duration_ns
from components.monitor.alerting.words import text_problem

LONGEST_NS = 86_400_000_000_000
"""One day: what `for` and `keep_firing_for` may be at most."""

_ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_GLOB = re.compile(r"[a-z0-9_.*?\[\]!-]+")

Problem = tuple[str, str]
"""A key, and why its value cannot be used."""


def rule_problem(rule: Rule) -> Problem | None:
    """The key and the reason why a well-formed rule cannot be used; None where it can."""
    if not _ID.fullmatch(rule.id):
        return "id", "use lower-case words joined by dots and dashes"
    if why := text_problem(rule.text):
        return "text", why
    return _glob_problem(rule) or _limit_problem(rule) or _duration_problem(rule)


def cycle(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """Ids of rules that inhibit one another in a circle; empty where none do."""
    try:
        inhibition_order(rules)
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def inhibition_order(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """The ids of rules, each behind those that inhibit it. Raises `graphlib.CycleError`."""
    order: TopologicalSorter[str] = TopologicalSorter({rule.id: () for rule in rules})
    for source in rules:
        if source.inhibits:
            found = matcher(source.inhibits)
            for target in rules:
                if target.id != source.id and found(target.id):
                    order.add(target.id, source.id)
    return tuple(order.static_order())


def _glob_problem(rule: Rule) -> Problem | None:
    for key, globs in (
        ("series", rule.globs),
        ("except", rule.except_),
        ("inhibits", rule.inhibits),
    ):
        bad = next((glob for glob in globs if not _GLOB.fullmatch(glob)), None)
        if bad is not None:
            return key, f"{bad!r} matches no name: names are lower-case words joined by dots"
    return None


def _limit_problem(rule: Rule) -> Problem | None:
    given = [name for name in ("above", "below") if getattr(rule, name) is not None]
    if not given:
        return "above", "give `above` or `below`"
    if len(given) > 1:
        return "below", "give one of `above` and `below`, not both"
    if rule.compare == "baseline" and rule.limit <= 0:
        return given[0], "as a multiple of the baseline it must be over 0"
    if rule.certain and (given[0] != "above" or rule.compare != "value" or rule.limit >= 1):
        return "certain", "only for a share from 0 to 1 that is `above` a value"
    return None


def _duration_problem(rule: Rule) -> Problem | None:
    for key, text in (("for", rule.for_), ("keep_firing_for", rule.keep_firing_for)):
        length = duration_ns(text)
        if length is None:
            return key, f"{text!r} is no duration: write 30s, 2m, 1h or 500ms"
        if length > LONGEST_NS:
            return key, "longer than a day"
    return None
