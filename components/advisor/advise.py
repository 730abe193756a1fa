"""Recommendations after a period, from what was gathered and tried, less what was answered."""

import sqlite3
from collections.abc import Sequence

from components.advisor.book import read_kept, unanswered
from components.advisor.gathered import Gathered
from components.advisor.judging import operations
from components.advisor.needs import needs
from components.advisor.recommend import Recommendation, recommend
from components.advisor.targets import targets
from components.advisor.trial import Trial
from components.monitor.baseline import Baseline


def advise(
    reader: sqlite3.Connection,
    gathered: Gathered,
    baseline: Baseline | None = None,
    trials: Sequence[Trial] = (),
) -> tuple[Recommendation, ...]:
    """What to do next, as a roadmap: now, next, later. Empty where nothing is needed.

    `reader` tells what a person has answered already. Raises `sqlite3.Error`.
    """
    judged = operations(gathered.figures, gathered.before, targets())
    made = recommend(needs(gathered, judged, baseline), trials)
    return unanswered(made, read_kept(reader))
