"""Figures with 95% intervals, drawn again over groups. Pure."""

import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

DRAWS = 400
_SEED = 20


class Unit(Struct, frozen=True):
    """One thing that is counted: whether it should be caught, and how suspicious it was found."""

    bad: bool
    group: str
    score: float


class Figure(Struct, frozen=True):
    """A share or an area, 0–1, with its 95% interval."""

    value: float
    low: float
    high: float


Measure = Callable[[Sequence[Unit]], float | None]


def units(found: Iterable[tuple[str, bool, str, float]]) -> list[Unit]:
    """The units of (unit, bad, group, score) rows: of one unit the most suspicious row counts."""
    worst: dict[tuple[str, bool, str], float] = {}
    for unit, bad, group, score in found:
        key = (unit, bad, group)
        worst[key] = max(score, worst.get(key, 0.0))
    return [Unit(bad, group, score) for (_, bad, group), score in worst.items()]


def recall(found: Sequence[Unit]) -> float | None:
    """The share of bad units that are hit; None where there are none."""
    return _share([unit.score > 0 for unit in found if unit.bad])


def false_alarms(found: Sequence[Unit]) -> float | None:
    """The share of good units that are hit."""
    return _share([unit.score > 0 for unit in found if not unit.bad])


def accuracy(found: Sequence[Unit]) -> float | None:
    """The share of units that are judged rightly."""
    return _share([(unit.score > 0) == unit.bad for unit in found])


def auc(found: Sequence[Unit]) -> float | None:
    """The share of pairs of a bad and a good unit in the right order, ties counted half."""
    good = sorted(unit.score for unit in found if not unit.bad)
    bad = [unit.score for unit in found if unit.bad]
    if not good or not bad:
        return None
    right = sum(bisect_left(good, score) + bisect_right(good, score) for score in bad)
    return right / (2 * len(good) * len(bad))


def alarms_at_half(found: Sequence[Unit]) -> float | None:
    """The share of good units as suspicious as the median bad one: an area's false alarms."""
    bad = sorted(unit.score for unit in found if unit.bad)
    if not bad:
        return None
    return _share([unit.score >= bad[len(bad) // 2] for unit in found if not unit.bad])


def figure(found: Sequence[Unit], measure: Measure) -> Figure | None:
    """A measure with the interval that drawing the groups again gives; None where undefined."""
    value = measure(found)
    if value is None:
        return None
    groups: dict[str, list[Unit]] = defaultdict(list)
    for unit in found:
        groups[unit.group].append(unit)
    pools = list(groups.values())
    chance = random.Random(_SEED)
    drawn: list[float] = []
    for _ in range(DRAWS):
        sample = [unit for pool in chance.choices(pools, k=len(pools)) for unit in pool]
        again = measure(sample)
        if again is not None:
            drawn.append(again)
    drawn.sort()
    low, high = drawn[int(0.025 * len(drawn))], drawn[int(0.975 * len(drawn))]
    return Figure(value, low, high)


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None
