"""Rules at work: the alerts that live on the series, and what changes from look to look."""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from components.monitor.alerting.alert import Transition, alert_id
from components.monitor.alerting.inhibition import Edges, edges, inhibit
from components.monitor.alerting.rules import Reading, RuleFile, Sample, Window, read
from components.monitor.alerting.state import QUIET, Life, Phase, step
from components.monitor.alerting.watching import Instance, Watch, match, watch
from components.monitor.alerting.words import shown, tell

Samples = Mapping[str, Sample]
Sampler = Callable[[str], Samples]
"""The series by name, as they are over a window."""

REMOVED = "rule removed"

_TELLING = frozenset[Reading]({"holds", "clear"})


class Change(NamedTuple):
    """An alert that has just left a phase, in which it had been since `since` (µs)."""

    instance: Instance
    before: Phase
    since: int
    why: str


class Evaluation:
    """The watches of all rules that are enabled. Not for several threads at once."""

    def __init__(self, rules: RuleFile) -> None:
        self.watches: dict[str, Watch] = {}
        self._edges: Edges = ()
        self._names: dict[str, AbstractSet[str]] = {}
        self.adopt(rules, 0)

    def adopt(self, rules: RuleFile, wall: int) -> list[Change]:
        """Work with other rules from now on; alerts of rules that are gone come to their end.

        Raises `graphlib.CycleError`, before anything has changed.
        """
        enabled = tuple(rule for rule in rules.rules if rule.enabled)
        self._edges = edges(enabled)
        old, self.watches = self.watches, {rule.id: watch(rule) for rule in enabled}
        self._names = {}
        for id_, kept in self.watches.items():
            if id_ in old:
                kept.live = old[id_].live
                for instance in kept.live.values():
                    instance.rule = kept.rule
        gone = (one for id_, one in old.items() if id_ not in self.watches)
        return [end(instance, wall, REMOVED) for one in gone for instance in one.live.values()]

    def instances(self) -> Iterator[Instance]:
        """Every alert that is pending or fires."""
        for one in self.watches.values():
            yield from one.live.values()

    def look(self, sampler: Sampler, now: int, wall: int, gathering: bool) -> list[Change]:
        """Put every rule to the figures of `now` (monotonic ns; `wall` in µs).

        While `gathering` the figures are not complete yet: what is missing says nothing.
        """
        windows = {one.rule.window for one in self.watches.values()}
        samples = {window: sampler(window) for window in sorted(windows)}
        self._match(samples)
        changes: list[Change] = []
        for one in self.watches.values():
            for instance, sample in _due(one, samples[one.rule.window], wall):
                reading = read(one.rule, sample)
                if reading not in _TELLING and gathering:
                    continue
                if change := _move(one, instance, sample, reading, now, wall):
                    changes.append(change)
        inhibit(self.watches, self._edges)
        return changes

    def explain(self) -> None:
        """Compute anew which alerts inhibit which."""
        inhibit(self.watches, self._edges)

    def _match(self, samples: Mapping[Window, Samples]) -> None:
        """Match rules with series, but only where the names have changed."""
        if all(found.keys() == self._names.get(window) for window, found in samples.items()):
            return
        self._names = {window: set(found) for window, found in samples.items()}
        match(self.watches.values(), self._names)


def _due(one: Watch, samples: Samples, wall: int) -> list[tuple[Instance, Sample | None]]:
    """The alerts of a rule that have a step to take; those that begin are among them."""
    rule, live = one.rule, one.live
    due: list[tuple[Instance, Sample | None]] = []
    for series in one.matched:
        sample = samples[series]
        if series in live:
            due.append((live[series], sample))
        elif read(rule, sample) == "holds":
            id_ = alert_id(rule.id, series)
            due.append((Instance(id_, rule, series, QUIET, wall, sample, sample.value), sample))
    if live:
        watched = set(one.matched)
        due.extend((alert, None) for series, alert in live.items() if series not in watched)
    return due


def _move(
    one: Watch, alert: Instance, sample: Sample | None, reading: Reading, now: int, wall: int
) -> Change | None:
    """Let one alert take a step; what changed, if its phase did."""
    before, since = alert.life, alert.since
    alert.life = step(before, reading, now, one.hold)
    if sample is not None and reading in _TELLING:
        alert.value = sample.value
        if reading == "holds":
            alert.sample = sample
    if alert.life.phase == before.phase:
        return None
    alert.since = wall
    if alert.life.phase in {"pending", "firing"}:
        one.live[alert.series] = alert
    else:
        one.live.pop(alert.series, None)
    return Change(alert, before.phase, since, "" if reading in _TELLING else reading)


def end(alert: Instance, wall: int, why: str) -> Change:
    """End an alert for a reason that lies outside its figures."""
    before, since = alert.life, alert.since
    alert.life = Life("resolved" if before.phase == "firing" else "inactive", before.since)
    alert.since = wall
    return Change(alert, before.phase, since, why)


def transition(change: Change) -> Transition:
    """A change as it is told, once inhibition has been computed."""
    alert = change.instance
    return Transition(
        time=alert.since,
        rule=alert.rule.id,
        series=alert.series,
        id=alert.id,
        before=change.before,
        after=alert.life.phase,
        severity=alert.rule.severity,
        text=tell(alert.rule, alert.series, alert.sample),
        value=shown(alert.series, alert.value),
        why=change.why,
        since=change.since,
        inhibited_by=alert.inhibited_by,
    )
