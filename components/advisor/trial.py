"""Something tried out on this machine, fairly: every value in turn, again and again.

All values are measured in each round, so that what the machine does besides falls upon all of
them. A gain counts where it is beyond what the figures of one value differ by between rounds.
"""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Literal

from msgspec import Struct

ROUNDS = 5
"""At most so many; fewer where the time is up before."""

FEWEST_ROUNDS = 3
"""Fewer prove nothing: by chance alone, three are all better than three others once in twenty."""

MARGIN = 0.1
"""A gain below this share is none, however steady the figures."""

Value = float | str


class Reading(Struct, frozen=True):
    """One measurement; `also` is what else was seen, in words."""

    figure: float
    also: str = ""


class Tried(Struct, frozen=True):
    """One value, and what was measured with it in each round."""

    value: Value
    figures: tuple[float, ...]
    also: str = ""

    @property
    def figure(self) -> float:
        """The median."""
        return median(self.figures)

    @property
    def spread(self) -> float:
        """How far the middle half of the rounds lies apart, as a share of the median."""
        cut = len(self.figures) // 4
        middle = sorted(self.figures)[cut : len(self.figures) - cut]
        return (middle[-1] - middle[0]) / self.figure if self.figure else 0.0


class Trial(Struct, frozen=True, kw_only=True):
    """What came of a trial. `key` is the setting in `[performance]` it is about, if it is one."""

    name: str
    title: str
    key: str = ""
    unit: str
    better: Literal["less", "more"]
    present: Value
    tried: tuple[Tried, ...]

    @property
    def now(self) -> Tried:
        """What is in force."""
        return next(one for one in self.tried if one.value == self.present)

    @property
    def best(self) -> Tried:
        """The best value; the present one where none is better."""
        pick = min if self.better == "less" else max
        return pick((self.now, *self.tried), key=lambda one: one.figure)

    @property
    def gain(self) -> float:
        """How many times better the best is than the present: 1 where there is nothing to gain."""
        now, best = self.now.figure, self.best.figure
        worse, good = (now, best) if self.better == "less" else (best, now)
        return worse / good if good > 0 else 1.0

    @property
    def noise(self) -> float:
        """The larger of the spreads of the two that are compared."""
        return max(self.now.spread, self.best.spread)

    @property
    def worthwhile(self) -> bool:
        """Whether the gain is real: beyond the noise, and there in each of enough rounds."""
        now, best = self.now.figures, self.best.figures
        apart = max(best) < min(now) if self.better == "less" else min(best) > max(now)
        enough = min(len(now), len(best)) >= FEWEST_ROUNDS
        return enough and apart and self.gain - 1 > max(self.noise, MARGIN)


class Experiment(Struct, frozen=True, kw_only=True):
    """What to try: `measure` makes one reading with a value, and leaves nothing behind."""

    name: str
    title: str
    key: str = ""
    unit: str
    better: Literal["less", "more"]
    present: Value
    values: tuple[Value, ...]
    measure: Callable[[Value], Reading]


def carry_out(
    experiment: Experiment, limit_s: float, monotonic: Callable[[], int], rounds: int = ROUNDS
) -> Trial:
    """Try all values until the time is up (`monotonic` in ns); one round is always made whole."""
    values = tuple(dict.fromkeys((experiment.present, *experiment.values)))
    readings: dict[Value, list[Reading]] = {value: [] for value in values}
    ends = monotonic() + round(limit_s * 1e9)
    for number in range(rounds):
        if number and monotonic() >= ends:
            break
        for value in values if number % 2 == 0 else reversed(values):
            readings[value].append(experiment.measure(value))
    return Trial(
        name=experiment.name,
        title=experiment.title,
        key=experiment.key,
        unit=experiment.unit,
        better=experiment.better,
        present=experiment.present,
        tried=tuple(_tried(value, seen) for value, seen in readings.items()),
    )


def _tried(value: Value, seen: Sequence[Reading]) -> Tried:
    return Tried(value, tuple(one.figure for one in seen), seen[-1].also)
