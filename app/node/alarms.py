"""The alert book of a node: put to the figures every second, kept in the store, told in the log."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from app.node.rule_files import RuleFiles
from components.audit_system import AuditLog, Entry
from components.clock import Clock
from components.monitor import Conditions
from components.monitor.alerting import (
    AlertBook,
    AlertState,
    BadRules,
    Sampler,
    Transition,
    builtin_rules,
    ledger,
)
from storage import Store, Tx

MAX_UNTOLD = 10_000
"""Changes that wait while the store takes nothing; the oldest beyond are given up."""

PRUNE_NS = 3_600_000_000_000
"""Between two looks for what is too old: it reads the whole history of alerts."""

HISTORY_US = 400 * 86_400 * 1_000_000
SHOWN_RESOLVED_US = 600 * 1_000_000

Tell = Callable[[Transition], None]
"""Called for each change of an alert once it is in the audit log, on the writer's thread."""


class Alarms:
    """Alerts from the first look to the audit log. Any thread may call; see `AlertBook`."""

    def __init__(
        self, store: Store, audit: AuditLog, clock: Clock, conditions: Conditions, tell: Tell
    ) -> None:
        self._store, self._audit, self._clock = store, audit, clock
        self._conditions = conditions
        self._tell = tell
        self._prune_at = clock.monotonic()
        self._untold: deque[Transition] = deque(maxlen=MAX_UNTOLD)
        self._lock = threading.Lock()
        self._saving = self._wanted = False
        self.book = AlertBook(clock, builtin_rules())

    def resume(self, files: RuleFiles) -> None:
        """Take the rules, and go on with what stood when the node ended."""
        self.exchange(files)
        reader = self._store.reader()
        try:
            self._keep(self.book.restore(ledger.load(reader), self._clock.now()))
        finally:
            reader.close()

    def exchange(self, files: RuleFiles) -> None:
        """Work with the rules as their files are now; with a bad one, with those before."""
        try:
            rules = files.load()
        except BadRules as problem:
            self._conditions.report("alert-rules", str(problem))
            return
        self._conditions.report("alert-rules", "")
        self._keep(self.book.exchange(rules))

    def look(self, sampler: Sampler) -> None:
        """Put all rules to the figures of now, and record what changed."""
        self._keep(self.book.evaluate(sampler))
        cut = ", ".join(f"{rule} ({count})" for rule, count in self.book.cut().items())
        self._conditions.report("alert-series", cut and f"more series than are watched: {cut}")
        full = len(self._untold) == MAX_UNTOLD
        self._conditions.report(
            "alert-changes", "changes of alerts are lost: nothing can be recorded" if full else ""
        )
        if self._untold and not self._store.writer.frozen:
            self.save()

    def act(self, transition: Transition) -> None:
        """Record what an operator did."""
        self._keep((transition,))
        self.save()

    def save(self) -> None:
        """Record what is not recorded yet, and how the alerts stand.

        One transaction at a time, so that what the store refuses stays before what came later.
        """
        with self._lock:
            self._wanted = self._saving
            if self._saving:
                return
            rows = self.book.dump()
            changes = [self._untold.popleft() for _ in range(len(self._untold))]
            self._saving = True
        self._submit(changes, rows)

    def _submit(self, changes: list[Transition], rows: Mapping[str, bytes]) -> None:
        before = self._clock.now() - HISTORY_US
        prune = self._clock.monotonic() >= self._prune_at
        if prune:
            self._prune_at = self._clock.monotonic() + PRUNE_NS

        def job(tx: Tx) -> None:
            ledger.save(tx, rows, changes)
            if prune:
                ledger.prune(tx, before)
            for change in changes:
                self._audit.append(tx, _entry(change))

        self._store.writer.submit(job, partial(self._saved, changes))

    def shown(self) -> tuple[tuple[AlertState, ...], tuple[AlertState, ...]]:
        """The alerts that are active, and those that resolved within ten minutes.

        Each is there once: one that fires anew is what it is now, not what it was.
        """
        since, active = self._clock.now() - SHOWN_RESOLVED_US, self.book.active()
        over = {one.id: one for one in reversed(self.book.recent()) if one.since > since}
        for one in active:
            over.pop(one.id, None)
        return active, tuple(sorted(over.values(), key=lambda one: -one.since))

    def _keep(self, changes: Iterable[Transition]) -> None:
        self._untold.extend(changes)

    def _saved(self, changes: list[Transition], _: None, error: Exception | None) -> None:
        with self._lock:
            if error is not None:
                self._untold.extendleft(reversed(changes))
            again = self._wanted and error is None
            self._saving = self._wanted = False
        if error is None:
            for change in changes:
                self._tell(change)
        if again:
            self.save()


def kind_of(change: Transition) -> str:
    """What the audit log calls a change of an alert."""
    state = change.after if change.kind == "phase" else change.kind.replace(" ", "_")
    return f"alert.{state}"


def _entry(change: Transition) -> Entry:
    return Entry(
        kind=kind_of(change),
        operator=change.operator,
        rule=change.rule,
        detail={
            "alert": change.id,
            "series": change.series,
            "severity": change.severity,
            "before": change.before,
            "text": change.text,
            "value": change.value,
            "why": change.why,
            "inhibited_by": change.inhibited_by,
        },
    )
