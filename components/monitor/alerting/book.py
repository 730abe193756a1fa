"""The alert book: rules put to the figures once a second, and what operators say of the outcome."""

import threading
from collections import deque
from collections.abc import Iterable, Mapping

from components.clock import Clock
from components.monitor.alerting.alert import AlertError, AlertState, Kind, Transition
from components.monitor.alerting.evaluation import Change, Evaluation, Sampler, transition
from components.monitor.alerting.rules import SEVERITIES, RuleFile
from components.monitor.alerting.saved import decode, revive, save_alert, save_silence
from components.monitor.alerting.silences import Silence, Silences
from components.monitor.alerting.watching import Instance
from components.monitor.alerting.words import shown, tell

RESTART_NS = 60_000_000_000
"""For so long after a restart missing figures say nothing: they are being gathered again."""

RECENT = 100
"""Resolved alerts that are remembered for showing."""

WORDS = 500
"""Characters kept of what an operator writes."""

_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class AlertBook:
    """Every alert that is pending or fires. Any thread may call; one at a time gets in.

    What changes is told by the `Transition`s that the methods return, and told once. Durations
    follow the monotonic clock: setting the wall clock has no effect on them. Rules that inhibit
    one another in a circle raise `graphlib.CycleError`; the loader refuses them beforehand.
    """

    def __init__(self, clock: Clock, rules: RuleFile) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._work = Evaluation(rules)
        self._silences = Silences(clock)
        self._recent: deque[AlertState] = deque(maxlen=RECENT)
        self._gathered: int | None = None

    def evaluate(self, sampler: Sampler) -> tuple[Transition, ...]:
        """Put every rule to the figures of now. `sampler` is called once for each window."""
        with self._lock:
            now, wall = self._clock.monotonic(), self._clock.now()
            over = [self._of_silence(one, "silence over") for one in self._silences.expire()]
            gathering = self._gathered is not None and now < self._gathered
            changes = self._work.look(sampler, now, wall, gathering)
            return (*over, *self._tell(changes))

    def exchange(self, rules: RuleFile) -> tuple[Transition, ...]:
        """Work with other rules. Alerts go on where their rule is still there, others end."""
        with self._lock:
            changes = self._work.adopt(rules, self._clock.now())
            self._work.explain()
            return self._tell(changes)

    # -- what operators do -------------------------------------------------------------------

    def acknowledge(self, alert: str, operator: str, why: str = "") -> Transition:
        """Somebody has seen an alert (by id), until it resolves. Raises `AlertError`."""
        with self._lock:
            one = next((one for one in self._work.instances() if one.id == alert), None)
            if one is None:
                raise AlertError("This alert is over.")
            one.operator, one.why = operator[:WORDS], why[:WORDS]
            return self._act(one, "acknowledged", operator, why)

    def silence(self, target: str, until: int, operator: str, why: str = "") -> Transition:
        """Mute an alert (by id) or rules (a glob over their ids) until then, in µs since 1970.

        It outlasts the alert: should it fire again meanwhile, it is still muted. It takes the
        place of a silence with the same target. Raises `AlertError`.
        """
        with self._lock:
            rule, series = self._named(target)
            one = self._silences.begin(target, rule, series, until, operator[:WORDS], why[:WORDS])
            return self._of_silence(one, "silenced", operator, why)

    def unsilence(self, target: str, operator: str = "", why: str = "") -> Transition:
        """End a silence before its time. Raises `AlertError` where there is none."""
        with self._lock:
            one = self._silences.end(target)
            return self._of_silence(one, "unsilenced", operator, why)

    # -- how it stands -----------------------------------------------------------------------

    def active(self) -> tuple[AlertState, ...]:
        """The alerts that are pending or fire, the gravest first, then the oldest."""
        with self._lock:
            states = [self._state(one) for one in self._work.instances()]
        return tuple(sorted(states, key=lambda one: (_RANK[one.severity], one.since, one.id)))

    def standing(self) -> tuple[AlertState, ...]:
        """The alerts that want attention: they fire, neither silenced nor inhibited.

        Whoever notifies compares the ids with those of the time before: an alert also comes to
        stand when its silence ends, or what inhibited it.
        """
        return tuple(one for one in self.active() if one.standing)

    def recent(self) -> tuple[AlertState, ...]:
        """The last alerts that resolved since the start, the latest first."""
        with self._lock:
            return tuple(reversed(self._recent))

    def silences(self) -> tuple[Silence, ...]:
        """The silences in force."""
        return self._silences.all()

    def cut(self) -> dict[str, int]:
        """By rule, how many series it matches but does not watch, for want of room."""
        with self._lock:
            return {id_: one.cut for id_, one in self._work.watches.items() if one.cut}

    # -- through a restart -------------------------------------------------------------------

    def dump(self) -> dict[str, bytes]:
        """What is to be kept, by a stable key."""
        with self._lock:
            rows = {one.id: save_alert(one) for one in self._work.instances()}
            return rows | {f"silence:{one.target}": save_silence(one) for one in self.silences()}

    def restore(self, rows: Mapping[str, bytes], now: int) -> tuple[Transition, ...]:
        """Go on with what `dump` gave, at `now` (µs since 1970); before the first evaluation.

        Alerts whose rule is gone end, and so do pending ones that are too old.
        """
        with self._lock:
            monotonic = self._clock.monotonic()
            changes = revive(decode(rows), self._work.watches, self._silences, now, monotonic)
            self._gathered = monotonic + RESTART_NS
            self._work.explain()
            return self._tell(changes)

    # -- within ------------------------------------------------------------------------------

    def _tell(self, changes: Iterable[Change]) -> tuple[Transition, ...]:
        changes = tuple(changes)
        for one in changes:
            if one.instance.life.phase == "resolved":
                self._recent.append(self._state(one.instance))
        return tuple(map(transition, changes))

    def _named(self, target: str) -> tuple[str, str]:
        """Rule and series that a silence's target means; a glob over rules has no series."""
        known = [(one.id, one.rule.id, one.series) for one in self._work.instances()]
        known += [(one.id, one.rule, one.series) for one in self._recent]
        known += [(one.target, one.rule, one.series) for one in self._silences.all()]
        for id_, rule, series in known:
            if id_ == target:
                return rule, series
        if Silence.of_rules(target, self._work.watches):
            return target, ""
        raise AlertError("There is neither an alert nor a rule of that name.")

    def _act(self, one: Instance, kind: Kind, operator: str, why: str) -> Transition:
        return Transition(
            time=self._clock.now(),
            rule=one.rule.id,
            series=one.series,
            id=one.id,
            before=one.life.phase,
            after=one.life.phase,
            severity=one.rule.severity,
            text=tell(one.rule, one.series, one.sample),
            value=shown(one.series, one.value),
            operator=operator[:WORDS],
            why=why[:WORDS],
            kind=kind,
            since=one.since,
            inhibited_by=one.inhibited_by,
        )

    def _of_silence(
        self, silence: Silence, kind: Kind, operator: str = "", why: str = ""
    ) -> Transition:
        for one in self._work.instances():
            if one.id == silence.target:
                return self._act(one, kind, operator, why)
        watch = self._work.watches.get(silence.rule)
        return Transition(
            time=self._clock.now(),
            rule=silence.rule,
            series=silence.series,
            id=silence.target,
            before="inactive",
            after="inactive",
            severity=watch.rule.severity if watch else "low",
            text=f"silenced by {silence.operator}",
            operator=operator[:WORDS],
            why=why[:WORDS],
            kind=kind,
            since=silence.since,
        )

    def _state(self, one: Instance) -> AlertState:
        return AlertState(
            id=one.id,
            rule=one.rule.id,
            title=one.rule.title or one.rule.id,
            series=one.series,
            phase=one.life.phase,
            severity=one.rule.severity,
            text=tell(one.rule, one.series, one.sample),
            value=shown(one.series, one.value),
            since=one.since,
            acknowledged_by=one.operator,
            why=one.why,
            silenced_until=self._silences.until(one.id, one.rule.id),
            inhibited_by=one.inhibited_by,
        )
