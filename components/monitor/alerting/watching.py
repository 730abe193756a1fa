"""What a book holds for each rule: the series it matches, and the alerts that live on them."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from components.monitor.alerting.globs import matcher
from components.monitor.alerting.rules import Rule, Sample, duration_ns
from components.monitor.alerting.state import Hold, Life

SERIES_PER_RULE = 500
"""Series that one rule watches at most."""

SERIES_IN_ALL = 4_000
"""Series that all rules together watch at most, a series counting once for each rule."""


class Instance(Struct):
    """One alert that is pending or fires. `since` is µs, the life's times monotonic ns.

    `sample` is the last one that held, which the text tells of; `value` is the latest.
    """

    id: str
    rule: Rule
    series: str
    life: Life
    since: int
    sample: Sample
    value: float
    operator: str = ""
    why: str = ""
    inhibited_by: str = ""


class Watch(Struct):
    """One rule at work. `cut` is how many matching series are not watched, for want of room."""

    rule: Rule
    hold: Hold
    live: dict[str, Instance] = field(default_factory=dict)
    matched: tuple[str, ...] = ()
    cut: int = 0


def watch(rule: Rule) -> Watch:
    """A watch for a rule, with no alerts yet."""
    hold = Hold(duration_ns(rule.for_) or 0, duration_ns(rule.keep_firing_for) or 0)
    return Watch(rule, hold)


def match(watches: Iterable[Watch], names: Mapping[str, Iterable[str]]) -> None:
    """Share the series out: to each rule those its globs match, by window. Sets `matched`, `cut`.

    Where there is no room for all, those that have a live alert come first, then by name.
    """
    room = SERIES_IN_ALL
    for one in watches:
        rule = one.rule
        wanted, unwanted = matcher(rule.globs), matcher(rule.except_)
        found = [name for name in names[rule.window] if wanted(name) and not unwanted(name)]
        found.sort(key=lambda name: (name not in one.live, name))
        most = min(SERIES_PER_RULE, room)
        one.matched, one.cut = tuple(found[:most]), max(0, len(found) - most)
        room -= len(one.matched)
