"""One set judged: its figures, its false alarms, and the naive screen on the same rows."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from bench.quality import reading, scoring
from bench.quality.reading import Result
from bench.quality.scoring import Figure, Unit
from bench.quality.sets import RowSet


class Judged(Struct, frozen=True, omit_defaults=True):
    """A row of the table. `met` is None where nothing is to be reached.

    `figure` is what the metric says; of `asked` it is the share that is blocked, and
    `false_alarms` the share that is asked about. Of `auc`, `false_alarms` is the share of good
    rows that are as suspicious as the median bad one. `folds` counts the models that judged rows
    of groups they had not seen; `seen` says that the shipped model was trained on these rows.
    """

    name: str
    title: str
    metric: str
    bad: int
    good: int
    groups: int
    figure: Figure
    false_alarms: Figure | None
    naive: float | None
    naive_false_alarms: float | None
    least: float | None = None
    most: float | None = None
    met: bool | None = None
    folds: int = 0
    seen: bool = False


def judge(one: RowSet, results: Sequence[Result], folds: int = 0) -> Judged:
    """The figures of one set from the assessments of its lines, in their order."""
    ours = _units(one, list(map(one.score, results)))
    naive = _units(one, [one.guess(case.line) for case in one.cases])
    value, alarms = _measures(one)
    hard = _units(one, list(map(reading.blocked, results))) if one.metric == "asked" else ours
    figure, false = scoring.figure(hard, value), scoring.figure(ours, alarms)
    assert figure is not None, f"{one.name} has no rows to judge"
    return Judged(
        one.name, one.title, one.metric, sum(unit.bad for unit in ours),
        sum(not unit.bad for unit in ours), len({unit.group for unit in ours}), figure, false,
        0.0 if one.metric == "asked" else value(naive), alarms(naive),
        one.goal.least if one.goal else None, one.goal.most if one.goal else None,
        _met(one, figure, false), folds, one.seen,
    )  # fmt: skip


def _units(one: RowSet, scores: Sequence[float]) -> list[Unit]:
    pairs = zip(one.cases, scores, strict=True)
    return scoring.units(
        (case.unit or str(place), case.bad, case.group, score)
        for place, (case, score) in enumerate(pairs)
    )


_Measure = Callable[[Sequence[Unit]], float | None]


def _measures(one: RowSet) -> tuple[_Measure, _Measure]:
    match one.metric:
        case "auc":
            return scoring.auc, scoring.alarms_at_half
        case "accuracy":
            return scoring.accuracy, scoring.false_alarms
        case "asked":
            return scoring.false_alarms, scoring.false_alarms
        case "caught":
            return scoring.recall, scoring.false_alarms


def _met(one: RowSet, figure: Figure, alarms: Figure | None) -> bool | None:
    if one.goal is None:
        return None
    few = alarms is None or alarms.value <= one.goal.most
    if one.metric == "asked":
        return figure.value <= one.goal.least and few
    return figure.value >= one.goal.least and few
