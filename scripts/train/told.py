"""Figures as they are told: with an interval, by drawing whole groups again."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
_DRAWS = 200


def interval(groups: Sequence[str], values: Sequence[T], figure: Callable[[list[T]], float]) -> str:
    """A figure with its 95% bootstrap interval over groups."""
    by_group: defaultdict[str, list[T]] = defaultdict(list)
    for group, value in zip(groups, values, strict=True):
        by_group[group].append(value)
    members = list(by_group.values())
    chance = random.Random(5)
    drawn = sorted(
        figure([value for one in chance.choices(members, k=len(members)) for value in one])
        for _ in range(_DRAWS)
    )
    low, high = drawn[int(0.025 * _DRAWS)], drawn[int(0.975 * _DRAWS)]
    return f"{figure(list(values)):.3f} [{low:.3f}, {high:.3f}]"


def ranking(scored: list[tuple[float, bool]]) -> float:
    """The area under the ROC curve of scores with their labels; equal scores count half."""
    ordered = sorted(scored)
    positives = sum(label for _, label in ordered)
    total = at = 0.0
    while at < len(ordered):
        end = int(at)
        while end < len(ordered) and ordered[end][0] == ordered[int(at)][0]:
            end += 1
        total += sum(label for _, label in ordered[int(at) : end]) * (at + end - 1) / 2
        at = end
    negatives = len(ordered) - positives
    return (total - positives * (positives - 1) / 2) / (positives * negatives)
