"""The love metric: has the live system become calmer, better ordered and healthier?

    love = 0.4 · entropy reduction + 0.3 · order gained + 0.3 · wellbeing gained

over two states of the system, each in [-1, 1] and so the whole. A state is counted over a window
of experiences:

- *entropy*: Shannon entropy of the outcome classes (ok, failed, skipped, denied, expired, open),
  over its greatest value log 6: 0 where all ends alike, 1 where the end is anybody's guess.
- *order*: the share of actions inside known-good patterns, that is, of a shape that the window
  has seen at least 3 times and that succeeded in at least 80% of its finished runs.
- *wellbeing*: (1 - intervention rate) · (1 - failure rate). An intervention is a decision that a
  person or a timeout had to take; a failure is a failed outcome, over the finished ones.
"""

import math
from collections import Counter, deque

from msgspec import Struct

from components.actions import Experience
from components.monitor.footprint import Held, deep_size

OUTCOME_CLASSES = ("ok", "failed", "skipped", "denied", "expired", "open")
MIN_ACTIONS = 10
"""Below this many actions in either state the metric is None: there is nothing to compare."""

PATTERN_SEEN = 3
PATTERN_SUCCESS = 0.8

_ENTROPY_WEIGHT, _ORDER_WEIGHT, _WELLBEING_WEIGHT = 0.4, 0.3, 0.3


class LiveState(Struct, frozen=True):
    """The live system over `actions` experiences; the three measures run 0–1."""

    actions: int = 0
    entropy: float = 0.0
    order: float = 0.0
    wellbeing: float = 1.0
    intervention_rate: float = 0.0
    failure_rate: float = 0.0


class LoveMetric(Struct, frozen=True):
    """The metric and its parts, all in [-1, 1], positive for better; `value` None: too few."""

    value: float | None
    entropy_reduction: float
    order_gained: float
    wellbeing_gained: float


def compute_love_metric(before: LiveState, after: LiveState) -> LoveMetric:
    """Compare two states of the live system."""
    entropy = before.entropy - after.entropy
    order = after.order - before.order
    wellbeing = after.wellbeing - before.wellbeing
    if min(before.actions, after.actions) < MIN_ACTIONS:
        return LoveMetric(None, entropy, order, wellbeing)
    value = _ENTROPY_WEIGHT * entropy + _ORDER_WEIGHT * order + _WELLBEING_WEIGHT * wellbeing
    return LoveMetric(value, entropy, order, wellbeing)


class LiveWindow:
    """The last `2 · half` experiences as two halves, counted as they come and go.

    What leaves the newer half enters the older one, so `halves()` is always the present against
    what was before it. An experience costs constant time; nothing is scanned again.
    """

    def __init__(self, half: int = 500) -> None:
        if half < 1:
            raise ValueError("a half of a live window holds at least one experience")
        self._half = half
        self._older: deque[_Mark] = deque()
        self._newer: deque[_Mark] = deque()
        self._before = _Counts()
        self._after = _Counts()

    def observe(self, experience: Experience) -> None:
        """Count one experience, finished or not."""
        mark = _mark(experience)
        self._newer.append(mark)
        self._after.add(mark, 1)
        if len(self._newer) > self._half:
            moved = self._newer.popleft()
            self._after.add(moved, -1)
            self._older.append(moved)
            self._before.add(moved, 1)
        if len(self._older) > self._half:
            self._before.add(self._older.popleft(), -1)

    def footprint(self) -> Held:
        """The experiences in the window, and their counts."""
        held = deep_size(self._older, self._newer, self._before, self._after)
        return Held(len(self._older) + len(self._newer), held)

    def halves(self) -> tuple[LiveState, LiveState]:
        """The older half and the newer half, as `compute_love_metric` takes them."""
        return self._before.state(), self._after.state()


class _Mark(Struct, frozen=True):
    """What the counts need of one experience."""

    outcome: str
    shape: str
    intervened: bool


class _Counts:
    """Running counts over a multiset of marks."""

    def __init__(self) -> None:
        self._outcomes: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._succeeded: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._interventions = 0
        self._in_patterns = 0

    def add(self, mark: _Mark, times: int) -> None:
        shape = mark.shape
        self._in_patterns -= self._in_pattern(shape)
        self._outcomes[mark.outcome] += times
        self._interventions += times * mark.intervened
        self._seen[shape] += times
        if mark.outcome == "ok":
            self._succeeded[shape] += times
        elif mark.outcome == "failed":
            self._failed[shape] += times
        self._in_patterns += self._in_pattern(shape)
        if not self._seen[shape]:
            for counts in (self._seen, self._succeeded, self._failed):
                del counts[shape]

    def _in_pattern(self, shape: str) -> int:
        """How many of the counted actions this shape brings inside known-good patterns."""
        seen, good = self._seen[shape], self._succeeded[shape]
        finished = good + self._failed[shape]
        return seen if good >= PATTERN_SEEN and good >= PATTERN_SUCCESS * finished else 0

    def state(self) -> LiveState:
        n = self._outcomes.total()
        if not n:
            return LiveState()
        interventions = self._interventions / n
        finished = self._outcomes["ok"] + self._outcomes["failed"]
        failures = self._outcomes["failed"] / finished if finished else 0.0
        return LiveState(
            actions=n,
            entropy=_entropy(tuple(self._outcomes.values()), n),
            order=self._in_patterns / n,
            wellbeing=(1.0 - interventions) * (1.0 - failures),
            intervention_rate=interventions,
            failure_rate=failures,
        )


def _mark(experience: Experience) -> _Mark:
    if experience.verdict == "deny":
        outcome = "denied"
    elif experience.verdict == "expired":
        outcome = "expired"
    else:
        outcome = experience.status or "open"
    return _Mark(outcome, experience.shape, experience.decided_by != "rule")


def _entropy(counts: tuple[int, ...], n: int) -> float:
    """Shannon entropy of the counts over log of the number of classes: 0–1."""
    bits = -sum(count / n * math.log(count / n) for count in counts if count)
    return min(1.0, max(0.0, bits / math.log(len(OUTCOME_CLASSES))))
